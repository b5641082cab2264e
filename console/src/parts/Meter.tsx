interface Props {
  /** 0 to 100. */
  value: number;
  /** What is written beside the bar. */
  text: string;
  /** Where the bar must come to, 0 to 100. */
  mark?: number;
}

/** A score as a bar and as a number; a line stands where the threshold is. */
export function Meter({ value, text, mark }: Props) {
  const part = (n: number) => `${Math.max(0, Math.min(100, n))}%`;
  return (
    <span className="score-line">
      <span className="meter wide" aria-hidden>
        <span style={{ width: part(value) }} />
        {mark !== undefined && <i style={{ left: part(mark) }} />}
      </span>
      <span className="number">{text}</span>
    </span>
  );
}
