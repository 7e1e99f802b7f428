/** `attach`: waits for an existing run, which may have ended already. */

import { type GlobalFlags, runCommand } from "../command.js";
import { type FollowFlags, follow } from "../follow.js";

export function attach(id: string, flags: GlobalFlags & FollowFlags): Promise<void> {
  return runCommand("attach", flags, async (context) => {
    const client = await context.client();
    return follow(context, Promise.resolve(client.runs.attach(id)), { onInterrupt: "detach", ...flags });
  });
}
