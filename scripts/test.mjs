#!/usr/bin/env node
/** Installs what is missing, then runs every check and test. CI runs the same command. See `npm test -- --help`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bootstrap } from "./bootstrap.mjs";
import { reportFailure, SetupError } from "./lib/setup-error.mjs";
import { capture, toolEnv } from "./lib/step.mjs";
import { changedFiles, selectChanged } from "./test/changed.mjs";
import { LANES, runInLanes } from "./test/lanes.mjs";
import { readReport, slowest, total } from "./test/reports.mjs";
import { everything, select } from "./test/select.mjs";
import { GROUPS, STAGES } from "./test/stages.mjs";
import { tasksFor } from "./test/tasks.mjs";

const HELP = `npm test -- [options] [name or path ...]

Without a name, everything runs. A name is one of:
  a stage    ${STAGES.map((stage) => stage.name).join(" ")}
  a group    ${GROUPS.join(" ")}
  a path     a test file or folder, pytest's file.py::test_name, or a source file or folder, which stands for its tests
  a name     of test files or folders, for example policy, test_state or backbones/test_contract

Options:
  --changed        run the tests and checks of the files that differ from main; on main, from the last commit.
                   Tests that reach a changed file only by way of another module are not included.
  --base <commit>  with --changed: compare with this commit
  --filter <text>  run only tests whose name contains this text (pytest -k, vitest -t)
  --full           also run the tests that are marked "full"
  --list           print what would run, and run nothing
  --help           print this text`;

const NUM_SLOWEST = 10;
// Each process uses one thread: results do not depend on the machine, and the lanes do not compete for cores.
const THREADS = { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };

function parse(args) {
  const flag = { type: "boolean", default: false };
  const text = { type: "string" };
  const options = { changed: flag, base: text, filter: text, full: flag, list: flag, help: flag };
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new SetupError(error.message, { cure: "see npm test -- --help", exitCode: 2 });
  }
}

function selectionFor({ values, positionals }) {
  if (!values.changed) {
    if (positionals.length === 0) return everything();
    // npm changes into the root of the repository and names the folder where the user is.
    return select(positionals, process.env.INIT_CWD ?? process.cwd());
  }
  const { base, paths } = changedFiles(values.base);
  const { selection, reasons } = selectChanged(paths);
  console.log(`${paths.length} files differ from ${base.slice(0, 12)}`);
  for (const reason of reasons) console.log(`  ${reason}`);
  console.log(
    "Tests that reach a changed file only through another module are left out; npm test runs them.",
  );
  return selection;
}

async function runTask(task, isOnly) {
  const started = performance.now();
  let ok = true;
  let output = "";
  for (const command of task.commands) {
    const env = { ...toolEnv(THREADS), ...(isOnly ? {} : { NO_COLOR: "1" }) };
    if (!isOnly) delete env.FORCE_COLOR;
    const result = await capture(command, { cwd: task.cwd, env, live: isOnly });
    output += result.output;
    ok &&= result.code === 0;
  }
  const seconds = (performance.now() - started) / 1000;
  const result = { task, ok, output, seconds, ...readReport(task.runner, task.reportPath ?? "") };
  show(result, isOnly);
  return result;
}

function show({ task, ok, output, counts, seconds }, isOnly) {
  const tests = task.runner ? `  ${counts.passed} passed, ${counts.failed} failed` : "";
  console.log(`${ok ? "ok  " : "FAIL"}  ${task.name.padEnd(10)} ${duration(seconds)}${tests}`);
  if (!ok && !isOnly) console.log(output);
}

const duration = (seconds) => `${seconds.toFixed(1).padStart(6)} s`;

function summarise(results, seconds) {
  const slow = slowest(results, NUM_SLOWEST);
  if (slow.length > 1) console.log("slowest tests:");
  if (slow.length > 1) for (const test of slow) console.log(`${duration(test.seconds)}  ${test.name}`);
  const { passed, failed, skipped } = total(results);
  if (failed > 0) process.exitCode = 1;
  console.log(`${seconds.toFixed(0)} s in ${LANES} lanes`);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
}

function list(tasks) {
  for (const { name, paths } of tasks) console.log([name, ...paths].join(" "));
}

async function main() {
  const parsed = parse(process.argv.slice(2));
  if (parsed.values.help) return console.log(HELP);
  const reports = mkdtempSync(join(tmpdir(), "lghrec-test-"));
  try {
    const tasks = tasksFor(selectionFor(parsed), { ...parsed.values, reports });
    if (parsed.values.list) return list(tasks);
    await bootstrap({ dev: true });
    const started = performance.now();
    const results = await runInLanes(tasks, (task) => runTask(task, tasks.length === 1));
    summarise(results, (performance.now() - started) / 1000);
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  reportFailure(error);
}
