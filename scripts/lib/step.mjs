import { spawn } from "node:child_process";

// Settings that would install into another folder than this repository.
const STRAY = ["PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME", "PYTHONPATH"];

/** The environment for install tools. An empty HOME is removed, because npm would write its cache into "./". */
export function toolEnv(extra = {}) {
  const env = { ...process.env, ...extra };
  for (const name of STRAY) delete env[name];
  if (env.HOME === "") delete env.HOME;
  return env;
}

/**
 * Runs a tool and keeps its output, or prints the output at once if `live` is true.
 *
 * @param {string[]} command Program and arguments. No shell is involved, so arguments may contain spaces.
 * @returns {Promise<{ code: number, output: string }>} The code is 127 if the program cannot be started.
 */
export function capture(command, { cwd, env, live = false } = {}) {
  const [program, ...args] = command;
  const out = live ? "inherit" : "pipe";
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env: env ?? toolEnv(), stdio: ["ignore", out, out] });
    const chunks = [];
    child.stdout?.on("data", (chunk) => chunks.push(chunk));
    child.stderr?.on("data", (chunk) => chunks.push(chunk));
    const text = () => Buffer.concat(chunks).toString("utf8");
    child.on("error", (error) => resolve({ code: 127, output: `${text()}${error.message}\n` }));
    child.on("close", (code, signal) => {
      const note = signal ? `${program} was killed by ${signal}\n` : "";
      resolve({ code: code ?? 128, output: text() + note });
    });
  });
}

/** Runs `work` and prints one line on stderr: the name and the time in seconds. */
export async function step(name, work) {
  const started = performance.now();
  const live = process.stderr.isTTY;
  if (live) process.stderr.write(`${name} ...`);
  let mark = "failed";
  try {
    const result = await work();
    mark = `${((performance.now() - started) / 1000).toFixed(1)} s`;
    return result;
  } finally {
    process.stderr.write(`${live ? "\r\x1b[K" : ""}${name}  ${mark}\n`);
  }
}
