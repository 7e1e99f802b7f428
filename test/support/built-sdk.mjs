import { withLock } from "../../scripts/lib/lock.mjs";
import { buildSdk, sdkIsReady } from "../../scripts/lib/npm.mjs";
import { at } from "../../scripts/lib/paths.mjs";

/** Builds the SDK before the tests if its sources have changed: many tests run sdk/dist. */
export async function setup() {
  if (sdkIsReady()) return;
  await withLock(at(".setup-lock"), async () => {
    if (!sdkIsReady()) await buildSdk();
  });
}
