import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { at, nodeTool, venvBin } from "../lib/paths.mjs";
import { LANES } from "./lanes.mjs";

const node = (...args) => [process.execPath, ...args];
const tool = (...parts) => node(nodeTool(...parts));
const script = (name, ...args) => node(at("scripts", name), ...args);
const buf = (...args) => [...tool("@bufbuild", "buf", "bin", "buf"), ...args];

const COMPUTE = at("compute-server");
// The tests lie outside the folder of the configuration, so the configuration is named.
const ruff = (...args) => [
  venvBin("ruff"),
  ...args,
  "--config=pyproject.toml",
  ...["src", "../test/compute", "../test/bench", "../test/support", "../scripts"],
];

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} group
 * @property {string} [cwd] Folder in which the commands run; the default is the root of the repository.
 * @property {number} [lanes] The number of cores that the stage uses; the default is 1.
 * @property {string[][]} [commands] Commands of a check. They run one after the other.
 * @property {"pytest" | "vitest"} [runner] The runner of a test suite.
 * @property {string} [suite] The folder of a test suite.
 */

/** @type {Stage[]} Every check and every test suite, in the order in which they start. */
export const STAGES = [
  // The longest suites come first, and the short checks fill the lanes at the end.
  { name: "compute", group: "compute", runner: "pytest", suite: "test/compute", cwd: COMPUTE, lanes: LANES },
  { name: "e2e", group: "e2e", runner: "vitest", suite: "test/e2e", lanes: LANES },
  { name: "sdk", group: "sdk", runner: "vitest", suite: "test/sdk", lanes: LANES < 4 ? 1 : 4 },
  { name: "pyright", group: "check", commands: [[...tool("pyright", "index.js"), "-p", "compute-server"]] },
  { name: "public", group: "contract", runner: "vitest", suite: "test/contract" },
  { name: "docs", group: "check", commands: [script("check-docs.mjs")] },
  // The build fails for links that are dead on the site and for broken links between types of the SDK.
  { name: "site", group: "check", commands: [script("docs.mjs")] },
  { name: "gen", group: "check", commands: [script("gen.mjs", "--check")] },
  { name: "types", group: "check", commands: [[...tool("typescript", "bin", "tsc"), "-p", "test"]] },
  { name: "buf", group: "contract", commands: [buf("lint", "proto"), ...breaking()] },
  {
    name: "biome",
    group: "check",
    commands: [[...tool("@biomejs", "biome", "bin", "biome"), "ci", "--colors=off", "."]],
  },
  { name: "ruff", group: "check", cwd: COMPUTE, commands: [ruff("format", "--check"), ruff("check")] },
  { name: "tree", group: "contract", commands: [script("check-tree.mjs")] },
  { name: "arrows", group: "contract", cwd: COMPUTE, commands: [[venvBin("lint-imports"), "--no-cache"]] },
  {
    name: "knip",
    group: "contract",
    commands: [[...tool("knip", "bin", "knip.js"), "--config", "test/contract/knip.json"]],
  },
];

export const GROUPS = [...new Set(STAGES.map((stage) => stage.group))];

/** Stages with this name or in this group. */
export const stagesNamed = (name) => STAGES.filter((stage) => stage.name === name || stage.group === name);

// Every released contract must stay readable. Before the first release there is nothing to compare with.
function breaking() {
  const folder = at("test", "contract", "released");
  const images = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".binpb")) : [];
  return images.map((name) => buf("breaking", "proto", "--against", join(folder, name)));
}
