import { afterEach, describe } from "vitest";
import { type ClientOptions, createClient, type LghrecClient } from "../../../sdk/src/index.js";
import {
  createFakeServer,
  type FakeControl,
  startWireFake,
  type WireFake,
  type WireOptions,
} from "../../../sdk/src/testing/index.js";

/** Retries without waiting, so that tests of them are quick. */
const QUICK = { retry: { maxAttempts: 5, baseMs: 1, maxMs: 5 } } satisfies ClientOptions;

interface Fake {
  readonly client: LghrecClient;
  readonly control: FakeControl;
  /** Another client of the same server. */
  connect(options?: ClientOptions): LghrecClient;
}

export type Start = (options?: WireOptions, client?: ClientOptions) => Promise<Fake>;

/** Runs the same tests against the fake in memory and the one on the wire. */
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

/** Waits until `holds` does; fails after two seconds. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 2_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("what was waited for did not come");
    await new Promise((done) => setTimeout(done, 2));
  }
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
