/** Sends the token of the caller, but never without encryption to another machine. */

import type { Interceptor } from "@connectrpc/connect";
import { AuthError, ConfigError, LghrecError } from "../../errors.js";
import { untilAborted } from "../abort.js";

/**
 * Calls `token` before each attempt, so that an expired token can be renewed.
 *
 * @param maySend False if the token would leave this machine without encryption.
 * @throws ConfigError if the token may not be sent.
 * @throws AuthError if `token` fails.
 */
export function auth(token: () => string | Promise<string>, maySend: boolean): Interceptor {
  return (next) => async (request) => {
    if (!maySend) {
      throw new ConfigError("a token is set, but the endpoint is another machine without encryption", {
        hint: "use an https:// endpoint, or set allowInsecureToken if the network is trusted",
      });
    }
    request.header.set("authorization", `Bearer ${await untilAborted(call(token), request.signal)}`);
    return next(request);
  };
}

/** Returns true if data for this endpoint stays on this machine or is encrypted. */
export function isPrivate(endpoint: string): boolean {
  const url = new URL(endpoint);
  if (url.protocol !== "http:") return true;
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
}

async function call(token: () => string | Promise<string>): Promise<string> {
  try {
    return await token();
  } catch (cause) {
    if (LghrecError.is(cause)) throw cause;
    throw new AuthError("the token function failed", { cause, hint: "read the cause of this error" });
  }
}
