import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { TestProject } from "vitest/node";

const repository = resolve(import.meta.dirname, "../..");

/**
 * Compiles the SDK before the first test, if its sources have changed since the last build.
 *
 * Tests of the command line start `sdk/dist/cli/main.js` as users do. To compare the stamp takes about 40 ms, to
 * compile about 3 s; `tsx` instead of a build adds 0.3 s to each of the several hundred processes that tests start.
 */
export default async function buildSdkOnce(project: TestProject): Promise<void> {
  await buildIfChanged();
  project.onTestsRerun(buildIfChanged);
}

async function buildIfChanged(): Promise<void> {
  const { buildSdk, sdkIsReady } = await script<BuildScript>("npm.mjs");
  if (sdkIsReady()) return;
  const { withLock } = await script<LockScript>("lock.mjs");
  await withLock(join(repository, ".setup-lock"), async () => {
    // The process that held the lock before may have compiled the same sources.
    if (!sdkIsReady()) await buildSdk();
  });
}

interface BuildScript {
  buildSdk(): Promise<void>;
  sdkIsReady(): boolean;
}

interface LockScript {
  withLock(path: string, work: () => Promise<void>): Promise<void>;
}

// The scripts are JavaScript without declarations, since they run before TypeScript is installed.
async function script<Exports>(name: string): Promise<Exports> {
  return import(pathToFileURL(join(repository, "scripts/lib", name)).href);
}
