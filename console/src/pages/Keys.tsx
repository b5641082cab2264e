import { Alert, Anchor, Button, Group, Stack, Table, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import { client, keysQuery } from "../api/queries";
import type { PlatformKey } from "../api/types";
import { Ask } from "../parts/Ask";
import { Copy } from "../parts/Copy";
import { Loaded } from "../parts/Failure";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { State } from "../parts/State";
import { when } from "../parts/time";
import { TypedName } from "../parts/TypedName";
import { useProof } from "../parts/StepUp";
import { t } from "../strings";

/** The keys that clients encrypt tokens and payloads for. */
export function Keys() {
  const keys = useQuery(keysQuery);
  const may = useMay("account");
  const [rotating, setRotating] = useState(false);
  const [retiring, setRetiring] = useState<PlatformKey>();
  const withProof = useProof();
  const refresh = async (text: string) => {
    await client.invalidateQueries({ queryKey: keysQuery.queryKey });
    succeeded(text, true);
    focusHeading();
  };
  return (
    <>
      <PageHead
        title={t("keys.title")}
        purpose={t("keys.purpose")}
        actions={may && <Button onClick={() => setRotating(true)}>{t("keys.rotate")}</Button>}
      />
      <Need permission="view">
        <Stack gap="lg">
          <Alert color="gray" icon={<IconInfoCircle aria-hidden />}>
            <Group gap="md">
              <Text size="sm">{t("keys.published")}</Text>
              <Anchor href="/.well-known/jwks.json" size="sm">
                {t("keys.jwks")}
              </Anchor>
            </Group>
          </Alert>
          <Loaded query={keys}>
            {({ items }) => <KeyTable items={items} retire={may ? setRetiring : undefined} />}
          </Loaded>
        </Stack>
      </Need>
      {rotating && (
        <Ask
          title={t("keys.rotate")}
          button={t("keys.rotate")}
          close={() => setRotating(false)}
          act={async () => {
            await take(api.POST("/keys/rotate"));
            await refresh(t("keys.rotated"));
          }}
        >
          <Text>{t("keys.rotateText")}</Text>
        </Ask>
      )}
      {retiring && (
        <TypedName
          title={t("keys.retire")}
          name={retiring.kid}
          button={t("keys.retire")}
          close={() => setRetiring(undefined)}
          act={async () => {
            const params = { path: { kid: retiring.kid } };
            const done = await withProof(async () => {
              await take(api.POST("/keys/{kid}/retire", { params }));
              return true;
            });
            if (!done) throw new ApiError({ status: 403, detail: t("stepUp.text") });
            setRetiring(undefined);
            await refresh(t("keys.nowRetired"));
          }}
        >
          <Text>{t("keys.retireText")}</Text>
        </TypedName>
      )}
    </>
  );
}

function KeyState({ state }: { state: string }) {
  if (state === "current") return <State kind="good" word={t("keys.current")} />;
  if (state === "decrypt_only") return <State kind="waiting" word={t("keys.decryptOnly")} />;
  return <State kind="none" word={t("keys.retired")} />;
}

interface TableProps {
  items: PlatformKey[];
  retire?: (key: PlatformKey) => void;
}

function KeyTable({ items, retire }: TableProps) {
  if (items.length === 0) return <Rows.Empty text={t("keys.empty")} />;
  return (
    <Rows label={t("keys.title")} minWidth={980}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("keys.kid")}</Table.Th>
          <Table.Th>{t("keys.kty")}</Table.Th>
          <Table.Th>{t("keys.generation")}</Table.Th>
          <Table.Th>{t("common.state")}</Table.Th>
          <Table.Th>{t("keys.created")}</Table.Th>
          <Table.Th>{t("keys.publicKey")}</Table.Th>
          <Table.Th>{t("common.actions")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((key) => (
          <Table.Tr key={key.kid}>
            <Table.Td className="mono" style={{ overflowWrap: "anywhere" }}>
              {key.kid} <Copy value={key.kid} name={t("keys.kid")} />
            </Table.Td>
            <Table.Td>{key.kty}</Table.Td>
            <Table.Td className="number">{key.generation}</Table.Td>
            <Table.Td>
              <KeyState state={key.state} />
            </Table.Td>
            <Table.Td>{when(key.createdAt)}</Table.Td>
            <Table.Td>
              <Copy value={JSON.stringify(key.publicKey)} name={t("keys.publicKeyOf", { kid: key.kid })} />
            </Table.Td>
            <Table.Td>
              {retire && key.state === "decrypt_only" ? (
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={t("keys.retireNamed", { kid: key.kid })}
                  onClick={() => retire(key)}
                >
                  {t("keys.retire")}
                </Button>
              ) : (
                t("common.none")
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Rows>
  );
}
