import { SetupError } from "./setup-error.mjs";
import { capture } from "./step.mjs";

const MIN = [3, 11];
const WANTED = MIN.join(".");
const CANDIDATES = ["python3.13", "python3.12", "python3.11", "python3", "python"];
const PROBE = "import sys; print(*sys.version_info[:3], sys.executable, sep='\\n')";

/**
 * Finds a Python that can run the server.
 *
 * If LGHREC_PYTHON is set, only that one is tried; otherwise the names above are tried in order. Each candidate is
 * started, because version managers put names on the PATH that only print an error.
 *
 * @returns {Promise<string>} The path of the interpreter.
 * @throws {SetupError} With exit code 11 if there is none that is new enough.
 */
export async function findPython(env = process.env) {
  const named = env.LGHREC_PYTHON;
  const tooOld = [];
  for (const name of named ? [named] : CANDIDATES) {
    const found = await probe(name);
    if (found && isEnough(found.version)) return found.path;
    if (found) tooOld.push(`${name} is ${found.version.join(".")}`);
  }
  throw new SetupError(complaint(named, tooOld), {
    cure: `install Python ${WANTED} or newer, or name one: LGHREC_PYTHON=/path/to/python3`,
    exitCode: 11,
  });
}

async function probe(name) {
  const { code, output } = await capture([name, "-c", PROBE]);
  if (code !== 0) return undefined;
  const [major, minor, patch, path] = output.trim().split("\n");
  return { version: [Number(major), Number(minor), Number(patch)], path };
}

const isEnough = ([major, minor]) => major > MIN[0] || (major === MIN[0] && minor >= MIN[1]);

function complaint(named, tooOld) {
  if (tooOld.length > 0) return `Python is too old: ${tooOld.join(", ")}, expected ${WANTED} or newer`;
  if (named) return `LGHREC_PYTHON=${named} is not a Python that starts, expected ${WANTED} or newer`;
  return `no Python found, expected ${WANTED} or newer as one of ${CANDIDATES.join(", ")}`;
}
