/** What is generated from the models in compute-server/src/lghrec_compute/spec. */

import { join } from "node:path";
import { venvBin } from "../lib/paths.mjs";
import { SetupError } from "../lib/setup-error.mjs";
import { capture } from "../lib/step.mjs";
import { Prose } from "./text.mjs";
import { typeFiles } from "./types.mjs";

/** Folders that contain nothing but generated files. */
export const SPEC_FOLDERS = [join("sdk", "src", "specs", "gen")];

/** @returns {Promise<Map<string, string>>} The text of each generated file, by its path in the repository. */
export async function specFiles() {
  const { $defs: types } = await schemas();
  const prose = new Prose(types);
  const [typeFolder] = SPEC_FOLDERS;
  return new Map([...typeFiles(types, prose)].map(([name, text]) => [join(typeFolder, name), text]));
}

async function schemas() {
  const { code, output } = await capture([venvBin("python"), "-m", "lghrec_compute.spec.schema"]);
  if (code === 0) return JSON.parse(output);
  throw new SetupError("the schemas of specs cannot be read", { cure: "see the messages above", output });
}
