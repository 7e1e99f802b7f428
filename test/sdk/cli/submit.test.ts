import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunOutcome } from "lghrec";
import { describe, expect, it } from "vitest";
import { EVALUATE, envelope, fakeServer, folderWith, lines, run, specFile, TRAIN } from "./support.js";

const SPECS = {
  preprocess: "source: { builtin: movielens-100k }\n",
  train: TRAIN,
  evaluate: EVALUATE,
  export: `model: ${"b".repeat(64)}\nformat: safetensors\n`,
};

const OUT_OF_MEMORY: RunOutcome = {
  state: "failed",
  failure: {
    kind: "oom",
    message: "out of memory",
    pythonTraceback: "Traceback\n  boom",
    hint: "lower batchSize",
  },
};

describe.each(Object.entries(SPECS))("lghrec %s", (verb, spec) => {
  it("waits for the run and prints one object", async () => {
    const { endpoint } = await fakeServer();
    const done = await run([verb, specFile(spec), "--endpoint", endpoint, "--output", "json"]);
    expect(done.code).toBe(0);
    expect(envelope(done)).toMatchObject({
      schemaVersion: 1,
      command: verb,
      run: { id: "run-1", kind: verb, state: "succeeded" },
      result: { kind: verb },
      error: null,
    });
    expect(done.stderr).toContain("attach: lghrec attach run-1");
    expect(done.stderr).toContain("cancel: lghrec cancel run-1");
  });

  it("exits with 1 and a complete error if the run fails", async () => {
    const { endpoint } = await fakeServer({ script: () => ({ outcome: OUT_OF_MEMORY }) });
    const done = await run([verb, specFile(spec), "--endpoint", endpoint, "--output", "json"]);
    expect(done.code).toBe(1);
    expect(envelope(done)).toMatchObject({
      run: { id: "run-1", state: "failed" },
      result: null,
      error: {
        code: "run_failed",
        outcome: { failure: { kind: "oom", pythonTraceback: "Traceback\n  boom" } },
      },
    });
    expect(done.stderr).toContain("hint: lower batchSize");
    expect(done.stderr).not.toContain("Traceback");
  });

  it.each(["internal", "worker_lost"] as const)("shows the traceback of %s", async (kind) => {
    const failure = { ...OUT_OF_MEMORY.failure, kind };
    const { endpoint } = await fakeServer({ script: () => ({ outcome: { state: "failed", failure } }) });
    const done = await run([verb, specFile(spec), "--endpoint", endpoint]);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain("Traceback\n    boom");
  });

  it("exits with 4 if the run is cancelled", async () => {
    const { endpoint } = await fakeServer({ script: () => ({ outcome: { state: "cancelled" } }) });
    const done = await run([verb, specFile(spec), "--endpoint", endpoint, "--output", "json"]);
    expect(done.code).toBe(4);
    expect(envelope(done).error).toMatchObject({ code: "run_cancelled" });
  });
});

describe("output of a command", () => {
  it("as text has names and values, and ids for artifacts", async () => {
    const { endpoint } = await fakeServer();
    const { code, stdout } = await run(["evaluate", specFile(EVALUATE), "--endpoint", endpoint]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^run +run-1$/m);
    expect(stdout).toMatch(/^report +[0-9a-f]{64}$/m);
    expect(stdout).toMatch(/^metrics\.recall@20 +0\.25$/m);
  });

  it("as ndjson has every event and ends with the summary", async () => {
    const script = () => ({ events: [{ type: "metric", name: "loss/total", value: 0.5, step: 1 } as const] });
    const { endpoint } = await fakeServer({ script });
    const done = await run(["train", specFile(TRAIN), "--endpoint", endpoint, "--output", "ndjson"]);
    const records = lines(done);
    expect(records.map(({ type }) => type)).toEqual(["state", "state", "metric", "finished", "summary"]);
    expect(records.slice(0, -1).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(records.at(-1)).toMatchObject({ schemaVersion: 1, run: { state: "succeeded" } });
  });

  it("is written to the output file as ndjson with any format", async () => {
    const { endpoint } = await fakeServer();
    const file = join(folderWith({}), "events.ndjson");
    const args = ["--endpoint", endpoint, "--output-file", file, "--quiet"];
    const done = await run(["train", specFile(TRAIN), ...args]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    const records = lines({ ...done, stdout: readFileSync(file, "utf8") });
    expect(records.at(-1)).toMatchObject({ type: "summary", command: "train" });
  });

  it("has whole lines of progress and no carriage return if stderr is not a terminal", async () => {
    const step = (done: number) => ({ type: "progress", phase: "train", done, total: 4 }) as const;
    const { endpoint } = await fakeServer({ script: () => ({ events: [1, 2, 3, 4].map(step) }) });
    const { stderr } = await run(["train", specFile(TRAIN), "--endpoint", endpoint]);
    expect(stderr).not.toContain("\r");
    // the first event of the phase and its end; events less than ten seconds apart are not shown
    expect(stderr.match(/^train .*$/gm)).toHaveLength(2);
    expect(stderr).toContain("100% 4/4");
  });
});

describe("options of a command", () => {
  it("--detach exits as soon as the run is accepted", async () => {
    const { endpoint } = await fakeServer({ script: () => ({ outcome: "hold" }) });
    const args = ["--endpoint", endpoint, "--detach", "--output", "json"];
    const done = await run(["train", specFile(TRAIN), ...args]);
    expect(done.code).toBe(0);
    expect(envelope(done)).toMatchObject({ run: { id: "run-1", state: "running" }, result: null });
  });

  it("--validate checks and starts nothing", async () => {
    const fake = await fakeServer();
    const args = ["--endpoint", fake.endpoint, "--validate", "--output", "json"];
    const done = await run(["train", specFile(TRAIN), ...args]);
    expect(done.code).toBe(0);
    expect(envelope(done).result).toMatchObject({ kind: "train", specDigest: expect.any(String) });
    expect(fake.control.runIds).toEqual([]);
  });

  it("--set changes and adds fields in either spelling, and never duplicates a field", async () => {
    const { endpoint } = await fakeServer();
    const spec = specFile(`${TRAIN}early_stop: { patience: 1 }\n`);
    const sets = [
      "--set",
      "earlyStop.patience=7",
      "--set",
      "optimizer.learning_rate=0.5",
      "--set",
      "backbone.layers=4",
    ];
    const done = await run(["train", spec, ...sets, "--endpoint", endpoint, "--output", "json"]);
    expect(done.stderr).not.toContain("error");
    expect(envelope(done).run).toMatchObject({
      spec: {
        earlyStop: { patience: 7 },
        optimizer: { learningRate: 0.5 },
        backbone: { name: "lightccf", layers: 4 },
      },
    });
  });

  it("--idempotency-key and --label are sent with the run, and the same key starts no second run", async () => {
    const fake = await fakeServer();
    const args = ["--endpoint", fake.endpoint, "--idempotency-key", "nightly-1", "--label", "branch=main"];
    const spec = specFile(TRAIN);
    const first = await run(["train", spec, ...args, "--output", "json"]);
    const second = await run(["train", spec, ...args, "--output", "json"]);
    expect(envelope(second).run).toEqual(envelope(first).run);
    expect(envelope(second).run).toMatchObject({ labels: { branch: "main" } });
    expect(fake.control.runIds).toEqual(["run-1"]);
  });

  it("starts a failed run anew under its key if CI is set, except with --rerun never", async () => {
    const fake = await fakeServer({ script: () => ({ outcome: OUT_OF_MEMORY }) });
    const args = ["train", specFile(TRAIN), "--endpoint", fake.endpoint, "--idempotency-key", "k", "--quiet"];
    await run(args);
    await run(args);
    expect(fake.control.runIds).toEqual(["run-1"]);
    await run(args, { CI: "true" });
    expect(fake.control.runIds).toEqual(["run-1", "run-2"]);
    await run([...args, "--rerun", "never"], { CI: "true" });
    expect(fake.control.runIds).toEqual(["run-1", "run-2"]);
  });

  it("--timeout ends the waiting with 5 and does not stop the run", async () => {
    const fake = await fakeServer({ script: () => ({ outcome: "hold" }) });
    const args = ["--endpoint", fake.endpoint, "--timeout", "300ms", "--output", "json"];
    const done = await run(["train", specFile(TRAIN), ...args]);
    expect(done.code).toBe(5);
    expect(envelope(done)).toMatchObject({ run: { id: "run-1" }, error: { code: "timeout" } });
    expect(done.stderr).toContain("the run continues: lghrec attach run-1");
    expect(fake.control.calls.map(({ method }) => method)).not.toContain("CancelRun");
  });

  it("exits with 6 for an unreachable server, and with 2 for a key with another spec", async () => {
    const nobody = await run([
      "train",
      specFile(TRAIN),
      "--endpoint",
      "http://127.0.0.1:1",
      "--output",
      "json",
    ]);
    expect(nobody.code).toBe(6);
    expect(envelope(nobody).error).toMatchObject({ code: "connection", kind: "refused" });
    const { endpoint } = await fakeServer();
    const args = ["--endpoint", endpoint, "--idempotency-key", "k"];
    await run(["train", specFile(TRAIN), ...args]);
    const other = await run(["train", specFile(TRAIN), ...args, "--set", "epochs=3", "--output", "json"]);
    expect(other.code).toBe(2);
    expect(envelope(other).error).toMatchObject({ code: "conflict", reason: "REQUEST_ID_REUSED" });
  });

  it("reads the endpoint from LGHREC_ENDPOINT", async () => {
    const { endpoint } = await fakeServer();
    expect((await run(["train", specFile(TRAIN)], { LGHREC_ENDPOINT: endpoint })).code).toBe(0);
  });
});
