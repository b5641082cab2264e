import { Button, Group, Modal, Radio, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import { changed, type Faqs, type Node } from "../api/train";
import { t } from "../strings";
import { pathOf } from "./FaqForm";
import { succeeded } from "./notify";
import { SaveFailure } from "./Stale";

/** Every node below this one, itself included. */
export function below(nodes: Node[], id: string): Set<string> {
  const all = new Set([id]);
  for (let before = 0; before < all.size; ) {
    before = all.size;
    for (const node of nodes) if (node.parent && all.has(node.parent)) all.add(node.id);
  }
  return all;
}

interface Props {
  botId: string;
  data: Faqs;
  /** The node to be changed; a new one when missing. */
  node?: Node;
  /** Where a new one is put first. */
  under?: string;
  close: (id?: string) => void;
  /** Begins anew with what others wrote. */
  load?: () => Promise<void>;
}

/** A node of the graph: its words, how it counts, and where it stands. */
export function NodeForm({ botId, data, node, under, close, load }: Props) {
  const root = data.nodes.find((one) => !one.parent);
  const [label, setLabel] = useState(node?.label ?? "");
  const [parent, setParent] = useState<string | null>(node ? (node.parent ?? null) : (under ?? root?.id ?? null));
  const [usage, setUsage] = useState<string>(node?.usage ?? "default");
  const [synonyms, setSynonyms] = useState(node?.synonyms ?? []);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const wrong = (name: string) =>
    error instanceof ApiError
      ? (error.field(name) ?? error.fields.find((one) => one.field.startsWith(`${name}[`))?.message)
      : undefined;
  const own = node ? below(data.nodes, node.id) : new Set<string>();
  const places = data.nodes.filter((one) => !own.has(one.id));
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const body = { label, usage, synonyms, ...(parent ? { parent } : {}) };
      let id = node?.id;
      if (node) {
        const params = { path: { botId, nodeId: node.id }, header: { "if-match": node.tag } };
        await take(api.PUT("/agents/{botId}/graph/nodes/{nodeId}", { params, body }));
      } else {
        const params = { path: { botId }, query: { language: data.language } };
        id = (await take(api.POST("/agents/{botId}/graph/nodes", { params, body }))).id;
      }
      await changed(botId);
      succeeded(t("nodes.saved", { name: label.trim() }));
      close(id);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={() => close()}
      title={node ? t("nodes.editTitle") : t("nodes.new")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack>
          <TextInput
            data-autofocus
            label={t("nodes.label")}
            required
            maxLength={200}
            value={label}
            error={wrong("label")}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          {(node ? node.parent : root) && (
            <Select
              label={t("nodes.parent")}
              description={node ? t("nodes.parentHint") : undefined}
              searchable
              allowDeselect={false}
              data={places.map((one) => ({ value: one.id, label: pathOf(data.nodes, one) }))}
              value={parent}
              error={wrong("parent")}
              onChange={setParent}
              comboboxProps={{ zIndex: 400 }}
            />
          )}
          <Radio.Group label={t("nodes.usage")} value={usage} onChange={setUsage} error={wrong("usage")}>
            <Stack gap="xs" mt={6}>
              <Radio value="default" label={t("nodes.default")} description={t("nodes.defaultHint")} />
              <Radio value="mandatory" label={t("nodes.mandatory")} description={t("nodes.mandatoryHint")} />
              <Radio value="organizer" label={t("nodes.organizer")} description={t("nodes.organizerHint")} />
            </Stack>
          </Radio.Group>
          <TagsInput
            label={t("nodes.synonyms")}
            description={t("nodes.synonymsHint")}
            value={synonyms}
            maxLength={200}
            splitChars={[","]}
            error={wrong("synonyms")}
            onChange={setSynonyms}
            comboboxProps={{ disabled: true }}
          />
          <SaveFailure error={error} load={load ?? (() => changed(botId))} keep={() => setError(undefined)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => close()}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
