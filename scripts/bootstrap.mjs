#!/usr/bin/env node
/**
 * Installs what a fresh clone needs: the npm packages, `.venv` with the compute server, and the compiled SDK.
 *
 * This script uses only modules of Node, because it runs before node_modules exists. Each step writes a stamp when it
 * is complete, so that a second call does nothing and takes a fraction of a second.
 */
import fs from "node:fs";
import { pathToFileURL } from "node:url";
import { withLock } from "./lib/lock.mjs";
import { buildSdk, installNpm, npmIsReady, sdkIsReady } from "./lib/npm.mjs";
import { at, ROOT, venvBin } from "./lib/paths.mjs";
import { findPython } from "./lib/python.mjs";
import { reportFailure, SetupError } from "./lib/setup-error.mjs";
import { installVenv, venvIsReady, venvIsUsable } from "./lib/venv.mjs";

const MIN_NODE = [20, 19];
const GIB = 2 ** 30;
// Measured sizes of a first install, plus space for the caches of pip and npm.
const NEED_GIB = { npm: 0.9, venv: 4, testTools: 0.5 };

/**
 * @param {{ dev?: boolean, python?: boolean, sdk?: boolean }} options `dev` adds the Python test tools;
 *   `python: false` installs no Python packages; `sdk: false` does not build the SDK.
 * @throws {SetupError} With the cure, and with the exit code for the script.
 */
export async function bootstrap({ dev = false, python = true, sdk = true } = {}) {
  checkNode();
  const wanted = { dev, python, sdk };
  if (!isReady(wanted)) await install(wanted);
  // The variable named the Python that creates `.venv`. A server that starts later needs the Python inside `.venv`.
  if (process.env.LGHREC_PYTHON) process.env.LGHREC_PYTHON = venvBin("python");
}

async function install(wanted) {
  await withLock(at(".setup-lock"), async () => {
    // The process that held the lock before may have done the work.
    if (isReady(wanted)) return;
    checkDisk(wanted);
    // Python comes first: a user without Python should see the error before npm has run for a minute.
    const interpreter = pythonIsReady(wanted) || venvIsUsable() ? undefined : await findPython();
    if (!npmIsReady()) await installNpm();
    if (!pythonIsReady(wanted)) await installVenv({ dev: wanted.dev, python: interpreter });
    if (!isReady(wanted)) await buildSdk();
  });
}

const pythonIsReady = ({ dev, python }) => !python || venvIsReady(dev);
const isReady = (wanted) => npmIsReady() && pythonIsReady(wanted) && (!wanted.sdk || sdkIsReady());

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])) return;
  throw new SetupError(`Node is too old: got ${process.version}, expected ${MIN_NODE.join(".")} or newer`, {
    cure: "install a newer Node, for example the current LTS release",
    exitCode: 2,
  });
}

function checkDisk(wanted) {
  const python = pythonIsReady(wanted) ? 0 : venvIsReady(false) ? NEED_GIB.testTools : NEED_GIB.venv;
  const need = (npmIsReady() ? 0 : NEED_GIB.npm) + python;
  const { bavail, bsize } = fs.statfsSync(ROOT);
  const free = (bavail * bsize) / GIB;
  if (free >= need) return;
  throw new SetupError(
    `too little disk space: ${free.toFixed(1)} GiB free, expected ${need.toFixed(1)} GiB`,
    {
      cure: "free some space, or clone to a larger disk",
      exitCode: 10,
    },
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await bootstrap({ dev: process.argv.includes("--dev") });
  } catch (error) {
    reportFailure(error);
  }
}
