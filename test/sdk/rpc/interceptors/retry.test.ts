import { expect, it, onTestFinished, vi } from "vitest";
import { ResourceExhaustedError, TimeoutError, UnavailableError } from "../../../../sdk/src/index.js";
import { backoffMs } from "../../../../sdk/src/rpc/interceptors/retry.js";
import { describeBoth, describeInMemory, rejection, TRAIN } from "../../support/fakes.js";

describeBoth("retry", (start) => {
  it("repeats a read while the server does not answer", async () => {
    const { client, control } = await start();
    control.inject({ times: 3, error: { status: "unavailable" } });
    expect((await client.serverInfo()).apiRevision).toBe(1);
    expect(control.calls).toHaveLength(4);
  });

  it("repeats a start call with the same request id, and starts one run", async () => {
    const { client, control } = await start();
    // the first answer is lost after the run was created, the second attempt is rejected
    control.inject({ method: "StartTrain", afterEffect: true, error: { status: "unavailable" } });
    control.inject({
      method: "StartTrain",
      error: { status: "unavailable", reason: "DRAINING", retryAfterMs: 5 },
    });
    const run = await client.train(TRAIN);
    expect(run.deduplicated).toBe(true);
    const ids = control.calls.map(({ requestId }) => requestId);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(control.runIds).toEqual([run.id]);
  });

  it("repeats a start call after the connection broke", async () => {
    const { client, control } = await start();
    control.inject({ method: "StartTrain", afterEffect: true, drop: true });
    expect((await client.train(TRAIN, { idempotencyKey: "nightly-7" })).deduplicated).toBe(true);
    expect(control.calls.map(({ requestId }) => requestId)).toEqual(["nightly-7", "nightly-7"]);
    expect(control.runIds).toHaveLength(1);
  });

  it("limits the number of attempts and reports it", async () => {
    const { client, control } = await start();
    control.inject({ times: 100, error: { status: "unavailable", reason: "DRAINING" } });
    const error = await rejection(client.serverInfo());
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ attempts: 5, requestId: control.calls[0]?.requestId });
    expect(control.calls).toHaveLength(5);
  });

  it.each(["internal", "not_found", "failed_precondition", "invalid_argument", "unimplemented"] as const)(
    "does not retry after %s",
    async (status) => {
      const { client, control } = await start();
      control.inject({ times: 9, error: { status } });
      expect(await rejection(client.serverInfo())).toMatchObject({ attempts: 1 });
      expect(control.calls).toHaveLength(1);
    },
  );

  it("waits for the time that the server suggests, with any status", async () => {
    const { connect, control } = await start();
    const waits: unknown[] = [];
    const client = connect({ logger: { debug: (_, { waitMs }) => waits.push(waitMs) } });
    control.inject({ error: { status: "resource_exhausted", reason: "DISK_FULL", retryAfterMs: 7 } });
    await client.serverInfo();
    expect(waits).toEqual([7]);
    control.inject({ error: { status: "resource_exhausted", reason: "DISK_FULL" } });
    expect(await rejection(client.serverInfo())).toBeInstanceOf(ResourceExhaustedError);
  });

  it("makes one attempt with retry: false", async () => {
    const { connect, control } = await start();
    control.inject({ error: { status: "unavailable" } });
    expect(await rejection(connect({ retry: false }).serverInfo())).toMatchObject({ attempts: 1 });
  });

  it("ends an attempt that takes too long and makes another", async () => {
    const { connect, control } = await start();
    control.inject({ method: "GetServerInfo", silent: true });
    expect((await connect({ attemptTimeoutMs: 40 }).serverInfo()).apiRevision).toBe(1);
    expect(control.calls).toHaveLength(2);
  });

  it("limits a call that gets no answer", async () => {
    const { client, control } = await start();
    control.inject({ method: "StartTrain", silent: true });
    const error = await rejection(client.train(TRAIN, { timeoutMs: 40, idempotencyKey: "k" }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeoutMs: 40, requestId: "k", retryable: true });
  });

  it("reports retries to a logger", async () => {
    const { connect, control } = await start();
    control.inject({ error: { status: "unavailable" } });
    const lines: string[] = [];
    const logger = {
      debug: (message: string, fields: object) => lines.push(`${message} ${Object.keys(fields)}`),
    };
    await connect({ logger }).serverInfo();
    expect(lines).toEqual(["retrying method,waitMs,error"]);
  });
});

describeInMemory("the limit of a call", (start) => {
  it("includes every attempt and every wait", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { connect, control } = await start();
    control.inject({ times: 1_000, error: { status: "unavailable", retryAfterMs: 40 } });
    const call = rejection(connect({ retry: { maxAttempts: 1_000 } }).serverInfo({ timeoutMs: 150 }));
    await vi.advanceTimersByTimeAsync(150);
    const error = await call;
    expect(error).toBeInstanceOf(TimeoutError);
    // attempts at 0, 40, 80 and 120 ms
    expect(error).toMatchObject({ attempts: 4, timeoutMs: 150 });
    expect((error as TimeoutError).cause).toBeInstanceOf(UnavailableError);
  });
});

describeBoth("waitForReady", (start) => {
  it("continues while the server does not answer", async () => {
    const { client, control } = await start();
    control.inject({ times: 20, error: { status: "unavailable" } });
    expect((await client.waitForReady()).version).toBe("0.0.0-fake");
    expect(control.calls).toHaveLength(21);
  });

  it("ends after timeoutMs, with the last error as cause", async () => {
    const { client, control } = await start();
    control.inject({ times: 1_000_000, error: { status: "unavailable", message: "still loading" } });
    const error = await rejection(client.waitForReady({ timeoutMs: 50 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).message).toContain("still loading");
  });

  it("does not wait for an incompatible server", async () => {
    const { client } = await start({ apiRevision: 0 });
    expect(await rejection(client.waitForReady())).toMatchObject({ code: "incompatible_server" });
  });
});

it("the backoff is uniform from 0 to the doubled base, up to a maximum", () => {
  const draws = Array.from({ length: 2_000 }, () =>
    backoffMs(3, { maxAttempts: 5, baseMs: 10, maxMs: 1_000 }),
  );
  // 10 * 2^3 = 80
  expect(Math.max(...draws)).toBeLessThanOrEqual(80);
  expect(Math.max(...draws)).toBeGreaterThan(70);
  expect(Math.min(...draws)).toBeLessThan(10);
  expect(backoffMs(40, { maxAttempts: 5, baseMs: 10, maxMs: 1_000 })).toBeLessThanOrEqual(1_000);
});
