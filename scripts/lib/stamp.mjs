import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** SHA-256 over the names and bytes of files, and over further strings, in the given order. */
export function digest(files, ...facts) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  for (const fact of facts) hash.update(`${fact}\0`);
  return hash.digest("hex");
}

/** Every file below a folder, sorted, so that a digest over them does not depend on the file system. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** The stamp of a finished step, or undefined if the step has never finished. */
export function readStamp(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Records that a step is finished. The stamp is renamed into place, so it is never incomplete. */
export function writeStamp(path, value) {
  writeFileSync(`${path}.new`, `${JSON.stringify(value)}\n`);
  renameSync(`${path}.new`, path);
}
