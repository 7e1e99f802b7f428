import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { EvaluateResult, PreprocessResult, TrainResult, TrainSpec } from "lghrec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect, prepare, scratch, startWorld, type World } from "./support.js";

let world: World;
let prepared: PreprocessResult;
let trained: TrainResult;
let evaluated: EvaluateResult;

const spec = (): TrainSpec => ({
  dataset: prepared.dataset,
  ...(prepared.semanticIds && { semanticIds: prepared.semanticIds }),
  backbone: { name: "lightccf", encoder: "lightgcn", layers: 2 },
  embeddingDim: 16,
  batchSize: 128,
  epochs: 20,
});

beforeAll(async () => {
  world = await startWorld(scratch());
}, 60_000);

afterAll(async () => {
  world?.client.close();
  await world?.server.stop();
});

describe("preprocess, train, evaluate, export", () => {
  it("prepares a split in which every interaction is once, and semantic ids", async () => {
    prepared = await prepare(world);
    // 60 users took 12 items each
    expect(prepared.statistics).toMatchObject({ numUsers: 60, numItems: 40, numInteractions: 720 });
    const { numTrain, numValid, numTest } = prepared.statistics;
    expect(numTrain + numValid + numTest).toBe(720);
    expect(prepared.semanticIds?.kind).toBe("semantic_ids");
  }, 120_000);

  it("trains with progress and metrics in the event stream", async () => {
    const run = await world.client.train(spec());
    const types = new Set<string>();
    const seqs: number[] = [];
    for await (const event of run.events()) {
      types.add(event.type);
      seqs.push(event.seq);
    }
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect([...types]).toEqual(
      expect.arrayContaining(["state", "progress", "metric", "log", "checkpoint", "artifact", "finished"]),
    );
    trained = await run.wait();
    expect(trained.model.kind).toBe("model");
    expect(trained.epochsRun).toBeLessThanOrEqual(20);
  }, 120_000);

  it("learns the checkerboard: held-out items of a user's own half rank first", async () => {
    evaluated = await world.client.evaluate({ model: trained.model, cutoffs: [10] }).wait();
    expect(evaluated.numUsers + evaluated.numSkipped).toBe(60);
    // a user has 20 items in its half and 10 of them masked: ranked at random, 10 of 30 would find a third
    expect(evaluated.metrics["recall@10"]).toBeGreaterThan(0.8);
  }, 120_000);

  it.each(["safetensors", "parquet", "topk"] as const)(
    "exports %s and downloads what the server has stored",
    async (format) => {
      const run = await world.client.export({ model: trained.model, format });
      const result = await run.wait();
      const target = join(world.root, `out-${format}`);
      const info = await run.download(result.export, target);
      expect(readdirSync(target).sort()).toEqual(info.files.map((file) => file.path).sort());
    },
    120_000,
  );

  it("reuses the outputs of equal work", async () => {
    const reused = await world.client.train(spec()).wait();
    expect(reused.reusedFromRunId).toBeDefined();
    expect(reused.model).toEqual(trained.model);
  }, 120_000);

  it("repeats a run from its record alone, with the same bits", async () => {
    const [record] = await collect(world.client.runs.list({ kinds: ["train"] }));
    if (record?.kind !== "train") throw new Error("no train run is listed");
    const again = await world.client.train(record.spec, { reuse: false }).wait();
    expect(again.reusedFromRunId).toBeUndefined();
    expect(again.model.id).toBe(trained.model.id);
  }, 120_000);

  it("leaves no draft and no temporary file behind", () => {
    const drafts = join(world.dataDir, "artifacts", "drafts");
    expect(existsSync(drafts) ? readdirSync(drafts) : []).toEqual([]);
  });
});
