import { describe, expect, it } from "vitest";
import {
  type CompareSpec,
  type EvaluateSpec,
  InvalidArgumentError,
  type LghrecClient,
  type ReportSpec,
  type RunFailure,
} from "../../../sdk/src/index.js";
import { describeInMemory, rejection } from "../support/fakes.js";

const dataset = "d".repeat(64);
const backbone = { name: "simgcl" } as const;
const FAILURE: RunFailure = { kind: "oom", message: "out of memory", pythonTraceback: "" };

const train = (client: LghrecClient, spec: object) => client.train({ dataset, backbone, ...spec });
/** A train run that has succeeded, by its id. */
const trained = async (client: LghrecClient, spec: object = {}) => {
  const run = await train(client, spec);
  await run.wait();
  return run.id;
};
const specOf = async <S>(run: Promise<{ info(): Promise<{ spec: unknown }> }>) =>
  (await (await run).info()).spec as S;

describeInMemory("client.compare by runs", (start) => {
  it("evaluates train runs, and groups runs that differ only in the seed", async () => {
    const { client, control } = await start();
    const plain = [await trained(client, { seed: 0 }), await trained(client, { seed: 1, threads: 2 })];
    const full = await train(client, { seed: 0, semanticIds: "e".repeat(64), variant: "full" });
    const compared = client.compare({
      runs: [...plain, full],
      metrics: ["ndcg@20"],
      baseline: "simgcl full",
    });
    const { entries, ...settings } = await specOf<CompareSpec>(compared);
    expect(entries.map(({ name, reports }) => [name, reports.length])).toEqual([
      ["simgcl native", 2],
      ["simgcl full", 1],
    ]);
    expect(settings).toEqual({ metrics: ["ndcg@20"], baseline: "simgcl full" });
    const { rows } = await compared.wait();
    expect(rows.map(({ name, difference }) => [name, difference])).toEqual([
      ["simgcl native", expect.closeTo(0.01, 9)],
      ["simgcl full", undefined],
    ]);
    expect(control.calls.filter(({ method }) => method === "StartEvaluate")).toHaveLength(3);
    const evaluations = [];
    for await (const run of client.runs.list({ kinds: ["evaluate"] })) evaluations.push(run.spec);
    expect(evaluations.map((spec) => (spec as EvaluateSpec).cutoffs)).toEqual([[20], [20], [20]]);
  });

  it("uses evaluate runs unchanged, and finds their train runs", async () => {
    const { client } = await start();
    const { model } = await (await train(client, { seed: 4 })).wait();
    const evaluated = await client.evaluate({ model, cutoffs: [5] });
    const { report } = await evaluated.wait();
    const predictions = await client.evaluate({ predictions: { dataset, path: "others/scores.csv" } });
    const theirs = (await predictions.wait()).report;
    expect(await specOf<CompareSpec>(client.compare({ runs: [evaluated, predictions] }))).toEqual({
      entries: [
        { name: "simgcl native", reports: [report.id] },
        { name: "scores.csv", reports: [theirs.id] },
      ],
    });
  });

  it("lists named entries before the others", async () => {
    const { client } = await start();
    const [a, b] = [await trained(client), await trained(client, { epochs: 3 })];
    const named = { mine: [b], "simgcl native": [b, b] };
    const { entries } = await specOf<CompareSpec>(client.compare({ runs: [a], named }));
    expect(entries.map(({ name, reports }) => [name, reports.length])).toEqual([
      ["mine", 1],
      ["simgcl native", 1],
      [`simgcl native ${a}`, 1],
    ]);
  });

  it("names similar runs by the fields in which they differ", async () => {
    const { client } = await start();
    const policy = { name: "hgpo", harmonyWeight: 0.5 };
    const semanticIds = "e".repeat(64);
    const runs = [
      await trained(client, { epochs: 3 }),
      await trained(client, { epochs: 4, optimizer: { learningRate: 0.01 } }),
      await trained(client, { semanticIds, policy: { ...policy, learnTemperature: false } }),
      await trained(client, { policy: { ...policy, advantage: "grpo", harmonyWeight: 0 } }),
      await trained(client, { semanticIds, policy: { name: "random" } }),
    ];
    const { entries } = await specOf<CompareSpec>(client.compare({ runs }));
    expect(entries.map(({ name }) => name)).toEqual([
      "simgcl native, epochs=3 learningRate=none",
      "simgcl native, epochs=4 learningRate=0.01",
      "simgcl hgpo with semantic ids",
      "simgcl hgpo",
      "simgcl random with semantic ids",
    ]);
  });

  it("names a run by its id if its train run was deleted", async () => {
    const { client } = await start();
    const first = await train(client, {});
    const { model } = await first.wait();
    const evaluated = await client.evaluate({ model });
    await client.runs.delete(first.id);
    const { entries } = await specOf<CompareSpec>(
      client.compare({ runs: [evaluated, await trained(client, { epochs: 2 })] }),
    );
    expect(entries.map(({ name }) => name)).toEqual([evaluated.id, "simgcl native"]);
  });

  it("rejects a run that has not succeeded or has no metrics, and starts no run", async () => {
    const { client, control } = await start({
      script: (kind) => (kind === "train" ? { outcome: "hold" } : {}),
    });
    const going = await train(client, {});
    const files = await client.export({ model: dataset, format: "npz" });
    const error = await rejection(client.compare({ runs: [going, files] }).wait());
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({
      message: `run ${going.id} is running, expected one that has succeeded`,
      hint: `wait for it: lghrec attach ${going.id}`,
    });
    expect(await rejection(client.compare({ runs: [files] }).wait())).toMatchObject({
      message: `run ${files.id} has the kind export, expected train or evaluate`,
    });
    control.finish(going.id, { state: "failed", failure: FAILURE });
    expect(await rejection(client.compare({ runs: [going] }).wait())).toMatchObject({
      message: `run ${going.id} is failed, expected one that has succeeded`,
    });
    expect(control.calls.map(({ method }) => method)).not.toContain("StartCompare");
  });

  it("uses the key and the labels for the comparison", async () => {
    const { client, control } = await start();
    const runs = [await trained(client), await trained(client, { epochs: 2 })];
    const options = { idempotencyKey: "mine", labels: { why: "test" } };
    const [once, again] = [await client.compare({ runs }, options), await client.compare({ runs }, options)];
    expect(again.id).toBe(once.id);
    expect((await once.info()).labels).toEqual({ why: "test" });
    const keys = control.calls
      .filter(({ method }) => method === "StartEvaluate")
      .map((call) => call.requestId);
    expect(keys).not.toContain("mine");
  });
});

describeInMemory("client.report by runs", (start) => {
  it("shows each model with its evaluation, and the table of a compare run", async () => {
    const { client } = await start();
    const a = await train(client, { seed: 1 });
    const b = await train(client, { seed: 2 });
    const evaluated = await client.evaluate({ model: (await b.wait()).model });
    const compared = await client.compare({ runs: [a, b], named: { b: [b] } });
    const { model } = await a.wait();
    const { report: table } = await compared.wait();
    const spec = await specOf<ReportSpec>(client.report({ runs: [a, evaluated, compared] }));
    expect(spec).toMatchObject({
      entries: [
        { name: "simgcl native, seed 1", model: model.id },
        { name: "simgcl native, seed 2", evaluation: (await evaluated.wait()).report.id },
      ],
      comparison: table.id,
    });
    expect(spec.entries.every(({ evaluation }) => typeof evaluation === "string")).toBe(true);
  });

  it("names the runs of a sweep by the field in which they differ", async () => {
    const { client } = await start();
    const varied = [];
    for (const harmonyWeight of [0.25, 0.5, 0.5]) {
      varied.push(await trained(client, { policy: { name: "hgpo", harmonyWeight } }));
    }
    const sweeps = [{ field: "policy.harmony_weight", runs: varied }];
    const spec = await specOf<ReportSpec>(client.report({ runs: varied.slice(0, 1), sweeps }));
    expect(spec.sweeps?.map(({ field, entries }) => [field, entries.map(({ name }) => name)])).toEqual([
      ["policy.harmony_weight", ["0.25", "0.5"]],
    ]);
  });

  it("rejects predictions of another program", async () => {
    const { client } = await start();
    const run = await client.evaluate({ predictions: { dataset, path: "scores.csv" } });
    expect(await rejection(client.report({ runs: [run] }).wait())).toMatchObject({
      message: `run ${run.id} evaluated predictions, expected a model`,
      hint: "a report requires trained models",
    });
  });
});

describe("RunPromise of a comparison", () => {
  it("rejects where it is awaited, without an unhandled rejection", async () => {
    const { createFakeServer } = await import("../../../sdk/src/testing/index.js");
    const { createClient } = await import("../../../sdk/src/index.js");
    const client = createClient({ transport: createFakeServer().transport });
    const run = client.compare({ runs: ["run-404"] });
    await expect(run.wait()).rejects.toMatchObject({ code: "not_found" });
    await expect(run.events().next()).rejects.toMatchObject({ code: "not_found" });
  });
});
