/** Prints a comparison as text, Markdown or LaTeX. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArtifactRef, CompareRow, LghrecClient } from "../index.js";
import type { GlobalFlags } from "./command.js";
import { comparisonText } from "./terminal/compare-text.js";

/** Options for the format of a table. */
export interface TableFlags {
  readonly markdown?: boolean;
  readonly latex?: boolean;
  /** Short for `--output json`. */
  readonly json?: boolean;
}

/** Replaces `--json` by `--output json`. */
export function asJson<F extends GlobalFlags & { readonly json?: boolean }>(flags: F): F {
  return flags.json ? { ...flags, output: "json" } : flags;
}

/** Returns a table for the terminal, or the content of the comparison's file in the requested format. */
export async function comparisonTable(
  client: LghrecClient,
  comparison: ArtifactRef<"comparison">,
  rows: readonly CompareRow[],
  { markdown, latex }: TableFlags,
): Promise<string> {
  if (markdown) return artifactText(client, comparison, "comparison.md");
  if (latex) return artifactText(client, comparison, "comparison.tex");
  const confidence = await confidenceOf(client, comparison);
  // A file or a pipe has no width, so all columns fit.
  const width = process.stdout.isTTY ? process.stdout.columns || 80 : 120;
  return comparisonText(rows, { confidence, width });
}

/** Returns undefined if the run that created the comparison was deleted. */
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

/** Downloads one file of an artifact and returns its text without the last line break. */
async function artifactText(client: LghrecClient, artifact: ArtifactRef, file: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lghrec-"));
  try {
    await client.artifacts.download(artifact, folder, { files: [file] });
    return (await readFile(join(folder, file), "utf8")).trimEnd();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
