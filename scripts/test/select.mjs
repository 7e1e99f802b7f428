import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { at, ROOT } from "../lib/paths.mjs";
import { SetupError } from "../lib/setup-error.mjs";
import { nearest } from "./nearest.mjs";
import { GROUPS, STAGES, stagesNamed } from "./stages.mjs";
import {
  pythonTests,
  testsOfHelper,
  testsOfPython,
  testsOfSdk,
  testsOfSupport,
  typescriptTests,
} from "./tests-of.mjs";

const IS_TEST = /(^|\/)test_\w+\.py$|\.test\.ts$/;

/** @typedef {Map<string, Set<string> | "all">} Selection For each stage its test paths, or "all". */

/** Adds a whole stage, or one test path of a test suite, to a selection. */
export function add(selection, stage, path) {
  if (path === undefined || selection.get(stage) === "all") selection.set(stage, "all");
  else selection.set(stage, (selection.get(stage) ?? new Set()).add(path));
}

/** Every stage. @returns {Selection} */
export const everything = () => new Map(STAGES.map((stage) => [stage.name, "all"]));

/**
 * The tests for the names that a user gives: stages, groups, paths of tests or sources, and names of test files.
 *
 * @param {string[]} names
 * @param {string} from Folder that relative paths start from.
 * @returns {Selection}
 * @throws {SetupError} If a name is unknown; the error suggests similar names.
 */
export function select(names, from) {
  const selection = new Map();
  for (const name of names) {
    const [path, ...test] = name.split("::");
    const found = fromStage(path) ?? fromPath(path, from) ?? fromName(path);
    if (found.length === 0) throw unknown(path);
    for (const { stage, path: at } of found) add(selection, stage, at && [at, ...test].join("::"));
  }
  return selection;
}

function fromStage(name) {
  const stages = stagesNamed(name);
  return stages.length > 0 ? stages.map((stage) => ({ stage: stage.name })) : undefined;
}

function fromPath(name, from) {
  const path = [resolve(from, name), at(name)].find((candidate) => existsSync(candidate));
  if (!path) return undefined;
  const inside = relative(ROOT, path).split(sep).join("/");
  if (inside.startsWith("..") || isAbsolute(inside)) return undefined;
  const tests = testsOf(inside);
  if (tests.length > 0) return tests;
  throw new SetupError(`${inside} has no tests`, { cure: "name a test, or run npm test", exitCode: 2 });
}

/**
 * The tests of one file or folder of the repository.
 *
 * @param {string} path Relative to the root of the repository, with forward slashes.
 * @returns {{ stage: string, path?: string }[]} Empty if there are none.
 */
export function testsOf(path) {
  const suites = STAGES.filter(({ suite }) => suite?.startsWith(`${path}/`));
  if (suites.length > 0) return suites.map(({ name }) => ({ stage: name }));
  const suite = STAGES.find(({ suite }) => suite && `${path}/`.startsWith(`${suite}/`));
  if (suite) return testsInSuite(suite, path);
  const isBelow = (folder) => `${path}/`.startsWith(`${folder}/`);
  if (isBelow("compute-server/src/lghrec_compute")) return placed(testsOfPython(path));
  if (isBelow("sdk/src")) return placed(testsOfSdk(path));
  if (/^test\/support\/.*\.py$/.test(path)) return placed(testsOfSupport(path));
  if (/^test\/support\/.*\.ts$/.test(path)) return placed(testsOfHelper(path));
  if (isBelow("examples")) return [{ stage: "e2e", path: "test/e2e/examples.test.ts" }];
  if (isBelow("proto")) return ["gen", "buf"].map((stage) => ({ stage }));
  if (isBelow("docs")) return ["docs", "site"].map((stage) => ({ stage }));
  if (path.endsWith(".md")) return [{ stage: "docs" }];
  return [];
}

function testsInSuite({ name, suite }, path) {
  if (path === suite) return [{ stage: name }];
  if (IS_TEST.test(path)) return existsSync(at(path)) ? [{ stage: name, path }] : [];
  if (/\.\w+$/.test(path)) {
    // A helper or a fixture: the tests that import it, else those of the folder that it lies in.
    const importing = path.endsWith(".ts") ? testsOfHelper(path) : [];
    return importing.length > 0 ? placed(importing) : testsInSuite({ name, suite }, dirname(path));
  }
  const hasTests = [...pythonTests(), ...typescriptTests()].some((test) => test.startsWith(`${path}/`));
  return hasTests ? [{ stage: name, path }] : testsInSuite({ name, suite }, dirname(path));
}

// A path that is the folder of a whole suite stands for its stage.
const placed = (paths) =>
  paths.map((path) => {
    const { name, suite } = STAGES.find(({ suite }) => suite && `${path}/`.startsWith(`${suite}/`));
    return path === suite ? { stage: name } : { stage: name, path };
  });

// "policy", "test_state", "backbones/test_contract", "abort": the end of a path without suffix and "test_".
function fromName(name) {
  const key = keyOf(name);
  return placed([...candidates()].filter((path) => `/${keyOf(path)}`.endsWith(`/${key}`)));
}

const keyOf = (path) =>
  path
    .replace(/(\.test)?\.\w+$/, "")
    .replace(/(^|\/)test_(?=[^/]*$)/, "$1")
    .replace(/\/$/, "");

function candidates() {
  const files = [...pythonTests(), ...typescriptTests()];
  const folders = files.flatMap((path) => ancestors(path).filter((folder) => folder.split("/").length > 2));
  return new Set([...folders, ...files]);
}

function ancestors(path) {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function unknown(name) {
  const stages = [...STAGES.map((stage) => stage.name), ...GROUPS];
  const known = [...stages, ...[...candidates()].map((path) => basename(keyOf(path)))];
  const similar = nearest(basename(keyOf(name)), known);
  const question = similar.length > 0 ? `; did you mean ${similar.join(" or ")}?` : "";
  return new SetupError(`no stage, test or source file is named ${name}${question}`, {
    cure: `name a path, a test or one of the stages ${[...new Set(stages)].join(", ")}`,
    exitCode: 2,
  });
}
