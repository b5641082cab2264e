import { Alert, Button, Checkbox, Group, Modal, Select, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import { changed, type FaqDetail, type Faqs, type Node } from "../api/train";
import { t } from "../strings";
import { Leaving } from "./Leaving";
import { succeeded } from "./notify";
import { SaveFailure } from "./Stale";

interface Props {
  botId: string;
  data: Faqs;
  /** The question to be changed; a new one when missing. */
  faq?: FaqDetail;
  /** The node where a new one is put first. */
  under?: string;
  close: () => void;
}

interface AnswerField {
  text: string;
  /** Its place, when it is more than text and is kept as it is. */
  keep?: number;
}

/** Labels from the root to a node. */
export function pathOf(nodes: Node[], node: Node): string {
  const labels = [node.label];
  let at = nodes.find((one) => one.id === node.parent);
  while (at && labels.length < 12) {
    labels.unshift(at.label);
    const parent: string | null | undefined = at.parent;
    at = nodes.find((one) => one.id === parent);
  }
  return labels.join(" › ");
}

/** A question with other ways to ask it and its answers. */
export function FaqForm({ botId, data, faq, under, close }: Props) {
  const [question, setQuestion] = useState(faq?.question ?? "");
  const [alternates, setAlternates] = useState(faq?.alternates.join("\n") ?? "");
  const [answers, setAnswers] = useState<AnswerField[]>(
    () => faq?.answers.map((one, i) => (one.plain ? { text: one.text } : { text: one.text, keep: i })) ?? [{ text: "" }],
  );
  const [node, setNode] = useState<string | null>(faq?.node ?? under ?? data.nodes.find((one) => !one.parent)?.id ?? null);
  const [tags, setTags] = useState(faq?.tags ?? []);
  const [reference, setReference] = useState(faq?.reference ?? "");
  const [enabled, setEnabled] = useState(faq?.enabled ?? true);
  const [touched, setTouched] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const wrong = (name: string) => (error instanceof ApiError ? error.field(name) : undefined);
  const leave = () => (touched ? setLeaving(true) : close());
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const body = {
        question,
        alternates: alternates.split(/\r?\n/).filter((line) => line.trim()),
        answers,
        node,
        tags,
        reference,
        enabled,
      };
      if (faq) {
        const params = { path: { botId, faqKey: faq.key }, header: { "if-match": faq.tag } };
        await take(api.PUT("/agents/{botId}/faqs/{faqKey}", { params, body }));
      } else {
        const params = { path: { botId }, query: { language: data.language } };
        await take(api.POST("/agents/{botId}/faqs", { params, body }));
      }
      close();
      await changed(botId);
      succeeded(t("faqs.saved"));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={leave}
      title={faq ? t("faqs.editTitle") : t("faqs.newTitle")}
      size="xl"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        noValidate
        onChange={() => setTouched(true)}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack>
          <TextInput
            data-autofocus
            label={t("faqs.question")}
            required
            maxLength={3000}
            value={question}
            error={wrong("question")}
            onChange={(event) => setQuestion(event.currentTarget.value)}
          />
          <Textarea
            label={t("faqs.alternateQuestions")}
            description={t("faqs.alternateHint")}
            autosize
            minRows={2}
            maxRows={10}
            value={alternates}
            error={wrong("alternates")}
            onChange={(event) => setAlternates(event.currentTarget.value)}
          />
          {faq?.dialog && <Alert color="gray">{t("faqs.runs", { dialog: faq.dialog })}</Alert>}
          {answers.map((answer, i) => {
            const name = i === 0 ? t("faqs.response") : t("faqs.alternateResponse", { number: i });
            return answer.keep === undefined ? (
              <Group key={i} align="flex-end" gap="xs" wrap="nowrap">
                <Textarea
                  flex={1}
                  label={name}
                  autosize
                  minRows={2}
                  maxRows={12}
                  value={answer.text}
                  error={i === 0 ? wrong("answers") : wrong(`answers[${i}]`)}
                  onChange={(event) => {
                    const text = event.currentTarget.value;
                    setAnswers(answers.map((one, at) => (at === i ? { text } : one)));
                  }}
                />
                {answers.length > 1 && (
                  <Button variant="default" onClick={() => setAnswers(answers.filter((_, at) => at !== i))}>
                    {t("faqs.dropResponse")}
                  </Button>
                )}
              </Group>
            ) : (
              <div key={i} className="card">
                <Text fw={500}>{name}</Text>
                <Text size="xs" c="dimmed">
                  {t("faqs.kept")}
                </Text>
                <pre className="json" tabIndex={0}>
                  {answer.text}
                </pre>
              </div>
            );
          })}
          <Group>
            <Button variant="default" size="compact-sm" onClick={() => setAnswers([...answers, { text: "" }])}>
              {t("faqs.addResponse")}
            </Button>
          </Group>
          {data.nodes.length > 0 && (
            <Select
              label={t("faqs.node")}
              searchable
              value={node}
              error={wrong("node")}
              onChange={(value) => {
                setTouched(true);
                setNode(value);
              }}
              data={data.nodes.map((one) => ({ value: one.id, label: pathOf(data.nodes, one) }))}
              comboboxProps={{ zIndex: 400 }}
            />
          )}
          <TagsInput
            label={t("faqs.tags")}
            value={tags}
            maxLength={200}
            onChange={(next) => {
              setTouched(true);
              setTags(next);
            }}
            comboboxProps={{ disabled: true }}
          />
          <TextInput
            label={t("faqs.reference")}
            description={t("faqs.referenceHint")}
            maxLength={255}
            value={reference}
            error={wrong("reference")}
            onChange={(event) => setReference(event.currentTarget.value)}
          />
          <Checkbox
            label={t("faqs.status")}
            description={t("faqs.statusHint")}
            checked={enabled}
            onChange={(event) => setEnabled(event.currentTarget.checked)}
          />
          <SaveFailure error={error} load={() => changed(botId)} keep={() => setError(undefined)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={leave}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
      {leaving && <Leaving stay={() => setLeaving(false)} discard={close} />}
    </Modal>
  );
}
