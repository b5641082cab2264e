import { Anchor, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { platformKeyQuery } from "../api/queries";
import { t } from "../strings";
import { Copy } from "./Copy";
import { Loaded } from "./Failure";

/** The platform's public key, which clients encrypt for. */
export function PlatformKey({ label }: { label: string }) {
  const query = useQuery(platformKeyQuery);
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <Loaded query={query} rows={2}>
        {(key) => (
          <>
            <Group gap="xs" wrap="nowrap" align="flex-start" className="card">
              <Text
                className="mono"
                size="xs"
                data-testid="platform-key"
                style={{ overflowWrap: "anywhere", maxHeight: 120, overflowY: "auto" }}
                tabIndex={0}
                role="group"
                aria-label={label}
              >
                {JSON.stringify(key)}
              </Text>
              <Copy value={JSON.stringify(key)} name={label} />
            </Group>
            <Group gap="md">
              <Text size="xs">{t("payload.kid", { kid: key.kid ?? "" })}</Text>
              <Anchor href="/.well-known/jwks.json" size="xs">
                {t("keys.jwks")}
              </Anchor>
            </Group>
          </>
        )}
      </Loaded>
    </Stack>
  );
}
