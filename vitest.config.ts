import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const source = (path: string) => resolve(import.meta.dirname, "sdk/src", path);

// Run one part with --dir, for example `vitest run --dir test/sdk`; e2e needs the server's Python.
/** The longest files start first, so that the last worker does not run one of them alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = (file: TestSpecification) => /e2e\/(examples|models)\.test\.ts$/.test(file.moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

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
    sequence: { sequencer: LongestFirst },
    globalSetup: ["test/support/build-sdk.ts"],
  },
});
