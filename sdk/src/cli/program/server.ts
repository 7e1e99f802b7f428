/** Commands about servers: `serve` and `doctor`. */

import type { Command } from "commander";
import { duration, integer, repeated } from "../flags.js";
import { command } from "./parts.js";

export function addServer(program: Command): void {
  command(program, "serve", "start a server and run it until it is interrupted")
    .option(
      "--data-dir <path>",
      "folder of runs and artifacts; the default is LGHREC_DATA_DIR, then lghrec in the user's data folder",
    )
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 selects a free port", integer(0, 65535), 7300)
    .option("--import-root <path>", "folder whose files specs may use by path (repeatable)", repeated)
    .option("--max-concurrent-runs <number>", "maximum number of runs at the same time", integer(1, 1024))
    .action(async (_, self: Command) => (await import("../commands/serve.js")).serve(self.optsWithGlobals()));
  command(program, "doctor", "check that the server answers and is compatible, and that Python is installed")
    .option("--wait <time>", "repeat the check of the server for this long, for example 60s", duration)
    .action(async (_, self: Command) =>
      (await import("../commands/doctor.js")).doctor(self.optsWithGlobals()),
    );
}
