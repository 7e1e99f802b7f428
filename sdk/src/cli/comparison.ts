/** In which form a command prints a comparison. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArtifactRef, CompareRow, LghrecClient } from "../index.js";
import type { GlobalFlags } from "./command.js";
import { comparisonText } from "./terminal/compare-text.js";

export interface TableFlags {
  readonly markdown?: boolean;
  readonly latex?: boolean;
  /** As `--output json`. */
  readonly json?: boolean;
}

export function asJson<F extends GlobalFlags & { readonly json?: boolean }>(flags: F): F {
  return flags.json ? { ...flags, output: "json" } : flags;
}

/** A table for the terminal, or the file that the comparison has of the form asked for. */
export async function comparisonTable(
  client: LghrecClient,
  comparison: ArtifactRef<"comparison">,
  rows: readonly CompareRow[],
  { markdown, latex }: TableFlags,
): Promise<string> {
  if (markdown) return artifactText(client, comparison, "comparison.md");
  if (latex) return artifactText(client, comparison, "comparison.tex");
  const confidence = await confidenceOf(client, comparison);
  // A file or a pipe has room for everything.
  const width = process.stdout.isTTY ? process.stdout.columns || 80 : 120;
  return comparisonText(rows, { confidence, width });
}

/** Undefined if the run that made the comparison has been removed. */
async function confidenceOf(
  client: LghrecClient,
  comparison: ArtifactRef<"comparison">,
): Promise<number | undefined> {
  try {
    const { runId } = await client.artifacts.get(comparison);
    const info = await client.runs.get(runId);
    return info.kind === "compare" ? info.spec.confidence : undefined;
  } catch {
    return undefined;
  }
}

/** The text of one file, without its last line break. Checked as every download is. */
async function artifactText(client: LghrecClient, artifact: ArtifactRef, file: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lghrec-"));
  try {
    await client.artifacts.download(artifact, folder, { files: [file] });
    return (await readFile(join(folder, file), "utf8")).trimEnd();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
