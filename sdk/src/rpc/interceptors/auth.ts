/** Sends the caller's token, but not for everyone on the network to read. */

import type { Interceptor } from "@connectrpc/connect";
import { AuthError, ConfigError, LghrecError } from "../../errors.js";
import { untilAborted } from "../abort.js";

/** Asks `token` before each try, so that a token that ran out can be renewed. Raises `ConfigError`, `AuthError`. */
export function auth(token: () => string | Promise<string>, mayTravel: boolean): Interceptor {
  return (next) => async (request) => {
    if (!mayTravel) {
      throw new ConfigError("a token was given, but the endpoint is plaintext to another machine", {
        hint: "use an https:// endpoint, or set allowInsecureToken if the network is trusted",
      });
    }
    request.header.set("authorization", `Bearer ${await untilAborted(ask(token), request.signal)}`);
    return next(request);
  };
}

/** Whether a token to this endpoint stays on this machine or is encrypted. */
export function isPrivate(endpoint: string): boolean {
  const url = new URL(endpoint);
  if (url.protocol !== "http:") return true;
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
}

async function ask(token: () => string | Promise<string>): Promise<string> {
  try {
    return await token();
  } catch (cause) {
    if (LghrecError.is(cause)) throw cause;
    throw new AuthError("the token function failed", { cause, hint: "see the cause of this error" });
  }
}
