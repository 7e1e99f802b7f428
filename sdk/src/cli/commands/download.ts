/** `download`: downloads the files of an artifact, or all outputs of a run. */

import { join, resolve } from "node:path";
import type { ArtifactInfo, ArtifactRef, LghrecClient, RunInfo } from "../../index.js";
import { type GlobalFlags, runCommand } from "../command.js";
import { UsageError } from "../exit-codes.js";
import { isArtifactId } from "../flags.js";
import { Interrupts } from "../interrupts.js";
import { progressStream } from "../terminal/status-line.js";
import { TransferLine } from "../terminal/transfer-line.js";

interface Wanted {
  readonly id: string;
  readonly dest: string;
}

export function download(id: string, dest: string, flags: GlobalFlags): Promise<void> {
  return runCommand("download", flags, async (context) => {
    const client = await context.client();
    const run = isArtifactId(id) ? undefined : await client.runs.get(id);
    const wanted = run ? outputsOf(run, dest) : [{ id, dest }];
    const progress = new TransferLine(progressStream(context.output.options.quiet));
    using interrupts = new Interrupts(() => interrupts.leave());
    try {
      const files: string[] = [];
      for (const one of wanted)
        files.push(...paths(await fetch(client, one, progress, interrupts.signal), one));
      return { run, result: { files }, text: files.join("\n") };
    } catch (error) {
      return { run, error, exitCode: interrupts.exitCode };
    } finally {
      progress.clear();
    }
  });
}

function fetch(client: LghrecClient, { id, dest }: Wanted, line: TransferLine, signal: AbortSignal) {
  return client.artifacts.download(id, dest, {
    signal,
    onProgress: ({ done, total }) => line.update({ phase: "download", done, total }),
  });
}

function paths(artifact: ArtifactInfo, { dest }: Wanted): string[] {
  return artifact.files.map(({ path }) => resolve(dest, path));
}

// A single output is written to the folder itself, several outputs to one folder each.
function outputsOf(run: RunInfo, dest: string): Wanted[] {
  const outputs = Object.entries(run.result ?? {}).filter(([, value]) => isReference(value));
  if (outputs.length === 0) {
    throw new UsageError(`run ${run.id} has no outputs, it is ${run.state}`, {
      hint: "expected a run that has succeeded",
    });
  }
  const nested = outputs.length > 1;
  return outputs.map(([name, { id }]) => ({ id, dest: nested ? join(dest, name) : dest }));
}

function isReference(value: unknown): value is ArtifactRef {
  return typeof value === "object" && value !== null && "id" in value && "kind" in value;
}
