/**
 * One HTTP/2 connection, which is opened at the first call and again after it broke.
 *
 * It replaces Connect's `Http2SessionManager`, which has three defects: errors of a breaking connection end the process
 * as uncaught exceptions, a connection counts as open before the peer has sent anything, and it cannot be closed
 * permanently.
 */

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from "node:http2";
import { ConnectionError } from "../errors.js";
import type { Settings } from "./settings.js";

export type SessionOptions = ClientSessionOptions | SecureClientSessionOptions;

/** Bytes in flight per stream and per connection. With HTTP/2's default of 64 KiB, 50 ms of latency allow 1.3 MB/s. */
const STREAM_WINDOW = 1024 * 1024;
const CONNECTION_WINDOW = 4 * 1024 * 1024;

/** The session manager that Connect calls. It holds one current session. */
export class Http2Sessions {
  readonly authority: string;
  readonly #options: SessionOptions;
  readonly #settings: Settings;
  #current: Session | undefined;
  #closed = false;

  constructor(authority: string, options: SessionOptions, settings: Settings) {
    this.authority = authority;
    this.#options = options;
    this.#settings = settings;
  }

  async request(method: string, path: string, headers: OutgoingHttpHeaders): Promise<ClientHttp2Stream> {
    for (;;) {
      const session = this.#usable();
      await session.ready;
      if (!(await session.isAlive())) continue;
      return session.request({ ...headers, ":method": method, ":path": path });
    }
  }

  notifyResponseByteRead(stream: ClientHttp2Stream): void {
    if (this.#current?.owns(stream)) this.#current.noteActivity();
  }

  /** Drops a connection that is still being opened. An open connection stays. */
  reset(): void {
    if (this.#current?.settled === false) this.#current.destroy(noAnswerError());
  }

  /** Ends every stream. Later requests fail. */
  close(): void {
    this.#closed = true;
    this.#current?.destroy(closedError());
  }

  #usable(): Session {
    if (this.#closed) throw closedError();
    if (this.#current === undefined || this.#current.finished) {
      this.#current = new Session(this.authority, this.#options, this.#settings);
    }
    return this.#current;
  }
}

class Session {
  /** Resolves when the peer has sent its settings, the first frame that HTTP/2 requires of a server. */
  readonly ready: Promise<void>;
  /** True when `ready` has resolved or rejected. */
  settled = false;
  readonly #http2: ClientHttp2Session;
  readonly #keepalive: Settings["keepalive"];
  #streams = 0;
  #goingAway = false;
  #lastActivity = Date.now();
  #error: Error | undefined;
  #pinging: NodeJS.Timeout | undefined;

  constructor(authority: string, options: SessionOptions, { keepalive, attemptTimeoutMs }: Settings) {
    this.#keepalive = keepalive;
    this.#http2 = connect(authority, { ...options, settings: { initialWindowSize: STREAM_WINDOW } });
    this.ready = this.#untilReady();
    const timer = setTimeout(() => this.destroy(noAnswerError()), attemptTimeoutMs);
    this.ready
      .catch(() => {})
      .finally(() => {
        clearTimeout(timer);
        this.settled = true;
        if (this.#streams === 0) this.#http2.unref(); // an idle connection must not keep the process alive
      });
    this.#http2.once("goaway", () => {
      this.#goingAway = true; // open streams may finish; the next call opens another connection
    });
  }

  get finished(): boolean {
    return this.#goingAway || this.#http2.closed || this.#http2.destroyed;
  }

  owns(stream: ClientHttp2Stream): boolean {
    return stream.session === this.#http2;
  }

  noteActivity(): void {
    this.#lastActivity = Date.now();
  }

  /** Sends a ping after a long time without data, since the network can fail without notice. */
  async isAlive(): Promise<boolean> {
    if (this.finished) return false;
    if (this.#keepalive === false || Date.now() - this.#lastActivity < this.#keepalive.intervalMs)
      return true;
    this.#http2.ref();
    await this.#ping(this.#keepalive.timeoutMs);
    return !this.finished;
  }

  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const stream = this.#http2.request(headers);
    if (this.#streams++ === 0) this.#inUse();
    stream.once("close", () => {
      if (--this.#streams === 0) this.#idle();
    });
    return stream;
  }

  destroy(error: Error): void {
    this.#error ??= error;
    this.#http2.destroy(error);
  }

  #untilReady(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => {
        this.#error ??= error;
        reject(this.#error);
      };
      const end = () => {
        clearInterval(this.#pinging);
        fail(
          new ConnectionError(
            "protocol",
            "the endpoint closed the connection before it sent HTTP/2 settings",
          ),
        );
      };
      this.#http2.once("remoteSettings", () => {
        this.noteActivity();
        resolve();
      });
      // These listeners are never removed: a breaking connection can fail more than once.
      this.#http2.on("error", fail);
      this.#http2.once("close", end);
      this.#http2.once("connect", (session, socket) => {
        // A client that is closed while it connects has destroyed the session before this event.
        if (!session.destroyed) session.setLocalWindowSize(CONNECTION_WINDOW);
        // A TLS alert after the handshake reaches the socket only, not the session.
        socket.on("error", fail);
        socket.once("close", end);
      });
    });
  }

  #inUse(): void {
    this.#http2.ref();
    if (this.#keepalive === false) return;
    const { intervalMs, timeoutMs } = this.#keepalive;
    this.#pinging = setInterval(() => {
      if (Date.now() - this.#lastActivity >= intervalMs) void this.#ping(timeoutMs);
    }, intervalMs);
    this.#pinging.unref(); // the open stream keeps the process alive, not its pings
  }

  #idle(): void {
    clearInterval(this.#pinging);
    this.#http2.unref();
  }

  /** Destroys the connection if the answer to the ping does not arrive in time. */
  #ping(timeoutMs: number): Promise<void> {
    return new Promise((done) => {
      const late = () =>
        this.destroy(new ConnectionError("unreachable", `no answer to a ping within ${timeoutMs} ms`));
      const timer = setTimeout(late, timeoutMs);
      this.#http2.once("close", done);
      const sent = this.#http2.ping((error) => {
        clearTimeout(timer);
        this.#http2.off("close", done);
        if (!error) this.noteActivity();
        done();
      });
      if (!sent) clearTimeout(timer);
    });
  }
}

function noAnswerError(): ConnectionError {
  return new ConnectionError(
    "unreachable",
    "the endpoint accepted the connection, but did not answer in time",
  );
}

function closedError(): ConnectionError {
  return new ConnectionError("closed", "the client was closed");
}
