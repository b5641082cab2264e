import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** No accessibility finding in either theme, once the theme is there and nothing moves any more. */
export async function accessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.waitForFunction(
      (scheme) => document.documentElement.getAttribute("data-mantine-color-scheme") === scheme,
      colorScheme,
    );
    await page.evaluate(() => {
      // a spinner turns for ever
      const ends = (one: Animation) => one.effect?.getComputedTiming().endTime !== Infinity;
      return Promise.all(document.getAnimations().filter(ends).map((one) => one.finished.catch(() => undefined)));
    });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
    expect(found, `${page.url()} ${colorScheme}`).toEqual([]);
  }
}
