import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { at, nodeTool, ROOT } from "./paths.mjs";
import { SetupError } from "./setup-error.mjs";
import { digest, filesBelow, readStamp, writeStamp } from "./stamp.mjs";
import { capture, step, toolEnv } from "./step.mjs";

// The first stamp is removed before an install and written after it, so an interrupted install leaves no stamp.
const NPM_STAMP = nodeTool(".lghrec-npm.json");
const SDK_STAMP = nodeTool(".lghrec-sdk.json");
const BIN = at("sdk", "dist", "cli", "main.js");
const LINK = nodeTool(".bin", "lghrec");

const MANIFESTS = [
  "package-lock.json",
  "package.json",
  "sdk/package.json",
  "examples/package.json",
  "docs/package.json",
];
const npmDigest = () => digest(MANIFESTS.map((path) => at(path)));
const sdkDigest = () =>
  digest([...filesBelow(at("sdk", "src")), at("sdk", "tsconfig.json"), at("tsconfig.base.json")]);

export const npmIsReady = () => readStamp(NPM_STAMP)?.digest === npmDigest();
export const sdkIsReady = () =>
  readStamp(SDK_STAMP)?.digest === sdkDigest() && existsSync(BIN) && existsSync(LINK);

/** Installs exactly the versions in the lockfile. */
export async function installNpm() {
  await step("npm packages", async () => {
    const npm = process.env.npm_execpath?.endsWith(".js")
      ? [process.execPath, process.env.npm_execpath]
      : ["npm"];
    rmSync(NPM_STAMP, { force: true });
    // `npm ci` refuses a lockfile without the binaries of other platforms, and a mirror of the registry may not have
    // them. `install --no-save` also follows the lockfile, and never writes it.
    // Without --include=dev, NODE_ENV=production or omit=dev in the user's settings would exclude the build tools.
    const flags = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--include=dev"];
    const { code, output } = await capture([...npm, "install", ...flags], { cwd: ROOT, env: npmEnv() });
    if (code === 0) return writeStamp(NPM_STAMP, { digest: npmDigest() });
    const full = output.includes("ENOSPC");
    throw new SetupError(full ? "the disk is full" : "npm could not install the packages", {
      cure: full
        ? "free some space, then run this again"
        : "check the network and the npm registry, then run this again",
      exitCode: full ? 10 : 1,
      output,
    });
  });
}

/** Compiles the SDK and links its command into node_modules/.bin. */
export async function buildSdk() {
  await step("build of the SDK", async () => {
    const built = sdkDigest();
    const tsc = [process.execPath, nodeTool("typescript", "bin", "tsc"), "-p", at("sdk", "tsconfig.json")];
    const { code, output } = await capture(tsc, { cwd: ROOT });
    if (code !== 0)
      throw new SetupError("the SDK does not compile", { cure: "see the errors above", output });
    removeOutputsWithoutSource();
    linkBin();
    writeStamp(SDK_STAMP, { digest: built });
  });
}

// The compiler never deletes: without this, files of modules that were moved would be published.
function removeOutputsWithoutSource() {
  for (const file of filesBelow(at("sdk", "dist"))) {
    const name = relative(at("sdk", "dist"), file).replace(/(\.d)?\.[jt]s$/, ".ts");
    if (!existsSync(at("sdk", "src", name))) rmSync(file);
  }
}

// npm links the command of a workspace only if the file exists during the install, which is before the build.
function linkBin() {
  if (!existsSync(BIN)) return;
  chmodSync(BIN, 0o755);
  if (existsSync(LINK)) return;
  mkdirSync(nodeTool(".bin"), { recursive: true });
  if (process.platform === "win32") {
    writeFileSync(`${LINK}.cmd`, `@node "%~dp0\\..\\lghrec\\dist\\cli\\main.js" %*\r\n`);
    writeFileSync(LINK, `#!/bin/sh\nexec node "$(dirname "$0")/../lghrec/dist/cli/main.js" "$@"\n`);
  } else {
    symlinkSync("../lghrec/dist/cli/main.js", LINK);
  }
}

function npmEnv() {
  const env = toolEnv();
  // Under `npm run` these variables describe the running script. The install must not see them.
  for (const name of ["npm_lifecycle_event", "npm_lifecycle_script", "npm_command"]) delete env[name];
  return env;
}
