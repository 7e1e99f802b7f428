import { describe, expect, it } from "vitest";
import type { CallOptions, LghrecClient } from "../../../sdk/src/index.js";
import { LinkedAbort, sleep, untilAborted } from "../../../sdk/src/rpc/abort.js";
import { connect, describeBoth, rejection, soon, TRAIN, until, wireFake } from "../support/fakes.js";

const reason = new Error("the user changed their mind");

/** Calls `start`, aborts when `ready` holds, and checks that the call rejects with the reason at once. */
async function expectReason(
  start: (o: CallOptions) => Promise<unknown>,
  ready: () => boolean,
): Promise<void> {
  const controller = new AbortController();
  const call = rejection(start({ signal: controller.signal }));
  await until(ready);
  controller.abort(reason);
  expect(await soon(call)).toBe(reason);
}

describeBoth("abort", (start) => {
  it("before a call sends nothing", async () => {
    const { client, control } = await start();
    const signal = AbortSignal.abort(reason);
    const calls: ((client: LghrecClient) => Promise<unknown>)[] = [
      (c) => c.serverInfo({ signal }),
      (c) => c.train(TRAIN, { signal }),
      (c) => c.train({ nonsense: 1 } as never, { signal }),
      (c) => c.validate.train(TRAIN, { signal }),
      (c) => c.runs.get("r", { signal }),
      (c) => c.runs.attach("r").wait({ signal }),
      (c) => c.runs.attach("r").cancel({ signal }),
      (c) => c.artifacts.download("a", "nowhere", { signal }),
    ];
    for (const call of calls) expect(await rejection(call(client))).toBe(reason);
    expect(control.calls).toEqual([]);
  });

  it("in flight rejects with the reason", async () => {
    const { client, control } = await start();
    control.inject({ silent: true });
    await expectReason(
      (o) => client.serverInfo(o),
      () => control.calls.length === 1,
    );
  });

  it("of a start call in flight rejects with the reason", async () => {
    const { client, control } = await start();
    control.inject({ silent: true });
    await expectReason(
      (o) => client.train(TRAIN, o),
      () => control.calls.length === 1,
    );
  });

  it("while waiting for the next attempt rejects with the reason", async () => {
    const { client, control } = await start();
    control.inject({ error: { status: "unavailable", retryAfterMs: 60_000 } });
    await expectReason(
      (o) => client.serverInfo(o),
      () => control.calls.length === 1,
    );
  });

  it("while waiting for the server rejects with the reason", async () => {
    const { client, control } = await start();
    control.inject({ times: 1_000_000, error: { status: "unavailable" } });
    await expectReason(
      (o) => client.waitForReady(o),
      () => control.calls.length > 3,
    );
  });

  it("while waiting for a run rejects with the reason and does not stop the run", async () => {
    const { client, control } = await start({ script: () => ({ outcome: "hold" }) });
    const run = await client.train(TRAIN);
    const watching = () => control.calls.some(({ method }) => method === "WatchRun");
    await expectReason((o) => run.wait(o), watching);
    await until(() => control.calls.some(({ cancelled }) => cancelled));
    expect((await run.info()).state).toBe("running");
  });

  it("while reconnecting rejects with the reason", async () => {
    let reconnecting = false;
    const logger = {
      warn: () => {
        reconnecting = true;
      },
    };
    const { connect: join, control } = await start({ script: () => ({ outcome: "hold" }) });
    const run = await join({ logger, retry: { baseMs: 60_000, maxMs: 60_000 } }).train(TRAIN);
    control.inject({ method: "WatchRun", afterMessages: 1, drop: true });
    await expectReason(
      (o) => run.wait({ ...o, onEvent: () => {} }),
      () => reconnecting,
    );
  });

  it("by AbortSignal.timeout is the signal's own error, not a wrapper", async () => {
    const { client, control } = await start();
    control.inject({ silent: true });
    const error = await rejection(client.serverInfo({ signal: AbortSignal.timeout(20) }));
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: "TimeoutError" });
  });
});

describe("abort", () => {
  it("while connecting rejects with the reason", async () => {
    const fake = await wireFake();
    fake.blackHole(true);
    const controller = new AbortController();
    const call = rejection(connect({ endpoint: fake.endpoint }).serverInfo({ signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 30);
    expect(await call).toBe(reason);
  });

  it("leaves no listeners on a long-lived signal", async () => {
    const listeners = new Set<unknown>();
    const { signal } = new AbortController();
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (type: string, listener: never, options: never) => {
      listeners.add(listener);
      addEventListener.call(signal, type, listener, options);
    };
    signal.removeEventListener = (type: string, listener: never) => {
      listeners.delete(listener);
      removeEventListener.call(signal, type, listener);
    };
    const fake = await wireFake();
    const client = connect({ endpoint: fake.endpoint });
    await client.serverInfo({ signal });
    await client.train(TRAIN, { signal }).wait({ signal });
    for await (const _ of client.train(TRAIN).events({ signal })) break;
    await rejection(client.runs.get("none", { signal }));
    expect(listeners.size).toBe(0);
  });

  it("ends a sleep", async () => {
    const controller = new AbortController();
    const sleeping = rejection(sleep(60_000, controller.signal));
    controller.abort(reason);
    expect(await sleeping).toBe(reason);
    expect(await rejection(sleep(60_000, controller.signal))).toBe(reason);
  });

  it("does not wait for a promise that ignores it", async () => {
    expect(await rejection(untilAborted(new Promise(() => {}), AbortSignal.abort(reason)))).toBe(reason);
    expect(await untilAborted(Promise.resolve(3), new AbortController().signal)).toBe(3);
  });

  it("is passed on from parents, once", () => {
    const [a, b] = [new AbortController(), new AbortController()];
    const linked = new LinkedAbort(a.signal, undefined, b.signal);
    b.abort(reason);
    a.abort(new Error("too late"));
    expect(linked.signal.reason).toBe(reason);
    linked.dispose();
    const freed = new LinkedAbort(new AbortController().signal).after(1, () => reason);
    freed.dispose();
    expect(freed.signal.aborted).toBe(false);
  });
});
