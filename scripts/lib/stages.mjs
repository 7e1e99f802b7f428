import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { at, nodeTool, venvBin } from "./paths.mjs";

const node = (...args) => [process.execPath, ...args];
const buf = (...args) => node(nodeTool("@bufbuild", "buf", "bin", "buf"), ...args);
const vitest = (folder, report) =>
  node(
    nodeTool("vitest", "vitest.mjs"),
    ...["run", "--dir", join("test", folder), "--maxWorkers=1", "--testTimeout=60000", "--hookTimeout=60000"],
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  );
const pytest = (report) => [venvBin("python"), "-m", "pytest", `--junitxml=${report}`];
const ruff = (...args) => [venvBin("ruff"), ...args];

const COMPUTE = at("compute-server");
// Named for the tests, which lie outside the folder of the configuration.
const RUFF_CONFIG = "--config=pyproject.toml";
const PYTHON = ["src", "../test/compute", "../test/bench", "../test/support"];

/**
 * Every check and test, in the order in which they are started.
 *
 * `commands` run one after the other. `report` is how many tests ran is read from: "vitest" is its
 * JSON, "pytest" is JUnit XML. A stage that is `alone` shares the machine with no other.
 *
 * @param {string} reports A folder for the reports.
 */
export function stages(reports) {
  const report = (name) => join(reports, name);
  return [
    { name: "gen", group: "check", commands: [node(at("scripts", "gen.mjs"), "--check")] },
    {
      name: "compute",
      group: "compute",
      cwd: COMPUTE,
      report: "pytest",
      commands: [pytest(report("compute"))],
    },
    { name: "buf", group: "contract", commands: [buf("lint", "proto"), ...breaking()] },
    {
      name: "biome",
      group: "check",
      commands: [node(nodeTool("@biomejs", "biome", "bin", "biome"), "ci", "--colors=off", ".")],
    },
    { name: "types", group: "check", commands: [node(nodeTool("typescript", "bin", "tsc"), "-p", "test")] },
    {
      name: "ruff",
      group: "check",
      cwd: COMPUTE,
      commands: [ruff("format", "--check", RUFF_CONFIG, ...PYTHON), ruff("check", RUFF_CONFIG, ...PYTHON)],
    },
    {
      name: "pyright",
      group: "check",
      commands: [node(nodeTool("pyright", "index.js"), "-p", "compute-server")],
    },
    { name: "tree", group: "contract", commands: [node(at("scripts", "check-tree.mjs"))] },
    {
      name: "arrows",
      group: "contract",
      cwd: COMPUTE,
      commands: [[venvBin("lint-imports"), "--no-cache"]],
    },
    {
      name: "knip",
      group: "contract",
      commands: [node(nodeTool("knip", "bin", "knip.js"), "--config", "test/contract/knip.json")],
    },
    { name: "public", group: "contract", report: "vitest", commands: [vitest("contract", report("public"))] },
    { name: "sdk", group: "sdk", report: "vitest", commands: [vitest("sdk", report("sdk"))] },
    { name: "e2e", group: "e2e", alone: true, report: "vitest", commands: [vitest("e2e", report("e2e"))] },
  ].map((stage) => (stage.report ? { ...stage, reportPath: report(stage.name) } : stage));
}

// Released contracts must stay readable for ever; before the first release there is nothing to break.
function breaking() {
  const folder = at("test", "contract", "released");
  const images = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".binpb")) : [];
  return images.map((name) => buf("breaking", "proto", "--against", join(folder, name)));
}
