import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { at, ROOT } from "../lib/paths.mjs";
import { filesBelow } from "../lib/stamp.mjs";

const PYTHON_SOURCES = "compute-server/src/lghrec_compute/";
const PYTHON_SUPPORT = "test/support/python/";
const PYTHON_TESTS = "test/compute";
const SDK_SOURCES = "sdk/src/";
const SDK_TESTS = "test/sdk";

const below = (folder) => filesBelow(at(folder)).map((path) => relative(ROOT, path));
const once = (compute) => {
  let value;
  return () => {
    value ??= compute();
    return value;
  };
};

export const pythonTests = once(() => below(PYTHON_TESTS).filter((path) => /\/test_\w+\.py$/.test(path)));
const typescript = once(() => below("test").filter((path) => path.endsWith(".ts")));
export const typescriptTests = once(() => typescript().filter((path) => path.endsWith(".test.ts")));
const importsOfPythonTests = once(() =>
  pythonTests().map((path) => ({ path, imports: pythonImports(path) })),
);
const importsOfTypescript = once(() =>
  typescript().map((path) => ({ path, imports: relativeImports(path) })),
);

/**
 * The tests of a source file or folder of the compute server: the files and folders of the same name below
 * test/compute, and the tests that import the module or one of its names. Where there are none, the tests of the folder
 * that contains it.
 *
 * @param {string} path Relative to the root of the repository.
 * @returns {string[]} Test files and folders; empty if there are none.
 */
export function testsOfPython(path) {
  const inside = path.slice(PYTHON_SOURCES.length).replace(/\/$/, "");
  const tests = inside.endsWith(".py") ? testsOfModule(inside) : testsOfPackage(inside);
  return tests.length > 0 ? tests : nearestFolder(PYTHON_TESTS, dirname(inside));
}

function testsOfModule(inside) {
  const module = inside.replace(/(\/__init__)?\.py$/, "");
  const folder = join(PYTHON_TESTS, dirname(module));
  const mirrored = pythonTests().filter(
    (test) => dirname(test) === folder && basename(test, ".py").startsWith(`test_${basename(module)}`),
  );
  const name = ["lghrec_compute", ...module.split("/")].join(".");
  return [...new Set([...mirrored, ...testsImporting(name, PYTHON_SOURCES + inside)])];
}

function testsOfPackage(inside) {
  const mirrored = existing([join(PYTHON_TESTS, inside)]);
  if (mirrored.length > 0) return mirrored;
  const modules = below(PYTHON_SOURCES + inside).filter((path) => path.endsWith(".py"));
  return [...new Set(modules.flatMap((path) => testsOfModule(path.slice(PYTHON_SOURCES.length))))];
}

/** The folder of tests of the same name, else of its nearest parent that has one, else all tests. */
function nearestFolder(tests, folder) {
  for (let at = folder; at !== "."; at = dirname(at)) {
    const found = existing([join(tests, at)]);
    if (found.length > 0) return found;
  }
  return [tests];
}

/** The tests that import a module of test/support/python. */
export const testsOfSupport = (path) =>
  testsImporting(path.slice(PYTHON_SUPPORT.length, -".py".length), path);

function testsImporting(module, path) {
  const names = existsSync(at(path)) ? definedNames(readFileSync(at(path), "utf8")) : new Set();
  names.add(module.split(".").at(-1));
  const parent = (other) => module.startsWith(`${other}.`);
  return importsOfPythonTests()
    .filter(({ imports }) =>
      imports.some(
        (item) =>
          item.module === module || (parent(item.module) && item.names.some((name) => names.has(name))),
      ),
    )
    .map((test) => test.path);
}

function pythonImports(path) {
  const text = readFileSync(at(path), "utf8");
  const from = [...text.matchAll(/^\s*from ([\w.]+) import (\([^)]*\)|[^\n]*)/gm)].map(
    ([, module, names]) => ({
      module,
      names: names.match(/\w+/g) ?? [],
    }),
  );
  const whole = [...text.matchAll(/^\s*import ([\w.]+)/gm)].map(([, module]) => ({ module, names: [] }));
  return [...from, ...whole];
}

const definedNames = (text) =>
  new Set(
    [...text.matchAll(/^(?:class |def |async def )?([A-Za-z]\w*)(?=[\s:(=])/gm)].map(([, name]) => name),
  );

/**
 * The tests of a source file or folder of the SDK: the test files and folders of the same name below test/sdk, and the
 * tests that import the file. Where there are none, the tests of the folder that contains it.
 */
export function testsOfSdk(path) {
  const inside = path.slice(SDK_SOURCES.length).replace(/\/$/, "");
  const isFile = inside.endsWith(".ts");
  const stem = basename(inside, ".ts");
  const mirrored = isFile
    ? typescriptTests().filter((test) => basename(test, ".test.ts") === stem)
    : existing([join(SDK_TESTS, inside)]);
  const importing = isFile ? importersOf(path) : [];
  const found = [...new Set([...mirrored, ...importing])];
  return found.length > 0 ? found : nearestFolder(SDK_TESTS, dirname(inside));
}

/** The TypeScript tests that import a helper below test/, also by way of another helper. */
export function testsOfHelper(path, seen = new Set()) {
  if (seen.has(path)) return [];
  seen.add(path);
  const importing = importersOf(path);
  return [
    ...new Set(
      importing.flatMap((other) => (/\.test\.ts$/.test(other) ? other : testsOfHelper(other, seen))),
    ),
  ];
}

const importersOf = (path) =>
  importsOfTypescript()
    .filter(({ imports }) => imports.includes(path))
    .map((file) => file.path);

// `import ... from "../support/checkerboard.js"` names the source file test/support/checkerboard.ts.
function relativeImports(path) {
  const text = readFileSync(at(path), "utf8");
  return [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)\.js"/g)].map(
    ([, name]) => `${join(dirname(path), name)}.ts`,
  );
}

const existing = (paths) => paths.filter((path) => existsSync(at(path)));
