import { expect, it } from "vitest";
import {
  InvalidArgumentError,
  type ItemCard,
  NotFoundError,
  type PreprocessSpec,
  type SemanticSpec,
} from "../../../sdk/src/index.js";
import { describeInMemory, rejection } from "../support/fakes.js";

const source = { builtin: "movielens-100k" } as const;
const SPEC = { source, semantic: { textSource: "openai", generation: { endpoint: "local" } } } as const;

/** The quotes follow a character of two UTF-16 units, after which offsets in code points and in units differ. */
const COT = '🎬 Whoever likes "Star Wars" likes "space operas".';

const card = (artifact: ItemCard["provenance"]["semanticIds"]): ItemCard => ({
  item: "50",
  text: "title: Star Wars",
  reasoning: COT,
  quotes: [
    { start: COT.indexOf('"Star'), end: COT.indexOf(" likes", 20), exact: true, fuzzy: false },
    { start: COT.indexOf('"space'), end: COT.indexOf("."), exact: false, fuzzy: false },
  ],
  keywords: ["space", "war"],
  neighbors: [
    { item: "172", similarity: 0.75, title: "Empire Strikes Back" },
    { item: "181", similarity: 0.5, title: "Return of the Jedi" },
  ],
  status: "ok",
  flags: ["repaired"],
  provenance: {
    provider: "openai",
    model: "m",
    modelRevision: "r1",
    prompt: "fig4@1",
    encoder: "minilm",
    cacheKey: "c".repeat(64),
    attempts: 2,
    inputTokens: 300,
    outputTokens: 200,
    ...(artifact && { semanticIds: artifact }),
  },
});

describeInMemory("semanticIds.card", (start) => {
  it("returns the card of an item, with offsets of the quotes in UTF-16 units", async () => {
    const { client, control } = await start();
    const ids = control.addArtifact("semantic_ids", { "vectors.safetensors": "v" });
    control.addItemCard(ids.id, card(ids));
    const got = await client.semanticIds.card(ids, "50");
    expect(got).toEqual(card(ids));
    expect(got.quotes.map((quote) => got.reasoning.slice(quote.start, quote.end))).toEqual([
      '"Star Wars"',
      '"space operas"',
    ]);
    expect(await client.semanticIds.card(ids.id, "50")).toEqual(got);
  });

  it("rejects unknown items and artifacts", async () => {
    const { client, control } = await start();
    const ids = control.addArtifact("semantic_ids", { "vectors.safetensors": "v" });
    const item = await rejection(client.semanticIds.card(ids, "51"));
    expect(item).toBeInstanceOf(NotFoundError);
    expect(item).toMatchObject({ reason: "ITEM_UNKNOWN" });
    expect(await rejection(client.semanticIds.card("f".repeat(64), "50"))).toMatchObject({
      reason: "ARTIFACT_UNKNOWN",
    });
  });
});

describeInMemory("semanticIds.estimate and preview", (start) => {
  it("return an estimate, and texts of a sample", async () => {
    const { client } = await start();
    const { estimate, dataset } = await client.semanticIds.estimate(SPEC).wait();
    expect(dataset).toBeUndefined();
    expect(estimate).toEqual({
      numItems: 1349,
      numCalls: 1300,
      numCached: 49,
      inputTokens: 400_000,
      inputTokensExact: true,
      outputTokens: 0,
      seconds: 600,
      cost: 0.25,
      notes: ["retries are not counted"],
    });
    const shown = await client.semanticIds.preview(SPEC).wait();
    expect(shown.preview).toMatchObject([
      { item: "50", keywords: ["space", "war"], status: "ok", grounded: true },
    ]);
    expect(shown.estimate.outputTokens).toBe(250_000);
    expect(shown.quality).toMatchObject({ numItems: 1, groundedExact: 1 });
  });

  it("are ordinary runs: they can be attached to, have a key, and differ in their result", async () => {
    const { client, control } = await start();
    const run = await client.semanticIds.estimate(SPEC, { idempotencyKey: "k", labels: { a: "b" } });
    expect((await client.semanticIds.estimate(SPEC, { idempotencyKey: "k", labels: { a: "b" } })).id).toBe(
      run.id,
    );
    expect(
      await rejection(client.preprocess(SPEC, { idempotencyKey: "k", labels: { a: "b" } }).wait()),
    ).toMatchObject({
      code: "conflict",
    });
    const result = await client.runs.attach(run.id, "preprocess").wait();
    expect([result.dataset, result.estimate?.numCalls, result.preview]).toEqual([undefined, 1300, undefined]);
    expect(control.runIds).toEqual([run.id]);
  });

  it("reject a spec without texts", async () => {
    const { client, control } = await start();
    const spec = { source } as PreprocessSpec & { semantic: SemanticSpec };
    for (const verb of ["estimate", "preview"] as const) {
      const error = await rejection(client.semanticIds[verb](spec).wait());
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error).toMatchObject({ violations: [{ path: "semantic" }] });
    }
    expect(control.calls).toEqual([]);
  });
});

describeInMemory("preprocess", (start) => {
  it("has filters, cold users and items, and the quality of semantic ids in its result", async () => {
    const { client } = await start();
    const { statistics, quality, dataset } = await client.preprocess(SPEC).wait();
    expect(dataset.kind).toBe("dataset");
    expect(statistics).toMatchObject({ numColdUsers: 0, numColdItems: 3 });
    expect(statistics.filters).toEqual([{ name: "k_core", numInteractions: 99287 }]);
    expect(quality).toMatchObject({ valid: 1, meanCosine: 0.25, effectiveRank: 64, numTruncated: 0 });
  });

  it("rejects a stage in the spec, which the call sets", async () => {
    const { client, control } = await start();
    const semantic = { stage: "preview", textSource: "extractiv" } as unknown as SemanticSpec;
    for (const call of [
      client.preprocess({ source, semantic }).wait(),
      client.validate.preprocess({ source, semantic }),
    ]) {
      const error = (await rejection(call)) as InvalidArgumentError;
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error.violations.map(({ path }) => path)).toEqual(["semantic.stage", "semantic.textSource"]);
      expect(error.message).toContain("client.semanticIds");
    }
    expect(control.calls).toEqual([]);
  });
});

describeInMemory("semanticIds.providers", (start) => {
  it("lists providers, and why one is not available", async () => {
    const providers = [
      { provider: "extractive", endpoint: "", model: "", available: true, reason: "" },
      { provider: "openai", endpoint: "local", model: "m", available: false, reason: "does not answer" },
    ];
    const { client } = await start({ providers });
    expect(await client.semanticIds.providers()).toEqual(providers);
  });
});
