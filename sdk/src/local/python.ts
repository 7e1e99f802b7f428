/** Finds a Python interpreter that can run the server. */

import { execFile } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { ConfigError } from "../errors.js";

/** Options of {@link findPython}. */
export interface PythonOptions {
  /**
   * Path of a Python interpreter. The default is the environment variable `LGHREC_PYTHON`, then the nearest `.venv`, then
   * the program `lghrec-server` on the PATH.
   */
  python?: string | undefined;
}

/** How to start a server: `command` with `args`, followed by the arguments of the server. */
export interface PythonEnvironment {
  readonly command: string;
  readonly args: readonly string[];
  /** Python version, for example `3.11.9`. Undefined for `lghrec-server` on the PATH. */
  readonly version: string | undefined;
  /** Where it was found. */
  readonly source: "python option" | "LGHREC_PYTHON" | ".venv" | "PATH";
}

interface Candidate {
  readonly python: string;
  readonly source: PythonEnvironment["source"];
}

const MIN_MINOR = 11;
const MODULE = ["-m", "lghrec_compute.server"];
const PROBE =
  "import sys, importlib.util as u;" +
  "print(sys.version_info[0], sys.version_info[1], sys.version_info[2], u.find_spec('lghrec_compute') is not None)";
const CURE = "run `npm run setup`, or set LGHREC_PYTHON to a Python that has lghrec-compute";

/**
 * Finds a Python interpreter with the server's package, in the order that {@link PythonOptions.python} describes. An
 * unsuitable `.venv` is skipped.
 *
 * @throws ConfigError with `exitCode` 11 if none is found, or if the one of the option or of `LGHREC_PYTHON` is
 *   unsuitable.
 */
export async function findPython(
  options: PythonOptions & { env?: Readonly<Record<string, string>> | undefined; signal?: AbortSignal } = {},
): Promise<PythonEnvironment> {
  const env = { ...process.env, ...options.env };
  const named = options.python ?? env.LGHREC_PYTHON;
  if (named) {
    return check(
      { python: named, source: options.python ? "python option" : "LGHREC_PYTHON" },
      env,
      options.signal,
    );
  }
  const tried: string[] = [];
  for (const python of virtualEnvironments([import.meta.dirname, process.cwd()])) {
    try {
      return await check({ python, source: ".venv" }, env, options.signal);
    } catch (error) {
      options.signal?.throwIfAborted();
      tried.push((error as Error).message);
    }
  }
  const server = onPath("lghrec-server", env.PATH ?? "");
  if (server !== undefined) return { command: server, args: [], version: undefined, source: "PATH" };
  const why =
    tried.length > 0
      ? `: ${tried.join("; ")}`
      : ", there is no .venv in this folder or above, and no lghrec-server on the PATH";
  throw unusable(`no Python found that has the server's package${why}`);
}

async function check(
  { python, source }: Candidate,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<PythonEnvironment> {
  const [major, minor, patch, hasPackage] = await probe(python, source, env, signal);
  const version = `${major}.${minor}.${patch}`;
  if (Number(major) !== 3 || Number(minor) < MIN_MINOR) {
    throw unusable(
      `Python is too old: ${python} (${source}) is ${version}, expected 3.${MIN_MINOR} or newer`,
    );
  }
  if (hasPackage !== "True") {
    throw unusable(`the server's package lghrec-compute is not installed in ${python} (${source})`);
  }
  return { command: python, args: MODULE, version, source };
}

async function probe(
  python: string,
  source: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  try {
    const output = await new Promise<string>((done, fail) => {
      const options = { env, timeout: 20_000, ...(signal && { signal }) };
      execFile(python, ["-c", PROBE], options, (error, stdout) => (error ? fail(error) : done(stdout)));
    });
    return output.trim().split(" ");
  } catch (cause) {
    signal?.throwIfAborted();
    const missing = (cause as { code?: unknown }).code === "ENOENT";
    const what = missing ? "does not exist" : "does not run as a Python interpreter";
    throw unusable(`Python ${what}: ${python} (${source})`, cause);
  }
}

/** Yields the interpreters of every `.venv` in the folders `starts` and above, the nearest first. */
export function* virtualEnvironments(starts: readonly string[]): Generator<string> {
  const interpreter = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  const seen = new Set<string>();
  for (const start of starts) {
    for (let folder = start; ; folder = dirname(folder)) {
      const python = join(folder, ".venv", ...interpreter);
      if (!seen.has(python) && existsSync(python)) yield python;
      seen.add(python);
      if (dirname(folder) === folder) break;
    }
  }
}

function onPath(command: string, path: string): string | undefined {
  const names = process.platform === "win32" ? [`${command}.exe`] : [command];
  const files = path.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function unusable(message: string, cause?: unknown): ConfigError {
  return new ConfigError(message, { cause, hint: CURE, exitCode: 11 });
}
