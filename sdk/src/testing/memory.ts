/** A fake server without a network, for unit tests of code that uses the client. */

import type { DescMethod, Message } from "@bufbuild/protobuf";
import { createRouterTransport, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type { OpaqueTransport } from "../api/options.js";
import { FakeBackend, type Incoming, SERVICES } from "./backend.js";
import { controlOf } from "./control.js";
import type { FakeControl, FakeOptions } from "./fake.js";

/** A fake server in this process. */
export interface MemoryFake {
  /** Transport for `createClient({ transport })`. */
  readonly transport: OpaqueTransport;
  readonly control: FakeControl;
}

/**
 * Creates a fake server in this process.
 *
 * @example
 * const { transport, control } = createFakeServer();
 * const client = createClient({ transport });
 */
export function createFakeServer(options: FakeOptions = {}): MemoryFake {
  const backend = new FakeBackend(options, () => {});
  const transport = createRouterTransport(({ service }) => {
    for (const desc of SERVICES) {
      const handlers = desc.methods.map((method) => [method.localName, handler(backend, method)]);
      // Handlers are looked up by name, so the compiler cannot see their types.
      service(desc, Object.fromEntries(handlers) as ServiceImpl<typeof desc>);
    }
  });
  return { transport, control: controlOf(backend) };
}

function handler(backend: FakeBackend, method: DescMethod) {
  const unary = (request: Message, context: HandlerContext) =>
    backend.unary(method, request, incoming(context));
  const stream = (request: Message, context: HandlerContext) =>
    backend.stream(method, request, incoming(context));
  const clientStream = (requests: AsyncIterable<Message>, context: HandlerContext) =>
    backend.clientStream(method, requests, incoming(context));
  if (method.methodKind === "client_streaming") return clientStream;
  return method.methodKind === "unary" ? unary : stream;
}

function incoming({ requestHeader, signal }: HandlerContext): Incoming {
  return { headers: new Map(requestHeader.entries()), signal };
}
