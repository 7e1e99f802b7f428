/** Adds an id to every call. Errors carry it, and the server logs it. */

import { randomUUID } from "node:crypto";
import type { Interceptor } from "@connectrpc/connect";
import { callState } from "./context.js";

const REQUEST_ID_HEADER = "x-request-id";

/** For a call that starts a run, the id is its own `request_id`, so that every attempt has the same id in the log. */
export const requestId: Interceptor = (next) => (request) => {
  const own = request.stream ? undefined : (request.message as { requestId?: string }).requestId;
  const id = own || randomUUID();
  request.contextValues.get(callState).requestId = id;
  request.header.set(REQUEST_ID_HEADER, id);
  return next(request);
};
