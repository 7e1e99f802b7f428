import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { at, ROOT, venvBin } from "./paths.mjs";
import { SetupError } from "./setup-error.mjs";
import { digest, readStamp, writeStamp } from "./stamp.mjs";
import { capture, step } from "./step.mjs";

const VENV = at(".venv");
const CONSTRAINTS = at("compute-server", "constraints.txt");
const STAMP = at(".venv", "lghrec-stamp.json");
// This file exists during an install. If it exists before one, the last install was interrupted.
const UNFINISHED = at(".venv", "lghrec-unfinished");

// A virtual environment contains absolute paths, so a clone that was moved needs a new one.
const wanted = () => digest([CONSTRAINTS, at("compute-server", "pyproject.toml")], ROOT);

/** True if the installed server matches the manifests. With `dev`, the test tools must be installed too. */
export function venvIsReady(dev) {
  const stamp = readStamp(STAMP);
  return stamp?.digest === wanted() && (stamp.dev || !dev) && existsSync(venvBin("python"));
}

/**
 * Creates or updates `.venv` with the compute server in it. An incomplete environment is created again.
 *
 * @param {{ dev: boolean, python: string | undefined }} options `python` creates the environment. It may be undefined
 *   if `venvIsUsable()`.
 */
export async function installVenv({ dev, python }) {
  const withDev = dev || (readStamp(STAMP)?.dev ?? false);
  if (!venvIsUsable()) await create(python);
  // An environment that the user has created is installed into, and never deleted.
  const isOurs = existsSync(STAMP) || existsSync(UNFINISHED);
  if (isOurs) writeFileSync(UNFINISHED, "");
  await step(`Python packages${withDev ? " with test tools" : ""}`, () => install(withDev));
  writeStamp(STAMP, { digest: wanted(), dev: withDev, root: ROOT });
  rmSync(UNFINISHED, { force: true });
}

/** True if `.venv` exists, is complete and was created at this path. */
export function venvIsUsable() {
  const stamp = readStamp(STAMP);
  const moved = stamp !== undefined && stamp.root !== ROOT;
  return existsSync(venvBin("python")) && !existsSync(UNFINISHED) && !moved;
}

async function create(python) {
  await step("virtual environment .venv", async () => {
    rmSync(VENV, { recursive: true, force: true });
    mkdirSync(VENV);
    writeFileSync(UNFINISHED, "");
    const { code, output } = await capture([python, "-m", "venv", VENV]);
    if (code === 0) return;
    throw new SetupError(`${python} could not create a virtual environment`, {
      cure: "install Python's venv module (on Debian and Ubuntu the package python3-venv), then run this again",
      exitCode: 11,
      output,
    });
  });
}

async function install(dev) {
  const index = process.env.LGHREC_TORCH_INDEX;
  // Only torch itself comes from that index, because the index lacks some versions of its dependencies.
  if (index) await pip(["--no-deps", "--index-url", index, "torch"]);
  await pip(["--editable", at("compute-server") + (dev ? "[dev]" : "")]);
}

async function pip(args) {
  const quiet = ["--quiet", "--no-input", "--disable-pip-version-check"];
  const command = [venvBin("python"), "-m", "pip", "install", ...quiet, "--constraint", CONSTRAINTS, ...args];
  const { code, output } = await capture(command, { cwd: ROOT });
  if (code === 0) return;
  const full = /no space left|errno 28/i.test(output);
  throw new SetupError(full ? "the disk is full" : "pip could not install the compute server", {
    cure: full
      ? "free some space, then run this again"
      : "check the network and the package index, then run this again",
    exitCode: full ? 10 : 1,
    output,
  });
}
