import { Button, Group, Modal, Stack, Tabs, TagsInput, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { changed, synonymsQuery, type Term } from "../api/train";
import { EditableList } from "../parts/EditableList";
import { Loaded } from "../parts/Failure";
import { LanguageSelect } from "../parts/LanguageSelect";
import { Need, useMay } from "../parts/Need";
import { failed, succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { isStale, SaveFailure } from "../parts/Stale";
import { TrainButton, TrainProgress } from "../parts/TrainButton";
import { t } from "../strings";

const HERE = "/signed-in/builder/$botId/training/synonyms";

interface Where {
  botId: string;
  language: string;
}

async function write({ botId, language }: Where, term: string, words: string[], tag: string): Promise<void> {
  const params = { path: { botId }, query: { language }, header: { "if-match": tag } };
  await take(api.PUT("/agents/{botId}/training/synonyms", { params, body: { term, words } }));
  await changed(botId);
}

/** Words that mean the same, and concepts. */
export function Synonyms() {
  const { botId } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const terms = useQuery(synonymsQuery(botId, search.language));
  const concepts = search.tab === "concepts";
  const go = (next: typeof search) =>
    void navigate({ to: "/builder/$botId/training/synonyms", params: { botId }, search: { ...search, ...next } });
  return (
    <>
      <PageHead
        title={t("synonyms.title")}
        purpose={t("synonyms.purpose")}
        agent={agent.data?.name}
        actions={<TrainButton botId={botId} />}
      />
      <Need permission="view">
        <Stack>
          <TrainProgress botId={botId} />
          <Loaded query={terms}>
            {(data) => (
              <>
                <LanguageSelect
                  languages={data.languages}
                  value={data.language}
                  change={(language) => go({ language })}
                />
                <Tabs
                  value={concepts ? "concepts" : "words"}
                  onChange={(tab) => go({ tab: tab === "concepts" ? "concepts" : undefined })}
                  keepMounted={false}
                >
                  <Tabs.List mb="md">
                    <Tabs.Tab value="words">{t("synonyms.words")}</Tabs.Tab>
                    <Tabs.Tab value="concepts">{t("synonyms.concepts")}</Tabs.Tab>
                  </Tabs.List>
                  {(["words", "concepts"] as const).map((tab) => (
                    <Tabs.Panel key={tab} value={tab}>
                      <TermList
                        where={{ botId, language: data.language }}
                        concepts={tab === "concepts"}
                        items={data.items.filter((one) => one.term.startsWith("~") === (tab === "concepts"))}
                      />
                    </Tabs.Panel>
                  ))}
                </Tabs>
              </>
            )}
          </Loaded>
        </Stack>
      </Need>
    </>
  );
}

function TermList({ where, concepts, items }: { where: Where; concepts: boolean; items: Term[] }) {
  const may = useMay("agents");
  const [adding, setAdding] = useState(false);
  return (
    <>
      <EditableList
        items={items}
        id={(one) => one.term}
        words={(one) => [one.term, ...one.words].join(" ")}
        label={concepts ? t("synonyms.concepts") : t("synonyms.words")}
        search={t("synonyms.search")}
        empty={concepts ? t("synonyms.noConcepts") : t("synonyms.empty")}
        minWidth={560}
        may={may}
        create={
          may && (
            <Button onClick={() => setAdding(true)}>{concepts ? t("synonyms.newConcept") : t("synonyms.new")}</Button>
          )
        }
        columns={[
          { head: t("synonyms.term"), width: 220, cell: (one) => <Text fw={500}>{one.term}</Text> },
          {
            head: t("synonyms.means"),
            cell: (one) => (may ? <Words key={one.tag} where={where} term={one} /> : one.words.join(", ")),
          },
        ]}
        remove={{
          label: (one) => t("synonyms.remove", { term: one.term }),
          title: t("synonyms.removeTitle"),
          button: t("synonyms.removeButton"),
          text: ([one]) => one && t("synonyms.removeText", { term: one.term }),
          act: async (gone) => {
            for (const one of gone) {
              await write(where, one.term, [], one.tag);
              succeeded(t("synonyms.removed", { term: one.term }), true);
            }
          },
        }}
      />
      {adding && <NewTerm where={where} concepts={concepts} close={() => setAdding(false)} />}
    </>
  );
}

/** The words of a term; each is saved when it is entered. */
function Words({ where, term }: { where: Where; term: Term }) {
  const [words, setWords] = useState(term.words);
  const [stale, setStale] = useState<unknown>();
  const save = async (next: string[]) => {
    // The last word goes with the term, and that is asked first.
    if (next.length === 0) return;
    setWords(next);
    setStale(undefined);
    try {
      await write(where, term.term, next, term.tag);
    } catch (problem) {
      if (isStale(problem)) {
        setStale(problem);
        return;
      }
      setWords(term.words);
      failed(problem);
      void changed(where.botId);
    }
  };
  return (
    <Stack gap="xs">
      <TagsInput
        aria-label={t("synonyms.wordsOf", { term: term.term })}
        value={words}
        maxLength={200}
        splitChars={[","]}
        onChange={(next) => void save(next)}
        comboboxProps={{ disabled: true }}
      />
      <SaveFailure error={stale} load={() => changed(where.botId)} keep={() => setStale(undefined)} />
    </Stack>
  );
}

function NewTerm({ where, concepts, close }: { where: Where; concepts: boolean; close: () => void }) {
  const [term, setTerm] = useState(concepts ? "~" : "");
  const [words, setWords] = useState<string[]>([]);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = async () => {
    const bare = term.replace(/^~+/, "").trim();
    setMissing(!bare || words.length === 0);
    if (!bare || words.length === 0 || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const name = concepts ? `~${bare}` : bare;
      await write(where, name, words, "new");
      succeeded(t("synonyms.saved", { term: name }));
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={concepts ? t("synonyms.newConcept") : t("synonyms.new")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack>
          <TextInput
            data-autofocus
            label={t("synonyms.term")}
            description={concepts ? t("synonyms.conceptHint") : undefined}
            required
            maxLength={200}
            value={term}
            onChange={(event) => setTerm(event.currentTarget.value)}
          />
          <TagsInput
            label={t("synonyms.means")}
            description={t("synonyms.wordsHint")}
            value={words}
            maxLength={200}
            splitChars={[","]}
            onChange={setWords}
            comboboxProps={{ disabled: true }}
          />
          {missing && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {t("synonyms.missing")}
            </Text>
          )}
          <SaveFailure
            error={error}
            load={async () => {
              await changed(where.botId);
              close();
            }}
            keep={() => setError(undefined)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
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
