import { defineConfig } from "vitest/config";

// Run one part with --dir, for example `vitest run --dir test/sdk`; e2e needs the server's Python.
export default defineConfig({
  test: { include: ["**/*.test.ts"], exclude: ["**/node_modules/**", "**/dist/**"] },
});
