import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeCheckerboard } from "../support/checkerboard.js";
import { collect, lghrec, prepare, scratch, startWorld, type World } from "./support.js";

let world: World;
let dataset: string;

beforeAll(async () => {
  world = await startWorld(scratch());
  dataset = (await prepare(world)).dataset.id;
}, 120_000);

afterAll(async () => {
  world?.client.close();
  await world?.server.stop();
});

/** What a run that made nothing leaves in its folder. */
const OF_A_RUN = ["job.json", "journal", "lock", "log.txt", "worker.json"];

/** Files in a folder and below; the database's own come and go with its connections. */
function files(folder: string): Set<string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Set(names.map((name) => relative(folder, name)).filter((name) => !name.startsWith("state.db")));
}

/** Writes a spec file and runs a verb with it. */
async function submit(verb: string, yaml: string) {
  const file = join(world.root, "spec.yaml");
  writeFileSync(file, yaml);
  const { code, stdout, stderr } = await lghrec(world, verb, file, "--output", "json");
  return { code, stderr, answer: JSON.parse(stdout) };
}

const train = (rest: string) => `dataset: ${dataset}\nbackbone: { name: mf }\n${rest}`;

describe("a spec that cannot be run exits with 2 and names the field", () => {
  it.each([
    ["an unknown field", "train", () => train("epoch: 3"), "epoch"],
    ["a wrong type", "train", () => train("epochs: many"), "epochs"],
    ["a value out of range", "train", () => train("optimizer: { learningRate: -1 }"), "optimizer"],
    [
      "a backbone that nobody knows",
      "train",
      () => `dataset: ${dataset}\nbackbone: { name: nobody }`,
      "backbone",
    ],
    [
      "an artifact that is not there",
      "train",
      () => `dataset: ${"0".repeat(64)}\nbackbone: { name: mf }`,
      "dataset",
    ],
    ["an artifact of another kind", "evaluate", () => `model: ${dataset}`, "model"],
    [
      "a path outside the import roots",
      "preprocess",
      () => "source: { path: /etc, format: recbole }",
      "source.path",
    ],
  ])(
    "%s",
    async (_, verb, yaml, path) => {
      const { code, stderr, answer } = await submit(verb, yaml());
      expect(code).toBe(2);
      expect(stderr).toContain(path);
      expect(JSON.stringify(answer.error)).toContain(path);
    },
    60_000,
  );
});

describe("data that cannot be used fails its run with 1, one clear line and nothing half-written", () => {
  it.each([
    [
      "a file that is no text",
      () => {
        const folder = join(world.imports, "broken");
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, "broken.inter"), Buffer.from([0xff, 0xfe, 0x00, 0x81, 0x0a]));
        return `source: { path: '${folder}', format: recbole }`;
      },
      /broken\.inter/,
    ],
    [
      "no interactions left after filtering",
      () => `source: { path: '${writeCheckerboard(world.imports, "sparse")}' }\nfilter: { kCore: 500 }`,
      /no interactions left/,
    ],
    [
      "semantic ids from data without text",
      () => {
        const folder = writeCheckerboard(world.imports, "textless");
        const items = join(folder, "textless.item");
        const header = "item_id:token\trelease:float";
        const rows = readFileSync(items, "utf8").trim().split("\n").slice(1);
        writeFileSync(items, `${[header, ...rows.map((row) => `${row.split("\t")[0]}\t1990`)].join("\n")}\n`);
        return `source: { path: '${folder}' }\nfilter: { kCore: 2 }\nsemantic: { textSource: extractive }`;
      },
      /text/,
    ],
    [
      "more than a few bad rows",
      () => {
        const folder = writeCheckerboard(world.imports, "rows");
        appendFileSync(join(folder, "rows.inter"), "u1\ti1\n".repeat(100));
        return `source: { path: '${folder}' }`;
      },
      /rows\.inter/,
    ],
  ])(
    "%s",
    async (_, yaml, message) => {
      const known = files(world.dataDir);
      const artifacts = await collect(world.client.artifacts.list());
      const { code, answer } = await submit("preprocess", yaml());
      expect(code).toBe(1);
      expect(answer.error.message).toMatch(message);
      const added = [...files(world.dataDir)].filter((name) => !known.has(name));
      expect(added.map((name) => name.replace(/^runs\/[^/]+\//, "")).sort()).toEqual(OF_A_RUN);
      expect(await collect(world.client.artifacts.list())).toEqual(artifacts);
    },
    60_000,
  );
});

describe("a server that cannot start says why in one line", () => {
  it("exits with 9 when the port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => taken.once("listening", done));
    const { port } = taken.address() as { port: number };
    const dir = join(world.root, "other");
    const { code, stderr } = await lghrec(undefined, "serve", "--port", String(port), "--data-dir", dir);
    taken.close();
    expect(code).toBe(9);
    expect(stderr).toContain(String(port));
  }, 60_000);

  it("exits with 10 when another server has the data directory", async () => {
    const { code, stderr } = await lghrec(undefined, "serve", "--data-dir", world.dataDir);
    expect(code).toBe(10);
    expect(stderr).toContain(world.dataDir);
  }, 60_000);

  it("exits with 6 when no server answers", async () => {
    const { code } = await lghrec(undefined, "runs", "list", "--endpoint", "http://127.0.0.1:1");
    expect(code).toBe(6);
  }, 60_000);
});
