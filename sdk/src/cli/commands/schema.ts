/** `schema`: prints the JSON Schema of a kind of spec files. Editors complete and check spec files with it. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { RunKind } from "../../index.js";
import { type GlobalFlags, runCommand } from "../command.js";
import { table } from "../terminal/table.js";

export function schema(
  kind: RunKind | undefined,
  kinds: readonly RunKind[],
  flags: GlobalFlags,
): Promise<void> {
  return runCommand("schema", flags, async () => {
    if (kind === undefined) return list(kinds);
    const text = await readFile(pathOf(kind), "utf8");
    return { result: JSON.parse(text), text: text.trimEnd() };
  });
}

function list(kinds: readonly RunKind[]) {
  const found = kinds.map((kind) => ({ kind, path: pathOf(kind) }));
  return { result: found, text: table(["KIND", "PATH"], found.map(Object.values)) };
}

function pathOf(kind: RunKind): string {
  return fileURLToPath(new URL(`../../../schemas/${kind}.schema.json`, import.meta.url));
}
