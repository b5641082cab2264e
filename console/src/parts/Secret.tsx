import { Button } from "@mantine/core";
import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { api, take } from "../api/client";
import { t } from "../strings";
import { Copy } from "./Copy";
import { failed } from "./notify";
import { useProof } from "./StepUp";

/** Of fixed length, so that it says nothing of the secret. */
const MASK = "••••••••";

interface Props {
  clientId: string;
  /** The secret itself, right after it was made; otherwise the server is asked for it. */
  known?: string;
}

/** A masked client secret. Shown for 60 s at most, and never kept beyond this element. */
export function Secret({ clientId, known }: Props) {
  const [shown, setShown] = useState<string>();
  const withProof = useProof();

  useEffect(() => {
    if (shown === undefined) return;
    const mask = () => setShown(undefined);
    const timer = window.setTimeout(mask, 60_000);
    window.addEventListener("blur", mask);
    window.addEventListener("pagehide", mask);
    return () => {
      window.clearTimeout(timer);
      window.removeEventListener("blur", mask);
      window.removeEventListener("pagehide", mask);
    };
  }, [shown]);
  useEffect(() => setShown(undefined), [clientId]);

  const fetchSecret = async (): Promise<string | undefined> => {
    if (known !== undefined) return known;
    try {
      const answer = await withProof(() =>
        take(api.POST("/apps/{clientId}/secret/reveal", { params: { path: { clientId } } })),
      );
      return answer?.secret;
    } catch (error) {
      failed(error);
      return undefined;
    }
  };

  return (
    <>
      <span className="mono" data-testid="secret">
        {shown ?? MASK}
      </span>
      {shown === undefined ? (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconEye size={14} aria-hidden />}
          aria-label={t("sdk.revealNamed")}
          onClick={() => void fetchSecret().then(setShown)}
        >
          {t("sdk.reveal")}
        </Button>
      ) : (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconEyeOff size={14} aria-hidden />}
          onClick={() => setShown(undefined)}
        >
          {t("sdk.hide")}
        </Button>
      )}
      <Copy value={fetchSecret} name={t("sdk.clientSecret")} />
    </>
  );
}
