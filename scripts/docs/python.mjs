import { spawnSync } from "node:child_process";
import { at, venvBin } from "../lib/paths.mjs";

/**
 * Syntax errors of the `python` blocks, and names that they import from the server and that do not exist. A name that
 * another block of the page defines exists.
 */
export function pythonProblems(blocks) {
  const own = blocks.filter(({ language }) => language === "python");
  if (own.length === 0) return [];
  const input = JSON.stringify(own.map(({ path, lines }) => [path, lines.join("\n")]));
  const script = at("scripts", "docs", "python_blocks.py");
  const { status, stdout, stderr } = spawnSync(venvBin("python"), [script, at("compute-server", "src")], {
    input,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout).map(({ block, line, problem }) => ({
    path: own[block].path,
    problem: `line ${own[block].line + line}: ${problem}`,
  }));
}
