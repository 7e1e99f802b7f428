import { expect, it } from "vitest";
import {
  ConflictError,
  InvalidArgumentError,
  NotFoundError,
  RunCancelledError,
  type RunEvent,
  RunFailedError,
  TimeoutError,
} from "../../../sdk/src/index.js";
import { describeBoth, describeInMemory, rejection, TRAIN } from "../support/fakes.js";

const FAILURE = {
  kind: "oom",
  message: "2 GiB more than there is",
  pythonTraceback: "Traceback (most recent call last):\n  ...\nMemoryError",
  lastCheckpoint: "epoch-3",
  hint: "lower batch_size",
} as const;

describeBoth("RunPromise", (start) => {
  it("resolves to the handle, and has the methods of the run", async () => {
    const { client } = await start();
    const promise = client.train(TRAIN);
    const run = await promise;
    expect(run).toMatchObject({ id: "run-1", kind: "train", deduplicated: false });
    expect(await promise.wait()).toEqual(await run.wait());
    expect(await promise.settled()).toMatchObject({ state: "succeeded" });
  });

  it("returns plain promises from then", async () => {
    const { client } = await start();
    expect(await client.train(TRAIN).then(({ id }) => id)).toBe("run-1");
    expect(await client.train(TRAIN).finally(() => {})).toHaveProperty("id");
  });

  it("passes results from one call to the next", async () => {
    const { client } = await start();
    const prep = await client.preprocess({ source: { builtin: "movielens-100k" } }).wait();
    const { dataset, semanticIds } = prep;
    const trained = await client.train({ dataset, semanticIds, backbone: { name: "mf" } }).wait();
    const report = await client.evaluate({ model: trained.model, cutoffs: [10, 20] }).wait();
    const files = await client.export({ model: trained.model, format: "safetensors" }).wait();
    expect(prep).toMatchObject({ kind: "preprocess", dataset: { kind: "dataset", sizeBytes: 69 } });
    expect(prep.statistics.numUsers).toBe(943);
    expect(trained).toMatchObject({ kind: "train", bestEpoch: 1, metrics: { "ndcg@20": 0.25 } });
    expect(report.metrics).toEqual({ "recall@20": 0.25, "ndcg@20": 0.125 });
    expect(Object.keys(report.metrics)).toEqual(["ndcg@20", "recall@20"]);
    expect(files.export.kind).toBe("export");
    const entries = [{ name: "one", reports: [report.report] }];
    const compared = await client.compare({ entries, metrics: ["ndcg@20"] }).wait();
    expect(compared).toMatchObject({ kind: "compare", report: { kind: "comparison" } });
    expect(compared.rows).toEqual([
      { name: "one", metric: "ndcg@20", mean: 0.25, numUsers: 943, numSeeds: 1 },
    ]);
    const page = client.report({
      entries: [{ name: "one", model: trained.model, evaluation: report.report }],
      comparison: compared.report,
    });
    expect((await page.wait()).report.kind).toBe("report");
  });

  it("rejects a wrong spec without sending it", async () => {
    const { client, control } = await start();
    const error = await rejection(client.train({ dataset: 1, backbone: { name: "mf" } } as never).wait());
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(control.calls).toEqual([]);
  });
});

describeBoth("Run", (start) => {
  it("waits for an active run, and for one that has ended", async () => {
    const { client } = await start({
      script: () => ({ events: Array(5).fill({ type: "log", level: "info", line: "x" }), intervalMs: 5 }),
    });
    const run = await client.train(TRAIN);
    const result = await run.wait();
    expect(await client.runs.attach(run.id, "train").wait()).toEqual(result);
  });

  it("passes every event to onEvent, then returns the result", async () => {
    const { client } = await start({
      script: () => ({ events: [{ type: "log", level: "warning", line: "slow" }] }),
    });
    const seen: RunEvent[] = [];
    await client.train(TRAIN).wait({ onEvent: (event) => seen.push(event) });
    expect(seen.map(({ seq, type }) => [seq, type])).toEqual([
      [1, "state"],
      [2, "state"],
      [3, "log"],
      [4, "finished"],
    ]);
    expect(seen[2]).toMatchObject({ level: "warning", line: "slow", time: expect.any(Date) });
  });

  it("throws a failure with everything that the worker reported", async () => {
    const { client } = await start({ script: () => ({ outcome: { state: "failed", failure: FAILURE } }) });
    const run = await client.train(TRAIN);
    const error = await rejection(run.wait());
    expect(error).toBeInstanceOf(RunFailedError);
    expect(error).toMatchObject({
      failure: FAILURE,
      outcome: { state: "failed", failure: FAILURE },
      runId: run.id,
    });
    expect(error).toMatchObject({ hint: "lower batch_size", message: expect.stringContaining("2 GiB more") });
    expect(await run.settled()).toEqual({ state: "failed", failure: FAILURE });
    expect((await run.info()).failure).toEqual(FAILURE);
  });

  it("cancels, also repeatedly", async () => {
    const { client } = await start({ script: () => ({ outcome: "hold" }) });
    const run = await client.train(TRAIN);
    expect((await run.cancel({ mode: "now", reason: "wrong seed" })).state).toBe("cancelled");
    expect((await client.runs.cancel(run.id)).state).toBe("cancelled");
    expect(await rejection(run.wait())).toBeInstanceOf(RunCancelledError);
    expect(await run.settled()).toEqual({ state: "cancelled" });
  });

  it("stops waiting after timeoutMs, and the run continues", async () => {
    const { client } = await start({ script: () => ({ outcome: "hold" }) });
    const run = await client.train(TRAIN);
    const error = await rejection(run.wait({ timeoutMs: 40 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ runId: run.id, timeoutMs: expect.any(Number) });
    expect((error as TimeoutError).attachHint).toContain(`lghrec attach ${run.id}`);
    expect((await run.info()).state).toBe("running");
  });

  it("learns its kind after attach without a kind", async () => {
    const { client } = await start();
    const { id } = await client.evaluate({ model: "m".repeat(64) });
    const run = client.runs.attach(id);
    expect(run.kind).toBeUndefined();
    const result = await run.wait();
    expect(run.kind).toBe("evaluate");
    expect(result.kind === "evaluate" && result.numUsers).toBe(943);
  });

  it("rejects a run of another kind than attach was called with", async () => {
    const { client } = await start();
    const { id } = await client.train(TRAIN);
    expect(await rejection(client.runs.attach(id, "export").wait())).toBeInstanceOf(InvalidArgumentError);
  });

  it("is not found under an unknown id, and has no hint to attach", async () => {
    const { client } = await start();
    const error = await rejection(client.runs.attach("run-none").wait());
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ runId: "run-none", reason: "RUN_UNKNOWN", attachHint: undefined });
  });
});

describeBoth("start calls", (start) => {
  it("with one key start one run", async () => {
    const { client, control } = await start();
    const runs = await Promise.all(
      Array.from({ length: 20 }, () => client.train(TRAIN, { idempotencyKey: "same" })),
    );
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(runs.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
    expect(control.runIds).toHaveLength(1);
  });

  it("without a key start one run each", async () => {
    const { client, control } = await start();
    await client.train(TRAIN);
    await client.train(TRAIN);
    expect(control.runIds).toHaveLength(2);
  });

  it("with a key of another spec are a conflict", async () => {
    const { client } = await start();
    await client.train(TRAIN, { idempotencyKey: "same" });
    const error = await rejection(client.train({ ...TRAIN, epochs: 3 }, { idempotencyKey: "same" }));
    expect(error).toBeInstanceOf(ConflictError);
    expect(error).toMatchObject({ reason: "REQUEST_ID_REUSED", requestId: "same" });
  });

  it("return a failed run under its key, or start a new run with rerun: failed", async () => {
    const { client } = await start({ script: () => ({ outcome: { state: "failed", failure: FAILURE } }) });
    const options = { idempotencyKey: "same" };
    const { id } = await client.train(TRAIN, options);
    expect((await client.train(TRAIN, options)).id).toBe(id);
    expect((await client.train(TRAIN, { ...options, rerun: "never" })).id).toBe(id);
    expect((await client.train(TRAIN, { ...options, rerun: "failed" })).id).not.toBe(id);
  });

  it("keep labels", async () => {
    const { client } = await start();
    const run = await client.train(TRAIN, { labels: { team: "a" } });
    expect((await run.info()).labels).toEqual({ team: "a" });
  });
});

describeInMemory("client.validate", (start) => {
  it("returns the spec in the form that users write, and starts no run", async () => {
    const { client, control } = await start();
    const spec = { ...TRAIN, earlyStop: { patience: 3 }, policy: { name: "native" } } as const;
    const validated = await client.validate.train(spec);
    expect(validated).toMatchObject({
      kind: "train",
      spec,
      specDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(control.runIds).toEqual([]);
  });

  it("reports every violation of the server", async () => {
    const { client, control } = await start();
    const violations = [
      { path: "filter.k_core", description: "too small" },
      { path: "split", description: "must add up to 1" },
    ];
    control.inject({ error: { status: "invalid_argument", reason: "FIELD_INVALID", violations } });
    const error = await rejection(
      client.validate.preprocess({ source: { builtin: "movielens-100k" }, filter: { kCore: 0 } }),
    );
    expect(error).toMatchObject({
      message: "preprocess spec: filter.kCore: too small; split: must add up to 1",
      violations: [{ ...violations[0], path: "filter.kCore" }, violations[1]],
    });
  });
});

describeBoth("client.runs", (start) => {
  it("lists the requested runs, newest first, over pages", async () => {
    const { client } = await start();
    for (let i = 0; i < 230; i++) await client.train(TRAIN, { labels: { half: i % 2 ? "odd" : "even" } });
    await client.evaluate({ model: "m".repeat(64) });
    const ids = async (filter?: Parameters<typeof client.runs.list>[0]) => {
      const all: string[] = [];
      for await (const run of client.runs.list(filter)) all.push(run.id);
      return all;
    };
    expect(await ids()).toHaveLength(231);
    expect(await ids({ kinds: ["evaluate"] })).toEqual(["run-231"]);
    expect((await ids({ labels: { half: "odd" } })).slice(0, 2)).toEqual(["run-230", "run-228"]);
    expect(await ids({ states: ["failed", "running"] })).toEqual([]);
    expect(await rejection(ids({ kinds: ["nonsense" as never] }))).toBeInstanceOf(InvalidArgumentError);
  });

  it("deletes only runs that have ended", async () => {
    const { client, control } = await start({ script: () => ({ outcome: "hold" }) });
    const { id } = await client.train(TRAIN);
    expect(await rejection(client.runs.delete(id))).toMatchObject({ reason: "ILLEGAL_TRANSITION" });
    control.finish(id, { state: "cancelled" });
    await client.runs.delete(id);
    expect(await rejection(client.runs.get(id))).toBeInstanceOf(NotFoundError);
  });
});
