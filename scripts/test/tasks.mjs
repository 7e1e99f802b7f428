import { join, relative } from "node:path";
import { at, nodeTool, ROOT, venvBin } from "../lib/paths.mjs";
import { STAGES } from "./stages.mjs";

const FEW_FILES = 3;
const NODE = [process.execPath, nodeTool("vitest", "vitest.mjs")];

/**
 * @typedef {object} Options
 * @property {string} reports Folder for the reports of the runners.
 * @property {boolean} [full] Also run the tests that are marked `full`.
 * @property {string} [filter] Run only tests whose name contains this text.
 */

/**
 * The tasks for a selection, in the order of the stages.
 *
 * @param {Map<string, Set<string> | "all">} selection For each stage its test paths, or "all".
 * @param {Options} options
 */
export function tasksFor(selection, options) {
  return STAGES.filter((stage) => selection.has(stage.name)).map((stage) => {
    const chosen = selection.get(stage.name);
    return taskOf(stage, chosen === "all" ? [] : [...chosen].sort(), options);
  });
}

function taskOf(stage, paths, options) {
  const task = { ...stage, paths, lanes: lanesFor(stage, paths), cwd: stage.cwd ?? ROOT };
  if (!stage.runner) return task;
  const reportPath = join(options.reports, stage.name);
  const run = stage.runner === "pytest" ? pytest : vitest;
  return { ...task, reportPath, commands: [run({ ...task, reportPath }, options)] };
}

// Vitest runs files in parallel. A worker of pytest needs seconds to start, so that a few files are faster in one.
function lanesFor({ runner, lanes = 1 }, paths) {
  if (paths.length === 0 || paths.some(isFolder)) return lanes;
  if (runner === "vitest") return Math.min(lanes, paths.length);
  return paths.length > FEW_FILES ? lanes : 1;
}

const isFolder = (path) => !/\.\w+(::|$)/.test(path);

function pytest({ paths, lanes, suite, cwd, reportPath }, { full, filter }) {
  return [
    // The tests lie outside the folder of the configuration, so pytest does not find it when a path is given.
    ...[venvBin("python"), "-m", "pytest", "-c", "pyproject.toml", "--rootdir", ROOT],
    `--junitxml=${reportPath}`,
    // A worker takes tests from the end of another worker's list, so that most fixtures of a module are set up once.
    ...(lanes > 1 ? ["-n", String(lanes), "--dist", "worksteal"] : []),
    ...(full ? ["-m", ""] : []),
    ...(filter ? ["-k", filter] : []),
    ...(paths.length > 0 ? paths : [suite]).map((path) => relative(cwd, at(path))),
  ];
}

function vitest({ paths, lanes, suite, reportPath }, { filter }) {
  return [
    ...[...NODE, "run", "--dir", suite, `--maxWorkers=${lanes}`],
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`],
    ...(filter ? ["-t", filter] : []),
    ...paths,
  ];
}
