import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository root, without a trailing slash. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const WINDOWS = process.platform === "win32";

/** A path below the repository root. */
export const at = (...parts) => join(ROOT, ...parts);

/** A command of the virtual environment, for example `venvBin("python")`. */
export const venvBin = (name) => (WINDOWS ? at(".venv", "Scripts", `${name}.exe`) : at(".venv", "bin", name));

/** The JavaScript entry of an installed npm tool; run it with `process.execPath`. */
export const nodeTool = (...parts) => at("node_modules", ...parts);

/** PATH with a folder in front, for tools that look for their plugins there. */
export const pathWith = (folder, env = process.env) => `${folder}${delimiter}${env.PATH ?? ""}`;
