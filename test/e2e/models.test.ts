import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type BackboneSpec,
  type EvaluateResult,
  type ExportFormat,
  type PolicySpec,
  type PreprocessResult,
  RunFailedError,
  type TrainResult,
} from "lghrec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lghrec, prepare, scratch, startWorld, type World } from "./support.js";

let world: World;
let prepared: PreprocessResult;
const trained = new Map<string, TrainResult>();
const reports: EvaluateResult[] = [];

beforeAll(async () => {
  world = await startWorld(scratch());
  prepared = await prepare(world);
}, 120_000);

afterAll(async () => {
  world?.client.close();
  await world?.server.stop();
});

function train(backbone: BackboneSpec, policy: PolicySpec = { name: "native" }, seed = 0) {
  return world.client.train({
    dataset: prepared.dataset,
    ...(prepared.semanticIds && { semanticIds: prepared.semanticIds }),
    backbone,
    policy,
    seed,
    embeddingDim: 16,
    batchSize: 256,
    epochs: 8,
    optimizer: { learningRate: 0.01 },
  });
}

async function newestRun(): Promise<string | undefined> {
  for await (const run of world.client.runs.list({})) return run.id;
  return undefined;
}

const BACKBONES: readonly BackboneSpec[] = [
  { name: "mf" },
  { name: "lightgcn" },
  { name: "sgl" },
  { name: "simgcl" },
  { name: "lightgcl" },
  { name: "sccf" },
  { name: "vgcl" },
  { name: "nescl" },
  { name: "cikg" },
  { name: "autograph" },
  { name: "lightccf", encoder: "lightgcn" },
];

describe("training", () => {
  it.each(BACKBONES)(
    "ends with a model: $name",
    async (backbone) => {
      const result = await train(backbone).wait();
      trained.set(backbone.name, result);
      expect(result.epochsRun).toBe(8);
      expect(Object.keys(result.metrics)).toContain("ndcg@20");
    },
    120_000,
  );

  it.each([
    ["random", { name: "random", numNegatives: 10 }],
    ["hgpo", { name: "hgpo", numNegatives: 10 }],
  ] as const)(
    "is done under the policy %s",
    async (name, policy) => {
      const run = await train({ name: "simgcl" }, policy);
      const metrics = new Set<string>();
      for await (const event of run.events()) if (event.type === "metric") metrics.add(event.name);
      trained.set(name, await run.wait());
      expect([...metrics].some((metric) => metric.startsWith("policy/"))).toBe(name === "hgpo");
    },
    120_000,
  );

  it("tells in the resolved spec on which contrast a policy acts", async () => {
    const checked = await world.client.validate.train({
      dataset: prepared.dataset,
      backbone: { name: "lightgcn" },
      policy: { name: "hgpo" },
    });
    expect(checked.spec.policy).toMatchObject({ name: "hgpo", contrast: "structural" });
  });
});

describe("comparison", () => {
  it("compares evaluations by paired tests, and the table is stored", async () => {
    for (const name of ["simgcl", "random", "hgpo"]) {
      const model = trained.get(name)?.model;
      if (model) reports.push(await world.client.evaluate({ model, cutoffs: [10] }).wait());
    }
    const [plain, random, full] = reports;
    if (!plain || !random || !full) throw new Error("three evaluations are needed");
    const run = await world.client.compare({
      entries: [
        { name: "plain", reports: [plain.report] },
        { name: "random", reports: [random.report] },
        { name: "full", reports: [full.report] },
      ],
      metrics: ["ndcg@10"],
      resamples: 500,
    });
    const result = await run.wait();
    expect(result.rows.map((row) => row.name)).toEqual(["plain", "random", "full"]);
    const [baseline, other] = result.rows;
    expect(baseline?.difference).toBeUndefined();
    const difference = (random.metrics["ndcg@10"] ?? 0) - (plain.metrics["ndcg@10"] ?? 0);
    expect(other?.difference).toBeCloseTo(difference, 10);
    expect(other?.intervalLow).toBeLessThanOrEqual(difference);
    const folder = join(world.root, "comparison");
    await run.download(result.report, folder);
    expect(readFileSync(join(folder, "comparison.md"), "utf8")).toContain("plain");
  }, 120_000);

  it("draws a page of figures that stands alone", async () => {
    const model = trained.get("hgpo")?.model;
    if (!model) throw new Error("no model");
    const run = await world.client.report({
      entries: [{ name: "full", model, evaluation: reports[2]?.report }],
    });
    const folder = join(world.root, "report");
    await run.download((await run.wait()).report, folder);
    const page = readFileSync(join(folder, "report.html"), "utf8");
    expect(page).toContain("<svg");
    expect(page).not.toMatch(/(?:src|href)="https?:/);
  }, 120_000);
});

describe("foreign predictions", () => {
  it("score as the model does whose lists they are", async () => {
    const model = trained.get("simgcl")?.model;
    const report = reports[0];
    if (!model || !report) throw new Error("no model");
    const run = await world.client.export({ model, format: "topk_jsonl", topK: 20 });
    const folder = join(world.root, "lists");
    await run.download((await run.wait()).export, folder);
    const lines = readFileSync(join(folder, "topk.jsonl"), "utf8").trim().split("\n");
    const rows = lines.flatMap((line) => {
      const { user, items } = JSON.parse(line);
      return items.map((each: { item: string; score: number }) => `${user},${each.item},${each.score}`);
    });
    writeFileSync(join(world.imports, "predictions.csv"), `user,item,score\n${rows.join("\n")}\n`);
    const predictions = { dataset: prepared.dataset, path: join(world.imports, "predictions.csv") };
    const scored = await world.client.evaluate({ predictions, cutoffs: [10] }).wait();
    expect(scored.numUsers).toBe(report.numUsers);
    expect(scored.metrics["ndcg@10"]).toBeCloseTo(report.metrics["ndcg@10"] ?? Number.NaN, 12);
  }, 120_000);

  it("are refused as a whole for a score that is no number", async () => {
    writeFileSync(join(world.imports, "nan.csv"), "user,item,score\nu1,i1,0.5\nu1,i3,nan\n");
    const predictions = { dataset: prepared.dataset, path: join(world.imports, "nan.csv") };
    await expect(world.client.evaluate({ predictions }).wait()).rejects.toBeInstanceOf(RunFailedError);
  }, 120_000);
});

describe("a trained model", () => {
  it.each(["npz", "onnx", "usearch"] as const satisfies readonly ExportFormat[])(
    "is exported as %s, with a manifest and a README",
    async (format) => {
      const model = trained.get("lightgcn")?.model;
      if (!model) throw new Error("no model");
      const run = await world.client.export({ model, format });
      const result = await run.wait();
      const info = await run.download(result.export, join(world.root, `out-${format}`));
      expect(info.files.map((file) => file.path)).toEqual(
        expect.arrayContaining(["README.md", "export.json"]),
      );
      if (format === "usearch") expect(result.indexRecall).toBeGreaterThan(0.9);
    },
    120_000,
  );

  it("is exported from the newest checkpoint of a run that was stopped", async () => {
    const run = await world.client.train({
      dataset: prepared.dataset,
      backbone: { name: "lightgcn" },
      epochs: 10_000,
      earlyStop: { patience: 10_000 },
      checkpoint: { everyEpochs: 1 },
    });
    for await (const event of run.events()) if (event.type === "checkpoint") break;
    await run.cancel();
    await run.settled();
    const exported = await world.client.export({ run: run.id, format: "npz" });
    const info = await exported.download((await exported.wait()).export, join(world.root, "stopped"));
    expect(info.files.map((file) => file.path)).toContain("export.json");
    expect(readFileSync(join(world.root, "stopped", "export.json"), "utf8")).toContain("epoch-");
  }, 120_000);

  it("recommends without a run what its exported lists say", async () => {
    const model = trained.get("simgcl")?.model;
    if (!model) throw new Error("no model");
    const before = await newestRun();
    const [one, stranger] = await world.client.recommend({ model, users: ["u2", "nobody"], k: 5 });
    expect(one?.items).toHaveLength(5);
    expect(stranger).toEqual({ user: "nobody", items: [], known: false });
    expect(await newestRun()).toBe(before);
    const seen = await world.client.recommend({ model, users: ["u2"], k: 40, includeSeen: true });
    expect(seen[0]?.items).toHaveLength(40);
    const [near] = await world.client.similarItems({ model, item: "i4", k: 3 });
    expect(near?.item).not.toBe("i4");
    expect(near?.score).toBeLessThanOrEqual(1.000001);
  });

  it("answers on the command line", async () => {
    const model = trained.get("simgcl")?.model.id ?? "";
    const lists = await lghrec(world, "recommend", model, "u2", "--k", "3", "--json");
    expect(lists.code, lists.stderr).toBe(0);
    expect(JSON.parse(lists.stdout).result[0].items).toHaveLength(3);
    const near = await lghrec(world, "similar", model, "i4", "--k", "3");
    expect(near.code, near.stderr).toBe(0);
  }, 60_000);
});

describe("ablation", () => {
  it("runs variants over seeds, and only what is missing the second time", async () => {
    const spec = {
      dataset: prepared.dataset,
      ...(prepared.semanticIds && { semanticIds: prepared.semanticIds }),
      backbone: { name: "simgcl" },
      policy: { name: "hgpo", numNegatives: 10 },
      embeddingDim: 8,
      batchSize: 512,
      epochs: 2,
    } as const;
    const options = {
      variants: ["base", "full"],
      seeds: 2,
      compare: { metrics: ["ndcg@20"], resamples: 200 },
    } as const;
    const first = await world.client.ablation(spec, options);
    expect(first.failures).toEqual([]);
    expect(first.runs).toHaveLength(4);
    expect(first.rows.map((row) => [row.name, row.numSeeds])).toEqual([
      ["base", 2],
      ["full", 2],
    ]);
    const started: string[] = [];
    const again = await world.client.ablation(spec, {
      ...options,
      onProgress: (progress) => progress.state === "started" && started.push(progress.runId),
    });
    expect(again.runs.map((run) => run.trainRunId)).toEqual(first.runs.map((run) => run.trainRunId));
    expect(again.rows).toEqual(first.rows);
  }, 240_000);
});
