/** Gives every call an id that errors carry and servers can log. */

import { randomUUID } from "node:crypto";
import type { Interceptor } from "@connectrpc/connect";
import { callState } from "./context.js";

const REQUEST_ID_HEADER = "x-request-id";

/** A submit's id is its own `request_id`, so that every try and the log tell the same story. */
export const requestId: Interceptor = (next) => (request) => {
  const own = request.stream ? undefined : (request.message as { requestId?: string }).requestId;
  const id = own || randomUUID();
  request.contextValues.get(callState).requestId = id;
  request.header.set(REQUEST_ID_HEADER, id);
  return next(request);
};
