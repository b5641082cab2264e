import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/screens.ts"],
    environment: "node",
    testTimeout: 1_500_000,
    hookTimeout: 180_000,
  },
});
