/** `cancel`: requests a run to stop. */

import { type GlobalFlags, runCommand } from "../command.js";
import { rows } from "../terminal/table.js";

export function cancel(id: string, flags: GlobalFlags & { now?: boolean; reason?: string }): Promise<void> {
  return runCommand("cancel", flags, async ({ client }) => {
    const { runs } = await client();
    const info = await runs.cancel(id, { mode: flags.now ? "now" : "graceful", reason: flags.reason });
    return { run: info, text: rows({ run: info.id, state: info.state }) };
  });
}
