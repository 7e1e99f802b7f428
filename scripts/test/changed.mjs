import { execFileSync } from "node:child_process";
import { ROOT } from "../lib/paths.mjs";
import { add, everything, testsOf } from "./select.mjs";

const MAIN = ["main", "origin/main"];

/**
 * The files that differ from `base`: committed, staged, unstaged and untracked.
 *
 * Without a base, a branch is compared with the commit where it left main. On main itself, the uncommitted changes are
 * compared with the last commit, and if there are none, the last commit is compared with the one before.
 *
 * @returns {{ base: string, paths: string[] }} Paths of files that were deleted are included.
 */
export function changedFiles(base = defaultBase()) {
  const paths = new Set([...git("diff", "--name-only", "--no-renames", "-z", base), ...untracked()]);
  return { base, paths: [...paths].sort() };
}

function defaultBase() {
  const head = git("rev-parse", "HEAD")[0];
  for (const main of MAIN) {
    const fork = tryGit("merge-base", "HEAD", main)?.[0];
    if (fork && fork !== head) return fork;
  }
  const isClean = git("diff", "--name-only", "-z", "HEAD").length === 0 && untracked().length === 0;
  return isClean && tryGit("rev-parse", "HEAD~1") ? "HEAD~1" : "HEAD";
}

const untracked = () => git("ls-files", "--others", "--exclude-standard", "-z");

function git(...args) {
  const text = execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return text.split(/[\0\n]/).filter(Boolean);
}

function tryGit(...args) {
  try {
    return git(...args);
  } catch {
    return undefined;
  }
}

// Checks that read a kind of file. `tree` reads every file.
const CHECKS = [
  [/\.(ts|mjs|cjs|js|json)$/, ["biome"]],
  [/^(sdk|test|examples|docs)\/.*\.ts$/, ["types", "knip"]],
  [/^(scripts|test)\/.*\.(mjs|ts)$|package\.json$/, ["knip"]],
  [/^sdk\/(src\/|package\.json)/, ["public"]],
  [/\.py$/, ["ruff"]],
  [/^compute-server\/src\/lghrec_compute\/.*\.py$/, ["pyright", "arrows"]],
  [/^compute-server\/\.importlinter$/, ["arrows"]],
  [/^(proto|sdk\/(schemas|src\/(gen|grpc|specs|cli\/program))|docs\/reference|scripts\/gen)\b/, ["gen"]],
  [/^compute-server\/src\/(lghrec\/|lghrec_compute\/spec\/)/, ["gen"]],
  [/^proto\//, ["buf", "public", "compute/test/compute/spec", "sdk"]],
  [/^docs\/|\.md$/, ["docs"]],
  [/^docs\//, ["site"]],
  [/^test\/contract\//, ["public"]],
];

// A change of these can change the result of any test.
const WHOLE =
  /^(package(-lock)?\.json|tsconfig\.base\.json|vitest\.config\.ts|compute-server\/(pyproject\.toml|constraints\.txt)|scripts\/(test\/|test\.mjs|lib\/|bootstrap\.mjs))/;
// Files that no test reads: only `tree` and the checks above see them.
const UNTESTED =
  /^(\.ci|\.github|docker|scripts|examples\/ci|test\/bench)\/|^\.[\w.-]+$|\.(md|cff)$|^(LICENSE|biome\.json)$|(^|\/)tsconfig\.json$|^docs\//;

/**
 * The tests and checks for changed files.
 *
 * @returns {{ selection: import("./select.mjs").Selection, reasons: string[] }} `reasons` says why the selection is
 *   wider than the changed files.
 */
export function selectChanged(paths) {
  const whole = paths.find((path) => WHOLE.test(path));
  if (whole)
    return { selection: everything(), reasons: [`${whole} can change every result, so everything runs`] };
  const selection = new Map(paths.length > 0 ? [["tree", "all"]] : []);
  const reasons = [];
  for (const path of paths) {
    for (const stage of CHECKS.filter(([pattern]) => pattern.test(path)).flatMap(([, stages]) => stages)) {
      const [name, ...folder] = stage.split("/");
      add(selection, name, folder.length > 0 ? folder.join("/") : undefined);
    }
    for (const reason of addTests(selection, path)) reasons.push(reason);
  }
  return { selection, reasons: [...new Set(reasons)] };
}

function* addTests(selection, path) {
  const tests = testsOf(path);
  for (const test of tests) add(selection, test.stage, test.path);
  if (tests.length > 0 || UNTESTED.test(path)) return;
  const suite = suiteOf(path);
  add(selection, suite);
  yield `${path} has no test of its own, so the whole stage ${suite} runs`;
}

const suiteOf = (path) =>
  /\.py$|^compute-server\//.test(path) ? "compute" : path.startsWith("test/e2e/") ? "e2e" : "sdk";
