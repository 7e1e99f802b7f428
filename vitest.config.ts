import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const source = (path: string) => resolve(import.meta.dirname, "sdk/src", path);

// Run one part with --dir, for example `vitest run --dir test/sdk`; e2e needs the server's Python.
export default defineConfig({
  resolve: {
    // Tests import the package by its name, and get its sources: a test never runs an old build.
    alias: [
      { find: /^lghrec$/, replacement: source("index.ts") },
      { find: /^lghrec\/protos$/, replacement: source("protos.ts") },
      { find: /^lghrec\/(local|grpc|testing)$/, replacement: source("$1/index.ts") },
    ],
  },
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    // A limit for tests that hang. No test depends on how long it takes.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: ["test/support/build-sdk.ts"],
  },
});
