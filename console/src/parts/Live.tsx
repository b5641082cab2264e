import { VisuallyHidden } from "@mantine/core";
import { useSyncExternalStore } from "react";

let words = "";
const listeners = new Set<() => void>();

/** Says `text` to screen readers. */
export function announce(text: string): void {
  words = text;
  listeners.forEach((listener) => listener());
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

/** The one polite live region of the console. */
export function Live() {
  const text = useSyncExternalStore(subscribe, () => words);
  return (
    <VisuallyHidden role="status" aria-live="polite" data-live>
      {text}
    </VisuallyHidden>
  );
}
