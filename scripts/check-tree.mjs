#!/usr/bin/env node
/**
 * Checks what no compiler checks: the length of files, marks of unfinished work, paths that exist on one machine only,
 * tests that are switched off, and the names at the top of the repository.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { at, ROOT } from "./lib/paths.mjs";

const TOP = new Set([
  ...[".ci", ".editorconfig", ".gitignore", ".npmrc", "biome.json", "package.json", "package-lock.json"],
  ...["tsconfig.base.json", "vitest.config.ts", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"],
  ...["CITATION.cff", "CODE_OF_CONDUCT.md", "SECURITY.md", ".github", ".pre-commit-config.yaml"],
  ...["scripts", "proto", "sdk", "compute-server", "examples", "docker", "docs", "test"],
]);
const GENERATED =
  /^(sdk\/(schemas|src\/(gen|grpc\/gen|specs\/gen))\/|compute-server\/src\/lghrec\/|package-lock\.json$)/;
const CODE = /\.(ts|mjs|py)$/;
const TEXT = /\.(ts|mjs|cjs|js|py|proto|md|json|ya?ml|toml|txt|Dockerfile)$/;
const MAX_SOURCE = 300;
const MAX_TEST = 400;
const MAX_EXAMPLE_LOGIC = 40;

const MACHINE_PATH = /(?:^|[\s"'`=:(])\/(?:root|work|home\/\w+|Users\/\w+)\/\w/;
const UNFINISHED = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X"].join("|")})\\b`);
const SWITCHED_OFF =
  /\b(?:it|test|describe)\.(?:skip|skipIf|runIf|only|todo)\b|pytest\.(?:mark\.(?:skip|skipif|xfail)|importorskip)\b/;
// A test may skip itself where the machine lacks something. The text of the skip says what is missing.
const SKIP = /\bpytest\.skip\(|\bcontext\.skip\(/;
const SKIP_WITH_REASON = /\.skip\(\s*f?"(?:\S+ ){5,}[^"]*"/;

function* problemsOf(path) {
  if (!TOP.has(path.split("/")[0])) yield "does not belong at the top of the repository";
  if (GENERATED.test(path) || !TEXT.test(path)) return;
  const lines = readFileSync(at(path), "utf8").split("\n");
  const isTest = path.startsWith("test/");
  const ceiling = isTest ? MAX_TEST : MAX_SOURCE;
  if (CODE.test(path) && lines.length - 1 > ceiling)
    yield `has ${lines.length - 1} lines, expected ${ceiling} at most`;
  if (/^examples\/[^/]+\.ts$/.test(path)) yield* exampleProblems(lines);
  for (const [index, line] of lines.entries()) {
    if (MACHINE_PATH.test(line)) yield `line ${index + 1} names a path of one machine`;
    if (CODE.test(path) && UNFINISHED.test(line)) yield `line ${index + 1} marks unfinished work`;
    if (isTest && SWITCHED_OFF.test(line)) yield `line ${index + 1} switches tests off`;
    if (isTest && SKIP.test(line) && !SKIP_WITH_REASON.test(lines.slice(index, index + 2).join(" ")))
      yield `line ${index + 1} skips a test without a reason of at least six words`;
  }
}

function* exampleProblems(lines) {
  const logic = lines.filter((line) => !/^\s*($|\/\/|\/\*|\*|import\b)/.test(line)).length;
  if (logic > MAX_EXAMPLE_LOGIC) yield `has ${logic} lines of logic, expected ${MAX_EXAMPLE_LOGIC} at most`;
}

const listing = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
  cwd: ROOT,
  encoding: "utf8",
});
// A file that is deleted but not yet committed is still listed.
const files = listing.split("\0").filter((path) => path !== "" && existsSync(at(path)));
const problems = files.flatMap((path) => [...problemsOf(path)].map((problem) => `${path}: ${problem}`));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
