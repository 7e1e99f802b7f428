import { afterEach, describe } from "vitest";
import { type ClientOptions, createClient, type LghrecClient } from "../../../sdk/src/index.js";
import {
  createFakeServer,
  type FakeControl,
  startWireFake,
  type WireFake,
  type WireOptions,
} from "../../../sdk/src/testing/index.js";

/** Retries almost without waiting, so that tests of retries are fast. */
const QUICK = { retry: { maxAttempts: 5, baseMs: 1, maxMs: 5 } } satisfies ClientOptions;

interface Fake {
  readonly client: LghrecClient;
  readonly control: FakeControl;
  /** Another client of the same server. */
  connect(options?: ClientOptions): LghrecClient;
}

export type Start = (options?: WireOptions, client?: ClientOptions) => Promise<Fake>;

/** Runs the tests with the fake server in memory. Use it for behaviour that does not depend on the transport. */
export function describeInMemory(name: string, tests: (start: Start) => void): void {
  describe(name, () => tests(startMemory));
}

/** Runs the tests with both fake servers. Use it where a transport makes a difference: streams, errors, retries. */
export function describeBoth(name: string, tests: (start: Start, where: "memory" | "wire") => void): void {
  describe.each([
    ["memory", startMemory],
    ["wire", startWire],
  ] as const)(`${name} (%s)`, (where, start) => tests(start, where));
}

const cleanups: (() => unknown)[] = [];

export function later(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function wireFake(options?: WireOptions): Promise<WireFake> {
  const fake = await startWireFake(options);
  later(() => fake.close());
  return fake;
}

export function connect(options: ClientOptions): LghrecClient {
  const client = createClient({ ...QUICK, ...options });
  later(() => client.close());
  return client;
}

async function startMemory(options?: WireOptions, client?: ClientOptions): Promise<Fake> {
  const { transport, control } = createFakeServer(options);
  const join = (o?: ClientOptions) => connect({ transport, ...client, ...o });
  return { client: join(), control, connect: join };
}

async function startWire(options?: WireOptions, client?: ClientOptions): Promise<Fake> {
  const { endpoint, control } = await wireFake(options);
  const join = (o?: ClientOptions) => connect({ endpoint, ...client, ...o });
  return { client: join(), control, connect: join };
}

export const TRAIN = { dataset: "d".repeat(64), backbone: { name: "lightccf" } } as const;

/** Waits until the condition holds. Only the time limit of the test ends the waiting. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 2));
}

/** Fails unless `promise` settles within a number of turns of the event loop, which is the same on every machine. */
export async function soon<T>(promise: Promise<T>): Promise<T> {
  const turns = async () => {
    for (let turn = 0; turn < 100; turn++) await new Promise((next) => setImmediate(next));
    throw new Error("the promise is still pending");
  };
  return Promise.race([promise, turns()]);
}

/** Returns the reason of a rejection. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
