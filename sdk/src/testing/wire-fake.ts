/** A fake server on a port: for tests of what a network does. */

import type { WireFake, WireOptions } from "./fake.js";

/** Listens on a free port of the loopback address. Needs the peer `@grpc/grpc-js`, which is loaded only here. */
export async function startWireFake(options: WireOptions = {}): Promise<WireFake> {
  const { serve } = await import("./wire.js");
  return serve(options);
}
