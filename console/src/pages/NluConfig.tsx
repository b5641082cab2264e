import { Button, Checkbox, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { changed, nlpQuery, type Nlp, type NlpValues } from "../api/train";
import { Failure, Loaded } from "../parts/Failure";
import { LanguageSelect } from "../parts/LanguageSelect";
import { Leaving } from "../parts/Leaving";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { TrainButton, TrainProgress } from "../parts/TrainButton";
import { t, type TextKey } from "../strings";

const HERE = "/signed-in/builder/$botId/training/config";

type Name = keyof NlpValues;

/** One setting: where it is sent to, and what it may hold. */
interface Setting {
  name: Name;
  label: TextKey;
  /** Engine (`ml`, `faq`, `cs`, `rr`), `params`, `advanced:ENGINE` or `flags`. */
  place: string;
  key: string;
  range?: [number, number];
  step?: number;
  words?: string[];
}

const number = (name: Name, label: TextKey, place: string, key: string, range: [number, number], step = 1): Setting => ({
  name,
  label,
  place,
  key,
  range,
  step,
});
const flag = (name: Name, label: TextKey, place: string, key: string): Setting => ({ name, label, place, key });

const sections: { id: string; title: TextKey; settings: Setting[] }[] = [
  {
    id: "ml",
    title: "explain.ml",
    settings: [
      { name: "network", label: "nlu.network", place: "advanced:ML", key: "network", words: ["Standard", "Few-shot Model"] },
      number("mlMin", "nlu.mlMin", "ml", "minThreshold", [0, 1], 0.05),
      number("mlExact", "nlu.mlExact", "ml", "exactMatchThreshold", [80, 100]),
      number("proximity", "nlu.proximity", "advanced:ML", "ml_suggestion_proximity", [0, 100]),
      flag("useSynonyms", "nlu.useSynonyms", "params", "useSynonyms"),
      flag("useStopwords", "nlu.useStopwords", "params", "useStopwords"),
      flag("usePlaceholders", "nlu.usePlaceholders", "params", "usePlaceholders"),
      flag("noneIntent", "nlu.noneIntent", "mlConfigurations", "NoneIntent"),
    ],
  },
  {
    id: "fm",
    title: "explain.fm",
    settings: [
      number("fmTolerance", "nlu.fmTolerance", "cs", "taskMatchTolerance", [0, 20]),
      number("wordCoverage", "nlu.wordCoverage", "cs", "wordCoverage", [0, 100]),
      flag("labelMatch", "nlu.labelMatch", "cs", "labelMatch"),
      flag("exactName", "nlu.exactName", "advanced:FM", "exactTaskNameMatch"),
      flag("negativePatterns", "nlu.negativePatterns", "flags", "enableNegativePatterns"),
    ],
  },
  {
    id: "kg",
    title: "explain.kg",
    settings: [
      number("faqMin", "nlu.faqMin", "faq", "minThreshold", [0, 100]),
      number("faqMax", "nlu.faqMax", "faq", "maxThreshold", [0, 100]),
      number("faqExact", "nlu.faqExact", "faq", "exactMatchThreshold", [0, 100]),
      number("faqTolerance", "nlu.faqTolerance", "faq", "taskMatchTolerance", [0, 50]),
      number("faqSuggestions", "nlu.faqSuggestions", "faq", "suggestionsCount", [0, 5]),
      number("pathCoverage", "nlu.pathCoverage", "faq", "pathCoverage", [0, 100]),
      flag("faqSynonyms", "nlu.faqSynonyms", "faq", "useBotSynonyms"),
    ],
  },
  {
    id: "rr",
    title: "chat.ranking",
    settings: [
      number("rrTolerance", "nlu.rrTolerance", "rr", "taskMatchTolerance", [0, 100]),
      flag("preferDefinitive", "nlu.preferDefinitive", "rr", "isPreferDefinitiveMatch"),
      flag("rescoring", "nlu.rescoring", "rr", "intentRescoring"),
    ],
  },
];

/** Thresholds and switches of the engines, each with its range. */
export function NluConfig() {
  const { botId } = useParams({ from: HERE });
  const { language } = useSearch({ from: HERE });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const nlp = useQuery(nlpQuery(botId, language));
  return (
    <>
      <PageHead
        title={t("nlu.title")}
        purpose={t("nlu.purpose")}
        agent={agent.data?.name}
        actions={<TrainButton botId={botId} />}
      />
      <Need permission="view">
        <Stack>
          <TrainProgress botId={botId} />
          <Loaded query={nlp} rows={8}>
            {(data) => (
              <>
                <LanguageSelect
                  languages={data.languages}
                  value={data.language}
                  change={(code) =>
                    void navigate({ to: "/builder/$botId/training/config", params: { botId }, search: { language: code } })
                  }
                />
                <Form key={`${data.language} ${JSON.stringify(data.values)}`} botId={botId} data={data} />
              </>
            )}
          </Loaded>
        </Stack>
      </Need>
    </>
  );
}

/** What is sent for the settings that changed. */
function bodyOf(values: NlpValues, before: NlpValues) {
  const engines = new Map<string, Record<string, unknown>>();
  const params: Record<string, unknown> = {};
  const models: Record<string, unknown> = {};
  const flags: Record<string, unknown> = {};
  const advanced: { configurationKeyName: string; configurationValue: unknown; nlpEngine: string }[] = [];
  for (const { name, place, key } of sections.flatMap((section) => section.settings)) {
    const value = values[name];
    if (value === before[name]) continue;
    if (place === "params") params[key] = value;
    else if (place === "mlConfigurations") models[key] = value;
    else if (place === "flags") flags[key] = value;
    else if (place.startsWith("advanced:")) {
      advanced.push({ configurationKeyName: key, configurationValue: value, nlpEngine: place.slice(9) });
    } else engines.set(place, { ...engines.get(place), [key]: value });
  }
  // minimum and maximum of an engine are checked together
  for (const [mode, set] of engines) {
    if (mode === "faq" && ("minThreshold" in set || "maxThreshold" in set)) {
      Object.assign(set, { minThreshold: values.faqMin, maxThreshold: values.faqMax });
    }
  }
  const some = (object: Record<string, unknown>) => Object.keys(object).length > 0;
  const mlParams = {
    ...(some(params) ? { intentParams: params } : {}),
    ...(some(models) ? { mlConfigurations: models } : {}),
  };
  return {
    ...(engines.size > 0 ? { configurations: [...engines].map(([mode, set]) => ({ mode, ...set })) } : {}),
    ...(advanced.length > 0 ? { advancedNLPSettings: advanced } : {}),
    ...(some(mlParams) ? { mlParams } : {}),
    ...(some(flags) ? { nlSettings: flags } : {}),
  };
}

function Form({ botId, data }: { botId: string; data: Nlp }) {
  const may = useMay("agents");
  const [values, setValues] = useState(data.values);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const names = Object.keys(values) as Name[];
  const unsaved = names.filter((name) => values[name] !== data.values[name]).length;
  const blocker = useBlocker({
    shouldBlockFn: () => unsaved > 0 && !busy,
    enableBeforeUnload: () => unsaved > 0 && !busy,
    withResolver: true,
  });
  const set = (name: Name, value: string | number | boolean) => setValues((before) => ({ ...before, [name]: value }));
  const save = async () => {
    if (busy) return;
    if (values.faqMin > values.faqMax) {
      setError(new Error(t("nlu.order")));
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      const params = { path: { botId }, query: { language: data.language } };
      const body = bodyOf(values, data.values) as never;
      await take(api.PUT("/agents/{botId}/training/config", { params, body }));
      await changed(botId);
      succeeded(t("nlu.saved"));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack gap="lg" maw={640}>
        {sections.map((section) => (
          <fieldset key={section.id} className="group">
            <legend>{t(section.title)}</legend>
            <Stack gap="sm" py="xs">
              {section.settings.map((one) => (
                <Field
                  key={one.name}
                  setting={one}
                  value={values[one.name]}
                  usual={data.defaults[one.name]}
                  readOnly={!may}
                  set={(value) => set(one.name, value)}
                />
              ))}
            </Stack>
          </fieldset>
        ))}
        {error !== undefined && <Failure error={error} />}
        {may && (
          <div className="sticky-foot">
            <Button type="submit" loading={busy} disabled={unsaved === 0}>
              {t("common.save")}
            </Button>
            <Button variant="default" onClick={() => setValues({ ...data.defaults, network: values.network })}>
              {t("nlu.reset")}
            </Button>
            {unsaved > 0 && (
              <Text c="dimmed" size="sm" role="status">
                {t("nlu.unsaved", { count: unsaved })}
              </Text>
            )}
          </div>
        )}
      </Stack>
      {blocker.status === "blocked" && <Leaving stay={blocker.reset} discard={blocker.proceed} />}
    </form>
  );
}

interface FieldProps {
  setting: Setting;
  value: string | number | boolean;
  usual: string | number | boolean;
  readOnly: boolean;
  set: (value: string | number | boolean) => void;
}

function Field({ setting, value, usual, readOnly, set }: FieldProps) {
  const { label, range, step, words } = setting;
  if (words) {
    return (
      <Select
        label={t(label)}
        allowDeselect={false}
        data={words}
        value={String(value)}
        readOnly={readOnly}
        onChange={(word) => word && set(word)}
      />
    );
  }
  if (range) {
    return (
      <NumberInput
        label={t(label)}
        description={t("nlu.range", { low: range[0], high: range[1], usual: String(usual) })}
        w={320}
        maw="100%"
        min={range[0]}
        max={range[1]}
        step={step}
        decimalScale={2}
        clampBehavior="blur"
        readOnly={readOnly}
        value={Math.round(Number(value) * 100) / 100}
        onChange={(next) => typeof next === "number" && set(next)}
      />
    );
  }
  return (
    <Group>
      <Checkbox
        label={t(label)}
        disabled={readOnly}
        checked={value === true}
        onChange={(event) => set(event.currentTarget.checked)}
      />
    </Group>
  );
}
