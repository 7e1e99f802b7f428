/** Sends calls to the server. Every call of every service uses `unary`, `stream` or `clientStream`. */

import type {
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { create, type DescMessage } from "@bufbuild/protobuf";
import { createContextValues, type Interceptor, type Transport } from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import type { CallOptions } from "../api/options.js";
import { ConnectionError, IncompatibleServerError, type LghrecError } from "../errors.js";
import { LinkedAbort, untilAborted } from "./abort.js";
import { auth, isPrivate } from "./interceptors/auth.js";
import { type CallState, callState, newCallState } from "./interceptors/context.js";
import { deadline } from "./interceptors/deadline.js";
import { requestId } from "./interceptors/request-id.js";
import { retry } from "./interceptors/retry.js";
import { positive, type Settings } from "./settings.js";
import type { OwnedTransport } from "./transport.js";
import { fromWire } from "./wire-errors.js";

type Call = ReturnType<Interceptor>;
type Request = Parameters<Call>[0];
type StreamMethod<I extends DescMessage = DescMessage, O extends DescMessage = DescMessage> =
  | DescMethodServerStreaming<I, O>
  | DescMethodClientStreaming<I, O>;

export interface RpcOptions extends CallOptions {
  /** The run that the call is about, for errors. */
  run?: CallState["run"] | undefined;
  /** See `CallState`. */
  patient?: boolean | undefined;
}

/** The connection of one client, with the interceptors that every call passes. */
export class Rpc {
  readonly settings: Settings;
  readonly #owned: OwnedTransport;
  readonly #layers: readonly Interceptor[];
  readonly #closed = new AbortController();

  constructor(settings: Settings, owned: OwnedTransport, allowInsecureToken: boolean) {
    this.settings = settings;
    this.#owned = owned;
    const { token, endpoint } = settings;
    this.#layers = [
      requestId,
      deadline,
      retry(settings, toError, () => owned.reset()),
      ...(token ? [auth(token, allowInsecureToken || isPrivate(endpoint))] : []),
    ];
  }

  /** Sends one request and returns the response. Rejects with an `LghrecError`, or with `signal.reason` itself. */
  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    message: MessageInitShape<I>,
    options: RpcOptions = {},
  ): Promise<MessageShape<O>> {
    const timeoutMs = positive("timeoutMs", options.timeoutMs ?? this.settings.timeoutMs);
    const state = newCallState({ timeoutMs, patient: options.patient ?? false, run: options.run ?? {} });
    const linked = new LinkedAbort(options.signal, this.#closed.signal);
    try {
      linked.signal.throwIfAborted();
      const body = { stream: false, message: create(method.input, message) } as const;
      const call = this.#layered((req) => this.#sendUnary(method, req as Request & { stream: false }));
      const request = this.#request(method, state, linked.signal, options.headers);
      const response = await untilAborted(call({ ...request, ...body, method }), linked.signal);
      return response.message as MessageShape<O>;
    } catch (thrown) {
      throw options.signal?.aborted ? options.signal.reason : toError(thrown, state);
    } finally {
      linked.dispose();
    }
  }

  /** Sends one request and yields the responses. Makes one attempt. To leave the loop cancels the call on the server. */
  async *stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    message: MessageInitShape<I>,
    options: RpcOptions = {},
  ): AsyncGenerator<MessageShape<O>, void, void> {
    yield* this.#exchange(method, createAsyncIterable([create(method.input, message)]), options);
  }

  /**
   * Sends `messages` and returns the response. Makes one attempt. After the end of the call it takes no further
   * message, and does not wait for a message that the iterator is still computing.
   */
  async clientStream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodClientStreaming<I, O>,
    messages: AsyncIterable<MessageInitShape<I>>,
    options: RpcOptions = {},
  ): Promise<MessageShape<O>> {
    let response: MessageShape<O> | undefined;
    for await (const message of this.#exchange(method, messages, options)) response = message;
    if (response === undefined) throw new IncompatibleServerError(`${method.name} ended without a response`);
    return response;
  }

  async *#exchange<I extends DescMessage, O extends DescMessage>(
    method: StreamMethod<I, O>,
    messages: AsyncIterable<MessageInitShape<I>>,
    options: RpcOptions,
  ): AsyncGenerator<MessageShape<O>, void, void> {
    const state = newCallState({ timeoutMs: undefined, patient: false, run: options.run ?? {} });
    const linked = new LinkedAbort(options.signal, this.#closed.signal);
    try {
      linked.signal.throwIfAborted();
      const body = { stream: true, message: messages as AsyncIterable<MessageShape<I>> } as const;
      const call = this.#layered((req) => this.#sendStream(method, req as Request & { stream: true }));
      const request = this.#request(method, state, linked.signal, options.headers);
      const response = await untilAborted(call({ ...request, ...body, method }), linked.signal);
      const received = (response.message as AsyncIterable<MessageShape<O>>)[Symbol.asyncIterator]();
      for (;;) {
        const step = await untilAborted(received.next(), linked.signal);
        if (step.done) return;
        yield step.value;
      }
    } catch (thrown) {
      throw options.signal?.aborted ? options.signal.reason : toError(thrown, state);
    } finally {
      linked.abort(); // Connect's iterators have no return(): without this the server would continue to send
      linked.dispose();
    }
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new ConnectionError("closed", "the client was closed"));
    this.#owned.close();
  }

  get #transport(): Transport {
    return this.#owned.transport;
  }

  #layered(innermost: Call): Call {
    return this.#layers.reduceRight((next, layer) => layer(next), innermost);
  }

  #request(
    method: DescMethodUnary | StreamMethod,
    state: CallState,
    signal: AbortSignal,
    headers: CallOptions["headers"],
  ) {
    return {
      service: method.parent,
      requestMethod: "POST",
      url: `${method.parent.typeName}/${method.name}`,
      signal,
      header: new Headers({ ...this.settings.headers, ...headers }),
      contextValues: createContextValues().set(callState, state),
    };
  }

  #sendUnary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: Request & { stream: false },
  ) {
    const { signal, header, contextValues } = request;
    const { attemptTimeoutMs } = contextValues.get(callState);
    const message = request.message as MessageInitShape<I>;
    return this.#transport.unary(method, signal, attemptTimeoutMs, header, message, contextValues);
  }

  #sendStream<I extends DescMessage, O extends DescMessage>(
    method: StreamMethod<I, O>,
    request: Request & { stream: true },
  ) {
    const { signal, header, contextValues } = request;
    const messages = request.message as AsyncIterable<MessageInitShape<I>>;
    // 0 means no limit: the default limit of a transport would end a healthy stream.
    return this.#transport.stream(method, signal, 0, header, messages, contextValues);
  }
}

function toError(thrown: unknown, { attempts, requestId, run }: CallState): LghrecError {
  return fromWire(thrown, { attempts, requestId, ...run });
}
