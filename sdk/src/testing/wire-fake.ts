/** A fake server on a port: for tests of what a network does. */

import type { FakeControl, FakeOptions } from "./fake.js";

export interface WireOptions extends FakeOptions {
  /** PEM texts; left out, the server speaks plaintext. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
}

export interface WireFake extends AsyncDisposable {
  readonly endpoint: string;
  readonly control: FakeControl;
  /** Breaks every connection; new ones are taken. */
  dropConnections(): void;
  /** While on, connections stay open and carry nothing. */
  blackHole(on: boolean): void;
  close(): Promise<void>;
}

/** Listens on a free port of the loopback address. Needs the peer `@grpc/grpc-js`, which is loaded only here. */
export async function startWireFake(options: WireOptions = {}): Promise<WireFake> {
  const { serve } = await import("./wire.js");
  return serve(options);
}
