import { useEffect, useState } from "react";

/** For dialogs: gives the focus back to what had it when the dialog opened, unless something else has taken it. */
export function useReturnFocus(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      window.setTimeout(() => {
        const free = document.activeElement === document.body || document.activeElement === null;
        if (free && opener instanceof HTMLElement && opener.isConnected) opener.focus();
      }, 50);
    },
    [opener],
  );
}
