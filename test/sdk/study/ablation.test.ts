import { expect, it } from "vitest";
import {
  type AblationProgress,
  type CompareSpec,
  InvalidArgumentError,
  type RunFailure,
  type TrainSpec,
} from "../../../sdk/src/index.js";
import type { FakeControl, Plan } from "../../../sdk/src/testing/index.js";
import { describeInMemory, rejection, until } from "../support/fakes.js";

const SPEC: TrainSpec = {
  dataset: "d".repeat(64),
  semanticIds: "e".repeat(64),
  backbone: { name: "simgcl" },
};
const FAILURE: RunFailure = { kind: "oom", message: "out of memory", pythonTraceback: "" };
const HOLD: Plan = { outcome: "hold" };

const count = ({ calls }: FakeControl, method: string) =>
  calls.filter((call) => call.method === method).length;

/** A script that gives the n-th run of a kind, counted from 1, another plan. */
const only = (kind: string, place: number, plan: Plan) => {
  let seen = 0;
  return (run: string) => (run === kind && ++seen === place ? plan : {});
};

describeInMemory("client.ablation", (start) => {
  it("trains and evaluates every variant with every seed, and compares them with full", async () => {
    const { client } = await start();
    const variants = ["base", "random", "full"] as const;
    const result = await client.ablation(SPEC, { variants, seeds: 2, compare: { metrics: ["ndcg@20"] } });
    expect(result.runs.map(({ variant, seed }) => `${variant} ${seed}`)).toEqual([
      ...["base 0", "base 1", "random 0", "random 1", "full 0", "full 1"],
    ]);
    expect(result.runs.every(({ metrics }) => metrics["ndcg@20"] === 0.125)).toBe(true);
    expect(result).toMatchObject({ failures: [], baseline: "full", comparison: { kind: "comparison" } });
    expect(result.rows.map(({ name, numSeeds }) => [name, numSeeds])).toEqual([
      ["base", 2],
      ["random", 2],
      ["full", 2],
    ]);
    expect(result.rows.find(({ name }) => name === "full")?.difference).toBeUndefined();
    const [run] = result.runs;
    const info = await client.runs.get(run?.trainRunId ?? "");
    expect(info).toMatchObject({
      labels: { variant: "base", seed: "0" },
      variant: "base",
      spec: { variant: "base", seed: 0 },
    });
    const { spec } = await client.runs.get(run?.evaluateRunId ?? "");
    expect(spec).toMatchObject({ model: run?.model.id, cutoffs: [20] });
  });

  it("trains the variants of the method by default, with five seeds from the seed of the spec on", async () => {
    const { client } = await start();
    const { runs, rows } = await client.ablation({ ...SPEC, seed: 7 });
    expect(runs).toHaveLength(45);
    expect([...new Set(runs.map(({ variant }) => variant))]).toEqual([
      ...["base", "dseg", "random", "no_dseg", "no_adaptive_tau", "random_neg", "no_harm", "grpo", "full"],
    ]);
    expect([...new Set(runs.map(({ seed }) => seed))]).toEqual([7, 8, 9, 10, 11]);
    expect(rows).toHaveLength(18);
  });

  it("starts only missing runs when it is called again", async () => {
    const { client, control, connect } = await start();
    const first = await client.ablation(SPEC, { variants: ["dseg", "full"], seeds: [3] });
    expect(control.runIds).toHaveLength(5);
    const again = await connect().ablation(SPEC, { variants: ["dseg", "full"], seeds: [3] });
    expect(again.runs).toEqual(first.runs);
    expect(control.runIds).toHaveLength(6); // the comparison, which is cheap
    const more = await connect().ablation(SPEC, { variants: ["dseg", "full"], seeds: [3, 4] });
    expect(more.runs.filter(({ seed }) => seed === 3)).toEqual(first.runs);
    expect(control.runIds).toHaveLength(11);
    await connect().ablation({ ...SPEC, epochs: 2 }, { variants: ["full"], seeds: [3] });
    expect(control.runIds).toHaveLength(13);
  });

  it("starts cancelled and deleted runs again", async () => {
    const { client } = await start({
      script: only("train", 1, { outcome: { state: "cancelled" } }),
    });
    const options = { variants: ["base", "full"], seeds: 1 } as const;
    const first = await client.ablation(SPEC, options);
    expect(first.failures).toEqual([{ variant: "base", seed: 0, step: "train", runId: "run-1" }]);
    expect(first.rows).toEqual([]);
    expect(first).not.toHaveProperty("comparison");
    const second = await client.ablation(SPEC, options);
    expect(second.failures).toEqual([]);
    expect(second.rows).toHaveLength(4);
    const gone = second.runs[0]?.evaluateRunId ?? "";
    await client.runs.delete(gone);
    const third = await client.ablation(SPEC, options);
    expect(third.runs[0]).toEqual({ ...second.runs[0], evaluateRunId: expect.not.stringMatching(gone) });
    expect(third.runs[1]).toEqual(second.runs[1]);
  });

  it("reports failures, and starts them again only with rerun: failed", async () => {
    const failed: Plan = { outcome: { state: "failed", failure: FAILURE } };
    const { client, control } = await start({ script: only("evaluate", 1, failed) });
    const options = { variants: ["base", "no_harm", "full"], seeds: 1 } as const;
    const first = await client.ablation(SPEC, options);
    expect(first.failures).toEqual([
      { variant: "base", seed: 0, step: "evaluate", runId: "run-2", failure: FAILURE },
    ]);
    expect(first.runs.map(({ variant }) => variant)).toEqual(["no_harm", "full"]);
    expect(first.rows.map(({ name }) => name)).toContain("no_harm");
    expect((await client.ablation(SPEC, options)).failures).toEqual(first.failures);
    const before = control.runIds.length;
    const third = await client.ablation(SPEC, { ...options, rerun: "failed" });
    expect(third.failures).toEqual([]);
    expect(third.runs).toHaveLength(3);
    expect(third.runs[0]?.trainRunId).toBe("run-1");
    expect(control.runIds).toHaveLength(before + 2); // the evaluation and the comparison
  });

  it("runs as many variants at a time as the server, or as concurrency", async () => {
    const script = (kind: string) => (kind === "train" ? HOLD : {});
    const { client, control } = await start({ script, maxConcurrentRuns: 2 });
    const result = client.ablation(SPEC, { variants: ["base", "random", "full"], seeds: 1 });
    await until(() => control.runIds.length === 2);
    await new Promise((done) => setTimeout(done, 20));
    expect(control.runIds).toHaveLength(2);
    const model = control.addArtifact("model", { "embeddings.safetensors": "e" });
    const figures = { bestEpoch: 1, epochsRun: 1, metrics: {}, trainSeconds: 1, device: "cpu", threads: 1 };
    const done = { state: "succeeded", result: { kind: "train", model, ...figures } } as const;
    const training = async () => {
      const ids = [];
      for await (const run of client.runs.list({ kinds: ["train"], states: ["running"] })) ids.push(run.id);
      return ids;
    };
    for (const id of await training()) control.finish(id, done);
    await until(() => control.runIds.length === 5); // two evaluations and the third training
    expect(await training()).toHaveLength(1);
    for (const id of await training()) control.finish(id, done);
    expect((await result).runs).toHaveLength(3);
  });

  it("reports its progress", async () => {
    const { client } = await start();
    const heard: AblationProgress[] = [];
    await client.ablation(SPEC, { variants: ["full"], seeds: [5], onProgress: (event) => heard.push(event) });
    expect(heard.map(({ step, state, done, total }) => `${step} ${state} ${done}/${total}`)).toEqual([
      "train started 0/1",
      "train succeeded 0/1",
      "evaluate started 0/1",
      "evaluate succeeded 1/1",
    ]);
    expect(heard[0]).toMatchObject({ variant: "full", seed: 5, runId: "run-1" });
  });

  it.each([
    [false, "running"],
    [true, "cancelled"],
  ])("when it is aborted, cancelling is %s, and runs are %s", async (cancelOnAbort, state) => {
    const { client, control } = await start({ script: () => HOLD, maxConcurrentRuns: 3 });
    const abort = new AbortController();
    const { signal } = abort;
    const result = rejection(client.ablation(SPEC, { seeds: 1, signal, cancelOnAbort }));
    await until(() => control.runIds.length === 3);
    await until(() => count(control, "WatchRun") === 3);
    abort.abort(new Error("enough"));
    expect(await result).toEqual(new Error("enough"));
    const states = await Promise.all(control.runIds.map(async (id) => (await client.runs.get(id)).state));
    expect(states).toEqual([state, state, state]);
  });

  it("ends all waiting if one call fails", async () => {
    const { client, control } = await start({ script: () => HOLD, maxConcurrentRuns: 2 });
    const result = rejection(client.ablation(SPEC, { variants: ["base", "full", "random"], seeds: 1 }));
    await until(() => count(control, "WatchRun") === 2);
    control.inject({ method: "StartEvaluate", error: { status: "permission_denied" } });
    const model = control.addArtifact("model", { "embeddings.safetensors": "e" });
    const figures = { bestEpoch: 1, epochsRun: 1, metrics: {}, trainSeconds: 1, device: "cpu", threads: 1 };
    control.finish("run-1", { state: "succeeded", result: { kind: "train", model, ...figures } });
    expect(await result).toMatchObject({ code: "auth" });
    await until(() => control.calls.some(({ cancelled }) => cancelled));
    expect(control.runIds).toHaveLength(2);
  });

  it("compares with the given baseline", async () => {
    const { client } = await start();
    const options = { variants: ["base", "dseg"], seeds: 1 } as const;
    expect((await client.ablation(SPEC, options)).baseline).toBe("base");
    const { comparison } = await client.ablation(SPEC, { ...options, baseline: "dseg" });
    const { runId } = await client.artifacts.get(comparison ?? "");
    expect(((await client.runs.get(runId)).spec as CompareSpec).baseline).toBe("dseg");
  });

  it("starts no run if the server rejects one variant, and spells the field as the spec does", async () => {
    const { client, control } = await start();
    const description =
      "the variant dseg trains on semantic ids, got none: give the semantic_ids of a preprocess result";
    control.inject({
      error: {
        status: "invalid_argument",
        reason: "FIELD_INVALID",
        violations: [{ path: "semantic_ids", description }],
      },
    });
    const { semanticIds: _, ...spec } = SPEC;
    expect(await rejection(client.ablation(spec, { variants: ["dseg"], seeds: 1 }))).toMatchObject({
      violations: [{ path: "semanticIds", description: description.replace("semantic_ids", "semanticIds") }],
    });
    expect(control.runIds).toEqual([]);
  });

  it("starts no run if an option is wrong", async () => {
    const { client, control } = await start();
    const refused = [
      client.ablation(SPEC, { variants: ["ful" as "full"] }),
      client.ablation(SPEC, { variants: [] }),
      client.ablation(SPEC, { seeds: 0 }),
      client.ablation(SPEC, { variants: ["base"], baseline: "full" }),
      client.ablation({ ...SPEC, epochs: -1 }, { variants: ["full"], seeds: 1 }),
    ];
    for (const error of await Promise.all(refused.map(rejection)))
      expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(control.runIds).toEqual([]);
  });
});
