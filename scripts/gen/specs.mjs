/** What is generated from the models in compute-server/src/lghrec_compute/spec. */

import { join } from "node:path";
import { venvBin } from "../lib/paths.mjs";
import { SetupError } from "../lib/setup-error.mjs";
import { capture } from "../lib/step.mjs";
import { referencePage } from "./reference.mjs";
import { schemaFiles } from "./schemas.mjs";
import { Prose } from "./text.mjs";
import { typeFiles } from "./types.mjs";

const TYPES = join("sdk", "src", "specs", "gen");
const SCHEMAS = join("sdk", "schemas");
const REFERENCE = join("docs", "reference", "configuration.md");

/** Folders that contain nothing but generated files. */
export const SPEC_FOLDERS = [TYPES, SCHEMAS];
/** Generated files in folders that also contain others. */
export const SPEC_FILES = [REFERENCE];

/** @returns {Promise<Map<string, string>>} The text of each generated file, by its path in the repository. */
export async function specFiles() {
  const specs = await schemas();
  const prose = new Prose(specs.$defs);
  return new Map([
    ...below(TYPES, typeFiles(specs.$defs, prose)),
    ...below(SCHEMAS, schemaFiles(specs, prose)),
    [REFERENCE, referencePage(specs, prose)],
  ]);
}

const below = (folder, files) => [...files].map(([name, text]) => [join(folder, name), text]);

async function schemas() {
  const { code, output } = await capture([venvBin("python"), "-m", "lghrec_compute.spec.schema"]);
  if (code === 0) return JSON.parse(output);
  throw new SetupError("the schemas of specs cannot be read", { cure: "see the messages above", output });
}
