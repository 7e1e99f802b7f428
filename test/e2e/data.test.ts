import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { PreprocessResult } from "lghrec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect, lghrec, repository, scratch, startWorld, type World } from "./support.js";

let world: World;
let folder: string;
let prepared: PreprocessResult;

/** Comma-separated clicks of 30 users on 20 items, and the items' titles. */
function writeShop(target: string): void {
  mkdirSync(target, { recursive: true });
  const clicks = ["who,what,when"];
  for (let user = 0; user < 30; user++) {
    for (let step = 0; step < 8; step++)
      clicks.push(`c${user},p${(user * 3 + step * 2) % 20},${1000 + step}`);
  }
  writeFileSync(join(target, "clicks.csv"), `${clicks.join("\n")}\n`);
  const items = ["what,title"];
  for (let item = 0; item < 20; item++) {
    items.push(`p${item},Lamp number ${item} in the colour ${item % 2 ? "red" : "green"}`);
  }
  writeFileSync(join(target, "items.csv"), `${items.join("\n")}\n`);
}

const columns = { user: "who", item: "what", timestamp: "when" };
const files = { interactions: "clicks.csv", items: "items.csv" };

beforeAll(async () => {
  const root = scratch();
  folder = join(root, "shop");
  writeShop(folder);
  world = await startWorld(root);
}, 60_000);

afterAll(async () => {
  world?.client.close();
  await world?.server.stop();
});

describe("datasets upload", () => {
  it("brings a folder to the server once, whoever sends it", async () => {
    const first = await lghrec(world, "datasets", "upload", folder, "--output", "json");
    expect(first.code).toBe(0);
    const { id } = JSON.parse(first.stdout).result;
    const again = await world.client.datasets.upload(folder);
    expect(again.id).toBe(id);
    expect((await collect(world.client.datasets.list())).map((dataset) => dataset.id)).toEqual([id]);
  }, 60_000);

  it("feeds preprocess, with columns named in the spec and a temporal split", async () => {
    const upload = await world.client.datasets.upload(folder);
    prepared = await world.client
      .preprocess({
        source: { upload, format: "delimited", columns, files },
        filter: { kCore: 2 },
        split: { method: "temporal" },
        semantic: { textSource: "extractive" },
      })
      .wait();
    // 30 users clicked 8 different items each
    expect(prepared.statistics).toMatchObject({ numUsers: 30, numItems: 20, numInteractions: 240 });
  }, 120_000);
});

describe("items show", () => {
  it("shows the text, the reasoning, its quotes and the five nearest items", async () => {
    const ids = prepared.semanticIds?.id ?? "";
    const { code, stdout } = await lghrec(world, "items", "show", ids, "p3", "--output", "json");
    expect(code).toBe(0);
    const card = JSON.parse(stdout).result;
    expect(card.text).toContain("Lamp number 3");
    expect(card.quotes.length).toBeGreaterThan(0);
    expect(card.neighbors).toHaveLength(5);
    const text = await lghrec(world, "items", "show", ids, "p3");
    expect(text.stdout).toContain("Lamp number 3");
    expect((await lghrec(world, "items", "show", ids, "nothing")).code).not.toBe(0);
  }, 60_000);
});

describe("a language model behind an endpoint", () => {
  it("writes each text once: what is in the cache is not asked for again", async () => {
    const python = join(repository, ".venv/bin/python");
    const model = spawn(python, [join(repository, "test/support/serve_openai.py")]);
    const lines = createInterface({ input: model.stdout })[Symbol.asyncIterator]();
    const url = (await lines.next()).value as string;
    writeFileSync(
      join(world.dataDir, "endpoints.toml"),
      `[endpoints.house]\nurl = "${url}"\nmodel = "test-model"\nallow_loopback = true\n`,
    );
    const upload = await world.client.datasets.upload(folder);
    const spec = {
      source: { upload, format: "delimited", columns, files },
      filter: { kCore: 2 },
      semantic: { textSource: "openai", generation: { endpoint: "house" } },
    } as const;
    const estimate = await world.client.semanticIds.estimate(spec).wait();
    expect(estimate.estimate).toMatchObject({ numItems: 20, numCalls: 20, numCached: 0 });
    const made = await world.client.preprocess(spec).wait();
    expect(made.quality?.valid).toBe(1);
    const again = await world.client.preprocess(spec, { reuse: false }).wait();
    expect(again.semanticIds?.id).toBe(made.semanticIds?.id);
    model.stdin.end();
    // 20 different texts, asked for once each, over three runs
    expect((await lines.next()).value).toBe("20");
  }, 240_000);
});

describe("a generated data set", () => {
  it("is the same for the same seed", async () => {
    const generator = { users: 200, items: 100, interactions: 4000, seed: 7 };
    const spec = { source: { generator }, filter: { kCore: 1 } };
    const first = await world.client.preprocess(spec).wait();
    const again = await world.client.preprocess(spec, { reuse: false }).wait();
    expect(again.dataset.id).toBe(first.dataset.id);
  }, 120_000);
});
