#!/usr/bin/env node
/** `npm run bench -- <name> [options]` runs test/bench/<name>.py with the Python of the server, on one thread. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { bootstrap } from "./bootstrap.mjs";
import { at, venvBin } from "./lib/paths.mjs";
import { reportFailure, SetupError } from "./lib/setup-error.mjs";

const [name = "", ...options] = process.argv.slice(2);
const script = at("test", "bench", `${name}.py`);

try {
  if (!name || !existsSync(script)) {
    const names = readdirSync(at("test", "bench")).flatMap((file) => file.match(/^(\w+)\.py$/)?.[1] ?? []);
    throw new SetupError(name ? `no benchmark is named ${name}` : "the name of a benchmark is missing", {
      cure: `give one of the names ${names.join(", ")}`,
      exitCode: 2,
    });
  }
  await bootstrap({ dev: true });
  const env = { ...process.env, OMP_NUM_THREADS: process.env.OMP_NUM_THREADS ?? "1" };
  process.exitCode =
    spawnSync(venvBin("python"), [script, ...options], { stdio: "inherit", env }).status ?? 1;
} catch (error) {
  reportFailure(error);
}
