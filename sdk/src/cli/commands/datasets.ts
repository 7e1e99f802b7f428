/** `datasets upload`, `list`, `get` and `delete`. */

import type { DatasetRef, SkippedFiles } from "../../index.js";
import { type GlobalFlags, runCommand } from "../command.js";
import { isLghrecError } from "../exit-codes.js";
import { Interrupted, Interrupts } from "../interrupts.js";
import type { Finish } from "../output.js";
import { progressStream } from "../terminal/status-line.js";
import { rows, table } from "../terminal/table.js";
import { bytes, TransferLine } from "../terminal/transfer-line.js";

export function uploadDataset(path: string, flags: GlobalFlags & { name?: string }): Promise<void> {
  return runCommand("datasets upload", flags, async ({ output, client }): Promise<Finish> => {
    const line = new TransferLine(progressStream(output.options.quiet));
    using interrupts = new Interrupts(() => interrupts.leave());
    try {
      const { datasets } = await client();
      const uploaded = await datasets.upload(path, {
        name: flags.name,
        signal: interrupts.signal,
        onProgress: (progress) => line.update(progress),
        onSkipped: (skipped) => output.note(`left out: ${skippedText(skipped)}`),
      });
      line.clear();
      const files = uploaded.files.length === 1 ? "1 file" : `${uploaded.files.length} files`;
      output.note(`${uploaded.name}: ${files}, ${bytes(uploaded.sizeBytes)}`);
      return { result: uploaded, text: uploaded.id };
    } catch (error) {
      line.clear();
      if (isUnfinished(error)) output.note("received bytes are kept: the same command continues from there");
      return { error, exitCode: interrupts.exitCode };
    }
  });
}

export function listDatasets(flags: GlobalFlags & { limit: number }): Promise<void> {
  return runCommand("datasets list", flags, async ({ client, output }) => {
    const found: DatasetRef[] = [];
    const { datasets } = await client();
    for await (const dataset of datasets.list()) {
      output.record({ type: "dataset", ...dataset });
      if (found.push(dataset) >= flags.limit) break;
    }
    const text = table(["ID", "NAME", "FILES", "SIZE", "CREATED"], found.map(row));
    return { result: output.options.format === "ndjson" ? { count: found.length } : found, text };
  });
}

export function getDataset(id: string, flags: GlobalFlags): Promise<void> {
  return runCommand("datasets get", flags, async ({ client }) => {
    const { datasets } = await client();
    const dataset = await datasets.get(id);
    const { files, ...facts } = dataset;
    const listed = files.map(({ path, sizeBytes, sha256 }) => [path, bytes(sizeBytes), sha256]);
    return { result: dataset, text: `${rows(facts)}\n\n${table(["FILE", "SIZE", "SHA-256"], listed)}` };
  });
}

export function deleteDataset(id: string, flags: GlobalFlags): Promise<void> {
  return runCommand("datasets delete", flags, async ({ client }) => {
    const { datasets } = await client();
    await datasets.delete(id);
    return { result: { deleted: id }, text: `deleted ${id}` };
  });
}

function row({ id, name, files, sizeBytes, createTime }: DatasetRef): string[] {
  return [id, name, String(files.length), bytes(sizeBytes), createTime.toISOString()];
}

function skippedText({ hidden, symlinks, special }: SkippedFiles): string {
  const counts = { hidden, "symbolic links": symlinks, "special files": special };
  const named = Object.entries(counts).filter(([, number]) => number > 0);
  return named.map(([what, number]) => `${number} ${what}`).join(", ");
}

/** Returns true if the connection or the user ended the upload, so that it can continue. */
function isUnfinished(error: unknown): boolean {
  if (error instanceof Interrupted) return true;
  return isLghrecError(error) && ["connection", "unavailable", "timeout"].includes(error.code);
}
