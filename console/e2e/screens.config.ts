import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/screens.ts"],
    environment: "node",
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
