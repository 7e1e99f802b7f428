#!/usr/bin/env node
/**
 * Generates code, schemas and documentation from the two sources that are written by hand. The results are committed.
 *
 *   proto/                                   messages and services in TypeScript and Python
 *   compute-server/src/lghrec_compute/spec/  types of specs in TypeScript, JSON Schemas, the configuration reference
 *
 * The reference of the command line comes from the table of commands in sdk/src/cli/program, and the page of results from
 * the stored rows in test/bench/results/.
 *
 *   node scripts/gen.mjs                  write them
 *   node scripts/gen.mjs --check          fail if the committed files differ from what would be written
 *   node scripts/gen.mjs --release-image  keep today's contract as a baseline for `buf breaking`
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { bootstrap } from "./bootstrap.mjs";
import { CLI_PAGE, cliPage } from "./gen/cli.mjs";
import { SPEC_FILES, SPEC_FOLDERS, specFiles } from "./gen/specs.mjs";
import { buf } from "./lib/buf.mjs";
import { at, ROOT, venvBin } from "./lib/paths.mjs";
import { reportFailure, SetupError } from "./lib/setup-error.mjs";
import { filesBelow } from "./lib/stamp.mjs";
import { capture } from "./lib/step.mjs";

const PROTO = at("proto");
const PYTHON_OUT = join("compute-server", "src");
const PROTO_FOLDERS = [
  join("sdk", "src", "gen"),
  join("sdk", "src", "grpc", "gen"),
  join(PYTHON_OUT, "lghrec"),
];
const GENERATED = [...PROTO_FOLDERS, ...SPEC_FOLDERS];
const RESULTS_PAGE = join("docs", "results.md");
const GENERATED_FILES = [...SPEC_FILES, CLI_PAGE, RESULTS_PAGE];

async function generate(base) {
  // First, so that an error of a model leaves the generated files as they are.
  const specs = await specFiles();
  for (const folder of GENERATED) rmSync(join(base, folder), { recursive: true, force: true });
  await must(
    "buf generate",
    buf(["generate", "proto", "--template", "proto/buf.gen.yaml", "--output", base]),
  );
  await generatePython(join(base, PYTHON_OUT));
  for (const [path, text] of [...specs, [CLI_PAGE, await cliPage()]]) {
    mkdirSync(join(base, dirname(path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
  const results = [
    venvBin("python"),
    at("test", "bench", "results_page.py"),
    "--out",
    join(base, RESULTS_PAGE),
  ];
  await must("results page", capture(results));
}

async function generatePython(out) {
  const files = filesBelow(PROTO).filter((file) => file.endsWith(".proto"));
  const withService = files.filter((file) => /^service /m.test(readFileSync(file, "utf8")));
  mkdirSync(join(out, "lghrec", "v1"), { recursive: true });
  const protoc = [venvBin("python"), "-m", "grpc_tools.protoc", `--proto_path=${PROTO}`];
  await must("protoc", capture([...protoc, `--python_out=${out}`, `--pyi_out=${out}`, ...files]));
  // A file without a service would get an empty stub.
  await must("protoc", capture([...protoc, `--grpc_python_out=${out}`, ...withService]));
  writeFileSync(join(out, "lghrec", "__init__.py"), "");
  writeFileSync(join(out, "lghrec", "v1", "__init__.py"), "");
}

/** Paths of generated files that are missing, left over or different. */
async function drift() {
  const base = mkdtempSync(join(tmpdir(), "lghrec-gen-"));
  try {
    await generate(base);
    const folders = GENERATED.flatMap((folder) => differences(at(folder), join(base, folder), folder));
    const files = GENERATED_FILES.filter((path) => textOf(at(path)) !== textOf(join(base, path)));
    return [...folders, ...files];
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function differences(committed, fresh, folder) {
  const [before, after] = [contents(committed), contents(fresh)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.filter((path) => before.get(path) !== after.get(path)).map((path) => join(folder, path));
}

const textOf = (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

function contents(folder) {
  const files = filesBelow(folder).filter((file) => !file.includes("__pycache__"));
  return new Map(files.map((file) => [relative(folder, file), readFileSync(file, "utf8")]));
}

async function releaseImage() {
  const { version } = JSON.parse(readFileSync(at("sdk", "package.json"), "utf8"));
  const folder = at("test", "contract", "released");
  mkdirSync(folder, { recursive: true });
  const image = join(folder, `${version}.binpb`);
  if (readdirSync(folder).includes(`${version}.binpb`)) {
    throw new SetupError(`${relative(ROOT, image)} is there already`, {
      cure: "raise the version in sdk/package.json",
    });
  }
  await must("buf build", buf(["build", "proto", "--exclude-source-info", "--output", image]));
  console.log(relative(ROOT, image));
}

async function must(name, running) {
  const { code, output } = await running;
  if (code !== 0) throw new SetupError(`${name} failed`, { cure: "see the messages above", output });
}

try {
  // Sources that use a new message compile only once it is generated.
  await bootstrap({ dev: true, sdk: false });
  if (process.argv.includes("--release-image")) await releaseImage();
  else if (process.argv.includes("--check")) {
    const stale = await drift();
    for (const path of stale) console.error(`out of date: ${path}`);
    if (stale.length > 0)
      throw new SetupError("generated code is out of date", { cure: "npm run gen, then commit" });
  } else await generate(ROOT);
} catch (error) {
  reportFailure(error);
}
