/** Parts that every command shares: global options, output, and the conversion of errors to exit codes. */

import type { LghrecClient, RunKind } from "../index.js";
import { exitCodeOf } from "./exit-codes.js";
import { type Finish, type Format, Output } from "./output.js";

/** Kinds of runs that start from a spec file. */
export type SpecKind = Exclude<RunKind, "compare" | "report">;

/** Options that every command has. */
export interface GlobalFlags {
  readonly endpoint?: string;
  readonly output: Format;
  readonly quiet?: boolean;
  readonly color: boolean;
  readonly outputFile?: string;
}

/** What the body of a command receives. */
export interface Context {
  readonly output: Output;
  /** Returns the client. It is created at the first call, and closed when the command ends. */
  client(): Promise<LghrecClient>;
}

/**
 * Runs the body of a command, writes its summary and sets the exit code.
 *
 * It does not call `process.exit`, which would lose output that is still in a pipe.
 */
export async function runCommand(
  name: string,
  flags: GlobalFlags,
  body: (context: Context) => Promise<Finish>,
): Promise<void> {
  let client: LghrecClient | undefined;
  let output = new Output(name, { format: flags.output, quiet: flags.quiet ?? false });
  let finish: Finish;
  try {
    if (flags.outputFile !== undefined)
      output = new Output(name, { ...output.options, file: flags.outputFile });
    const connect = async () => {
      const { createClient } = await import("../index.js");
      client ??= createClient({ endpoint: flags.endpoint });
      return client;
    };
    finish = await body({ output, client: connect });
  } catch (error) {
    finish = { error };
  } finally {
    client?.close();
  }
  process.exitCode = finish.exitCode ?? (finish.error === undefined ? 0 : exitCodeOf(finish.error));
  output.finish(finish);
}
