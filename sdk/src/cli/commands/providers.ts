/** `providers`: lists the providers of item texts, and whether each is available. */

import { type GlobalFlags, runCommand } from "../command.js";
import { table } from "../terminal/table.js";

export function providers(flags: GlobalFlags): Promise<void> {
  return runCommand("providers", flags, async ({ client }) => {
    const { semanticIds } = await client();
    const found = await semanticIds.providers();
    const lines = found.map(({ provider, endpoint, model, available, reason }) => [
      provider,
      endpoint,
      model,
      available ? "ok" : "--",
      reason,
    ]);
    return { result: found, text: table(["PROVIDER", "ENDPOINT", "MODEL", "", "HINT"], lines) };
  });
}
