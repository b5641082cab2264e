import { Anchor, Checkbox, List, Text } from "@mantine/core";
import type { Scope } from "../api/types";
import { t } from "../strings";

interface Props {
  group: string;
  scopes: Scope[];
  ticked: ReadonlySet<string>;
  change: (ticked: ReadonlySet<string>) => void;
}

/** One group of scopes with a box for each and one for all. */
export function ScopeGroup({ group, scopes, ticked, change }: Props) {
  if (scopes.length === 0) return null;
  const on = scopes.filter((scope) => ticked.has(scope.id)).length;
  const set = (ids: string[], value: boolean) => {
    const next = new Set(ticked);
    for (const id of ids) {
      if (value) next.add(id);
      else next.delete(id);
    }
    change(next);
  };
  return (
    <fieldset className="group">
      <legend>{group}</legend>
      <Checkbox
        my="xs"
        label={t("scopes.selectAll", { group })}
        checked={on === scopes.length}
        indeterminate={on > 0 && on < scopes.length}
        onChange={(event) => set(scopes.map((scope) => scope.id), event.currentTarget.checked)}
      />
      {scopes.map((scope) => (
        <div className="scope" key={scope.id}>
          <Checkbox
            label={scope.name}
            description={scope.description || undefined}
            checked={ticked.has(scope.id)}
            onChange={(event) => set([scope.id], event.currentTarget.checked)}
          />
          <details>
            <summary aria-label={`${t("scopes.operations")}: ${scope.name}`}>
              {t("scopes.operations")}
            </summary>
            {scope.operations.length === 0 ? (
              <Text size="xs" c="dimmed">
                {t("scopes.noOperations")}
              </Text>
            ) : (
              <List size="xs">
                {scope.operations.map((operation) => (
                  <List.Item key={operation}>
                    <Anchor className="mono" href={`/docs/api#${operation}`}>
                      {operation}
                    </Anchor>
                  </List.Item>
                ))}
              </List>
            )}
          </details>
        </div>
      ))}
    </fieldset>
  );
}
