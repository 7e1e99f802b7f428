#!/usr/bin/env node
/**
 * Installs what is missing, then runs every check and test: what CI runs.
 *
 *   node scripts/test.mjs                 everything
 *   node scripts/test.mjs sdk ruff ...    only these stages or groups (check, contract, sdk, compute, e2e)
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { bootstrap } from "./bootstrap.mjs";
import { ROOT } from "./lib/paths.mjs";
import { readCounts, total } from "./lib/reports.mjs";
import { reportFailure } from "./lib/setup-error.mjs";
import { stages } from "./lib/stages.mjs";
import { capture, toolEnv } from "./lib/step.mjs";

// One thread a process: two stages at a time fill two cores, and results do not depend on the machine.
const threads = { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
const env = toolEnv({ ...threads, NO_COLOR: "1" });
delete env.FORCE_COLOR;
const LANES = Math.min(2, availableParallelism());

async function runStage(stage) {
  const started = performance.now();
  let ok = true;
  let output = "";
  for (const command of stage.commands) {
    const result = await capture(command, { cwd: stage.cwd ?? ROOT, env });
    output += result.output;
    ok &&= result.code === 0;
  }
  const counts = readCounts(stage.report, stage.reportPath ?? "");
  return { stage, ok, output, counts, seconds: (performance.now() - started) / 1000 };
}

function show({ stage, ok, output, counts, seconds }) {
  const tests = stage.report ? `  ${counts.passed} passed, ${counts.failed} failed` : "";
  console.log(
    `${ok ? "ok  " : "FAIL"}  ${stage.name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s${tests}`,
  );
  if (!ok) console.log(output);
}

async function runAll(selected) {
  const results = [];
  const lane = async (queue) => {
    for (let stage = queue.shift(); stage; stage = queue.shift()) {
      const result = await runStage(stage);
      show(result);
      results.push(result);
    }
  };
  const shared = selected.filter((stage) => !stage.alone);
  await Promise.all(Array.from({ length: LANES }, () => lane(shared)));
  await lane(selected.filter((stage) => stage.alone));
  return results;
}

function select(all, names) {
  if (names.length === 0) return all;
  const unknown = names.find((name) => !all.some((stage) => stage.name === name || stage.group === name));
  if (unknown)
    throw new Error(`no stage ${unknown}, expected one of ${all.map((stage) => stage.name).join(", ")}`);
  return all.filter((stage) => names.includes(stage.name) || names.includes(stage.group));
}

const reports = mkdtempSync(join(tmpdir(), "lghrec-test-"));
try {
  await bootstrap({ dev: true });
  const results = await runAll(select(stages(reports), process.argv.slice(2)));
  const { passed, failed, skipped } = total(results);
  if (failed > 0) process.exitCode = 1;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
} catch (error) {
  reportFailure(error);
} finally {
  rmSync(reports, { recursive: true, force: true });
}
