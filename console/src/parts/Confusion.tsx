import { t } from "../strings";

/** How often one thing was taken for another. */
export interface Pair {
  expected: string;
  found: string;
  count: number;
}

interface Props {
  pairs: Pair[];
  label: string;
}

/** Rows and columns at most: those with most mistakes. */
const SIZE = 14;

/** What was expected against what was found. Each cell has its number; the shade says the same once more. */
export function Confusion({ pairs, label }: Props) {
  const wrong = pairs.filter((pair) => pair.expected !== pair.found);
  const weight = new Map<string, number>();
  for (const { expected, found, count } of wrong) {
    weight.set(expected, (weight.get(expected) ?? 0) + count);
    weight.set(found, (weight.get(found) ?? 0) + count);
  }
  const names = [...weight]
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
    .slice(0, SIZE)
    .map(([name]) => name);
  if (names.length === 0) return null;
  const rows = names.filter((name) => pairs.some((pair) => pair.expected === name));
  const at = (expected: string, found: string) =>
    pairs.filter((p) => p.expected === expected && p.found === found).reduce((sum, p) => sum + p.count, 0);
  const most = Math.max(1, ...wrong.map((pair) => pair.count));
  const say = (name: string) => name || t("quality.nothing");
  return (
    <div className="confusion" role="region" aria-label={label} tabIndex={0}>
      <table>
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">{t("quality.expected")}</th>
            {names.map((name) => (
              <th key={name} scope="col">
                <span>{say(name)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((expected) => (
            <tr key={expected}>
              <th scope="row">{say(expected)}</th>
              {names.map((found) => {
                const count = at(expected, found);
                const right = expected === found;
                const shade = right || count === 0 ? 0 : Math.round((count / most) * 4);
                return (
                  <td key={found} data-right={right || undefined} data-shade={shade || undefined}>
                    {count > 0 ? count : ""}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
