import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConnectionError, NotFoundError, type RunEvent, TimeoutError } from "../../../sdk/src/index.js";
import type { FakeControl, SentEvent } from "../../../sdk/src/testing/index.js";
import {
  connect,
  describeBoth,
  describeInMemory,
  rejection,
  TRAIN,
  until,
  wireFake,
} from "../support/fakes.js";

const metrics = (count: number): SentEvent[] =>
  Array.from({ length: count }, (_, i) => ({ type: "metric", name: "loss/total", value: i, step: i + 1 }));

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const numbers = (events: readonly RunEvent[]) => events.map(({ seq }) => seq);
const from1to = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

describeBoth("Run.events", (start, where) => {
  it("ends after the finished event", async () => {
    const { client } = await start({ script: () => ({ events: metrics(3) }) });
    const events = await collect(client.train(TRAIN).events());
    // starting, running, three metrics, finished
    expect(numbers(events)).toEqual(from1to(6));
    expect(events.map(({ type }) => type)).toEqual([
      "state",
      "state",
      "metric",
      "metric",
      "metric",
      "finished",
    ]);
  });

  it("follows an active run", async () => {
    const { client } = await start({ script: () => ({ events: metrics(20), intervalMs: 2 }) });
    expect(numbers(await collect(client.train(TRAIN).events()))).toEqual(from1to(23));
  });

  it("cancels the call on the server after a break", async () => {
    const { client, control } = await start({ script: () => ({ events: metrics(5), outcome: "hold" }) });
    const run = await client.train(TRAIN);
    for await (const { seq } of run.events()) if (seq === 3) break;
    await until(() => control.calls.some(({ method, cancelled }) => method === "WatchRun" && cancelled));
    expect((await run.info()).state).toBe("running");
  });

  it("cancels the call if the stream is disposed of while it waits", async () => {
    const { client, control } = await start({ script: () => ({ outcome: "hold" }) });
    const stream = (await client.train(TRAIN)).events({ after: "now" });
    const waiting = stream.next();
    await until(() => control.calls.some(({ method }) => method === "WatchRun"));
    await stream[Symbol.asyncDispose]();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await until(() => control.calls.some(({ cancelled }) => cancelled));
  });

  it.each(from1to(12))("yields each number once if the connection breaks after %i messages", async (n) => {
    const { client, control } = await start({ script: () => ({ events: metrics(10) }) });
    const run = await client.train(TRAIN);
    control.inject({ method: "WatchRun", afterMessages: n, drop: true });
    control.inject({ method: "WatchRun", afterMessages: 1, drop: true });
    const stream = run.events();
    expect(numbers(await collect(stream))).toEqual(from1to(13));
    expect(stream.lastSequence).toBe(13);
  });

  it("reopens a silent stream", async () => {
    const options = { script: () => ({ events: metrics(4) }) };
    const { client, control } = await start(options, { streamIdleMs: 50 });
    control.inject({ method: "WatchRun", afterMessages: 3, silent: true });
    expect(numbers(await collect(client.train(TRAIN).events()))).toEqual(from1to(7));
  });

  it("begins after a number, or with future events", async () => {
    const { client, control } = await start({ script: () => ({ events: metrics(2), outcome: "hold" }) });
    const run = await client.train(TRAIN);
    const now = run.events({ after: "now" });
    const next = now.next();
    await until(() => control.calls.some(({ method }) => method === "WatchRun"));
    control.emit(run.id, { type: "warning", code: "rows_skipped", message: "3 rows" });
    control.finish(run.id, { state: "cancelled" });
    expect(await next).toMatchObject({ value: { seq: 5, type: "warning", code: "rows_skipped" } });
    expect(numbers(await collect(run.events({ after: 3 })))).toEqual([4, 5, 6]);
  });

  it("ends at once after the last number of a run that has ended", async () => {
    const { client } = await start();
    const run = await client.train(TRAIN);
    expect(await collect(run.events({ after: "now" }))).toEqual([]);
  });

  it("yields only the requested types, and counts the others", async () => {
    const { client } = await start({ script: () => ({ events: metrics(2) }) });
    const stream = client.train(TRAIN).events({ types: ["metric"] });
    expect((await collect(stream)).map(({ type }) => type)).toEqual(["metric", "metric"]);
    expect(stream.lastSequence).toBe(5);
  });

  it("rejects for an unknown run", async () => {
    const { client } = await start();
    const events = client.runs.attach("run-none").events();
    expect(await rejection(events.next())).toBeInstanceOf(NotFoundError);
  });

  it("rejects if the start call failed", async () => {
    const { client, control } = await start();
    control.inject({ method: "StartTrain", error: { status: "not_found", reason: "ARTIFACT_UNKNOWN" } });
    expect(await rejection(client.train(TRAIN).events().next())).toMatchObject({
      reason: "ARTIFACT_UNKNOWN",
    });
  });

  it("ends with the reason of the signal, also before it began", async () => {
    const { client } = await start({ script: () => ({ outcome: "hold" }) });
    const run = await client.train(TRAIN);
    const controller = new AbortController();
    const reason = new Error("enough");
    const stream = run.events({ signal: controller.signal, after: "now" });
    const waiting = rejection(stream.next());
    setTimeout(() => controller.abort(reason), 20);
    expect(await waiting).toBe(reason);
    expect(await rejection(run.events({ signal: controller.signal }).next())).toBe(reason);
  });

  it("ends after timeoutMs, with a hint how to attach again", async () => {
    const { client } = await start({ script: () => ({ outcome: "hold" }) });
    const run = await client.train(TRAIN);
    const error = await rejection(collect(run.events({ timeoutMs: 30 })));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ runId: run.id, timeoutMs: 30 });
    expect((error as TimeoutError).attachHint).toContain(run.id);
  });

  it("gives up on a server that does not answer for reconnectMs", async () => {
    const { client, control } = await start({ script: () => ({ outcome: "hold" }) }, { reconnectMs: 100 });
    const run = await client.train(TRAIN);
    control.inject({ method: "WatchRun", afterMessages: 1, drop: true });
    control.inject({ method: "WatchRun", times: 1_000_000, drop: true });
    const error = await rejection(collect(run.events()));
    expect(error, where).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ runId: run.id });
  });
});

describeInMemory("Run.events on a quiet stream", (start) => {
  const watches = (control: FakeControl) =>
    control.calls.filter(({ method }) => method === "WatchRun").length;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("stays open as long as heartbeats arrive", async () => {
    const options = { heartbeatMs: 60, script: () => ({ events: metrics(1), intervalMs: 200 }) };
    const { client, control } = await start(options, { streamIdleMs: 100 });
    const collected = collect(client.train(TRAIN).events());
    await vi.advanceTimersByTimeAsync(400);
    expect(numbers(await collected)).toEqual(from1to(4));
    expect(watches(control)).toBe(1);
  });

  it("stays open while the reader is slow", async () => {
    const { client, control } = await start({ script: () => ({ events: metrics(2) }) }, { streamIdleMs: 30 });
    const stream = client.train(TRAIN).events();
    for (let step = await stream.next(); !step.done; step = await stream.next()) {
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(watches(control)).toBe(1);
  });
});

describe("Run.events", () => {
  it("reports a gap, once", async () => {
    const fake = await wireFake({ script: () => ({ events: metrics(4) }) });
    const run = await connect({ endpoint: fake.endpoint }).train(TRAIN);
    fake.control.loseEvents(run.id, 3, 4);
    const events = await collect(run.events());
    expect(events.map(({ seq, type }) => [seq, type])).toEqual([
      [1, "state"],
      [2, "state"],
      [4, "gap"],
      [5, "metric"],
      [6, "metric"],
      [7, "finished"],
    ]);
    expect(events[2]).toMatchObject({ from: 3, to: 4 });
  });

  it("continues after the network transferred nothing for a time", async () => {
    const fake = await wireFake({ heartbeatMs: 20, script: () => ({ events: metrics(30), intervalMs: 5 }) });
    const client = connect({ endpoint: fake.endpoint, streamIdleMs: 100 });
    const seen: number[] = [];
    for await (const { seq } of client.train(TRAIN).events()) {
      seen.push(seq);
      if (seq === 5) {
        fake.blackHole(true);
        setTimeout(() => {
          fake.dropConnections();
          fake.blackHole(false);
        }, 50);
      }
    }
    expect(seen).toEqual(from1to(33));
  });
});
