import type { ReactNode } from "react";
import { Copy } from "./Copy";

/** One line of a `dl.facts`; with `copy` the value gets a copy button, and an id is shown as one. */
export function Fact({ label, value, copy }: { label: string; value: ReactNode; copy?: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {copy === undefined || !/^(st|cs)-/.test(copy) ? value : <span className="mono">{value}</span>}
        {copy !== undefined && <Copy value={copy} name={label} />}
      </dd>
    </>
  );
}
