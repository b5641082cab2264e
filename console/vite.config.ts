import { gzipSync } from "node:zlib";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vitest/config";

/** Writes `name.gz` beside each text file, so that the server never compresses at run time. */
function precompress(): Plugin {
  let outDir = "dist";
  return {
    name: "precompress",
    apply: "build",
    configResolved(config) {
      outDir = config.build.outDir;
    },
    closeBundle() {
      const assets = join(outDir, "assets");
      for (const name of readdirSync(assets)) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const bytes = readFileSync(join(assets, name));
        const packed = gzipSync(bytes, { level: 9 });
        if (packed.length < bytes.length) writeFileSync(join(assets, `${name}.gz`), packed);
      }
    },
  };
}

/** The server writes a nonce into each page; the development server has none. */
function developmentNonce(): Plugin {
  return {
    name: "development-nonce",
    apply: "serve",
    transformIndexHtml: (html) => html.replace("__CSP_NONCE__", "development"),
  };
}

const server = process.env.OMBUD_URL ?? "http://127.0.0.1:7878";

export default defineConfig({
  plugins: [react(), precompress(), developmentNonce()],
  // Fonts as data URLs would break `font-src 'self'`.
  build: { assetsInlineLimit: 0, target: "es2022", chunkSizeWarningLimit: 700 },
  server: { proxy: { "/api": server, "/docs": server } },
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.{ts,tsx}"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 20_000,
  },
});
