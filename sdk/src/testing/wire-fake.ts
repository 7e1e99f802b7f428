/** A fake server on a port, for tests of network failures. */

import type { WireFake, WireOptions } from "./fake.js";

/** Starts a fake server on a free port of the loopback address. Requires the peer dependency `@grpc/grpc-js`. */
export async function startWireFake(options: WireOptions = {}): Promise<WireFake> {
  const { serve } = await import("./wire.js");
  return serve(options);
}
