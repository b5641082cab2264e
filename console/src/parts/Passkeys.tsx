import { Button, Group, Modal, Stack, Table, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import { client, passkeysQuery, sessionsQuery } from "../api/queries";
import { t } from "../strings";
import { Ask } from "./Ask";
import { Failure, Loaded } from "./Failure";
import { useReturnFocus } from "./focus";
import { succeeded } from "./notify";
import { focusHeading } from "./PageHead";
import { addPasskey, hasPasskeys, isKnown, wasLeft } from "./passkey";
import { Rows } from "./Rows";
import { useProof } from "./StepUp";
import { when } from "./time";

interface Item {
  id: string;
  name: string;
}

const refresh = () =>
  Promise.all([
    client.invalidateQueries({ queryKey: passkeysQuery.queryKey }),
    client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  ]);

/** The person's passkeys: add, name, remove. */
export function Passkeys() {
  const query = useQuery(passkeysQuery);
  const [naming, setNaming] = useState<Item | "new">();
  const [removing, setRemoving] = useState<Item>();
  return (
    <>
      <Loaded query={query} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t("passkey.empty")}</Text>
          ) : (
            <Rows label={t("passkey.title")} minWidth={620}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("common.name")}</Table.Th>
                  <Table.Th>{t("passkey.host")}</Table.Th>
                  <Table.Th>{t("passkey.added")}</Table.Th>
                  <Table.Th>{t("passkey.used")}</Table.Th>
                  <Table.Th>{t("common.actions")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((item) => (
                  <Table.Tr key={item.id}>
                    <Table.Td fw={500}>{item.name}</Table.Td>
                    <Table.Td>{item.host}</Table.Td>
                    <Table.Td>{when(item.createdAt)}</Table.Td>
                    <Table.Td>{when(item.lastUsedAt)}</Table.Td>
                    <Table.Td>
                      <Group gap="xs" wrap="nowrap">
                        <Button
                          size="compact-sm"
                          variant="default"
                          aria-label={t("passkey.renameNamed", { name: item.name })}
                          onClick={() => setNaming(item)}
                        >
                          {t("passkey.rename")}
                        </Button>
                        <Button
                          size="compact-sm"
                          variant="default"
                          aria-label={t("passkey.removeNamed", { name: item.name })}
                          onClick={() => setRemoving(item)}
                        >
                          {t("passkey.remove")}
                        </Button>
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Rows>
          )
        }
      </Loaded>
      {hasPasskeys() ? (
        <Group>
          <Button variant="default" onClick={() => setNaming("new")}>
            {t("passkey.add")}
          </Button>
        </Group>
      ) : (
        <Text size="sm" c="dimmed">
          {t("passkey.unable")}
        </Text>
      )}
      {naming && (
        <Naming passkey={naming === "new" ? undefined : naming} close={() => setNaming(undefined)} />
      )}
      {removing && (
        <Ask
          title={t("passkey.removeTitle")}
          button={t("passkey.remove")}
          close={() => setRemoving(undefined)}
          act={async () => {
            const params = { path: { id: removing.id } };
            await take(api.DELETE("/session/passkeys/{id}", { params }));
            await refresh();
            succeeded(t("passkey.removed", { name: removing.name }), true);
            focusHeading();
          }}
        >
          <Text>{t("passkey.removeText", { name: removing.name })}</Text>
        </Ask>
      )}
    </>
  );
}

/** Asks for a name; for a new passkey the browser then asks for the device. */
function Naming({ passkey, close }: { passkey?: Item; close: () => void }) {
  useReturnFocus();
  const [name, setName] = useState(passkey?.name ?? "");
  const [problem, setProblem] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const withProof = useProof();
  const submit = async () => {
    const wrong = name.trim() ? undefined : t("common.required");
    setProblem(wrong);
    if (wrong || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const worked = await withProof(async () => {
        if (passkey) {
          const params = { path: { id: passkey.id } };
          await take(api.PATCH("/session/passkeys/{id}", { params, body: { name: name.trim() } }));
        } else {
          await addPasskey(name.trim());
        }
        return true;
      });
      if (!worked) return;
      await refresh();
      succeeded(t(passkey ? "passkey.renamed" : "passkey.nowAdded", { name: name.trim() }));
      close();
    } catch (reason) {
      const field = reason instanceof ApiError ? reason.field("name") : undefined;
      if (field) setProblem(field);
      else if (isKnown(reason)) setProblem(t("passkey.known"));
      else if (wasLeft(reason)) setProblem(t("passkey.left"));
      else setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t(passkey ? "passkey.renameTitle" : "passkey.add")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack>
          {!passkey && <Text>{t("passkey.addText")}</Text>}
          <TextInput
            label={t("common.name")}
            description={t("passkey.nameHint")}
            required
            data-autofocus
            maxLength={64}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={problem}
          />
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t(passkey ? "common.save" : "passkey.go")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
