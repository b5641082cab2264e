import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    environment: "node",
    // Generous: a machine with two busy cores is slow, and a broken step fails on its own wait first.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000, interval: 100 } },
    // One journey: each step builds on the one before.
    bail: 1,
    fileParallelism: false,
  },
});
