import { defineConfig } from "vitest/config";

// Run one part with --dir, for example `vitest run --dir test/sdk`. The e2e tests need the Python of the server.
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: "test/support/built-sdk.mjs",
  },
});
