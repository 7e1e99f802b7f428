/** Options of the client and of its calls. */

export interface ClientOptions {
  /**
   * `http://host:port` (plaintext), `https://host:port` or `unix:///path`.
   * Else `LGHREC_ENDPOINT`, else `http://127.0.0.1:7300`.
   */
  endpoint?: string | undefined;
  /**
   * Bearer token, or a function asked before each call. Else `LGHREC_TOKEN`, else the content of the file
   * `LGHREC_TOKEN_FILE`. Never sent over plaintext to another machine, unless `allowInsecureToken`.
   */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Send the token over plaintext to a host that is not loopback; false. */
  allowInsecureToken?: boolean | undefined;
  tls?: TlsOptions | undefined;
  /** Limit of a whole call with its retries, in milliseconds; 30,000. Streams have none. */
  timeoutMs?: number | undefined;
  /** Limit of one try, in milliseconds; 10,000. */
  attemptTimeoutMs?: number | undefined;
  /** Retries of calls that cannot do harm twice; `false` makes one try. */
  retry?: RetryOptions | false | undefined;
  /** HTTP/2 pings while a call is open; `false` sends none. */
  keepalive?: KeepaliveOptions | false | undefined;
  /** A stream without event and heartbeat for this long is opened again; 45,000 ms. */
  streamIdleMs?: number | undefined;
  /** How long a stream that was once open tries to get back to a server that is gone; 60,000 ms. */
  reconnectMs?: number | undefined;
  /** Sent with every call. */
  headers?: Readonly<Record<string, string>> | undefined;
  logger?: Logger | undefined;
  /** A Connect transport of your own or a fake from `lghrec/testing`; endpoint, tls and keepalive do not apply. */
  transport?: OpaqueTransport | undefined;
}

/** A transport whose type belongs to another package. */
export interface OpaqueTransport {
  readonly unary: unknown;
  readonly stream: unknown;
}

/** PEM text, or the path of a file that holds it. */
export type PemOrPath = string | Uint8Array;

export interface TlsOptions {
  /** Authorities to trust instead of the system's. */
  ca?: PemOrPath | undefined;
  /** Certificate of the client, for mutual TLS. */
  cert?: PemOrPath | undefined;
  /** Private key of `cert`. */
  key?: PemOrPath | undefined;
  /** Name the server's certificate must have, when it is not the endpoint's host. */
  serverName?: string | undefined;
}

/** Waits are drawn evenly from 0 to `min(maxMs, baseMs * 2^attempt)` (full jitter). */
export interface RetryOptions {
  /** Tries in all; 5. */
  maxAttempts?: number | undefined;
  /** 100 ms. */
  baseMs?: number | undefined;
  /** 5,000 ms. */
  maxMs?: number | undefined;
}

export interface KeepaliveOptions {
  /** 30,000 ms. */
  intervalMs?: number | undefined;
  /** A ping not answered within this time means that the connection is dead; 10,000 ms. */
  timeoutMs?: number | undefined;
}

/** Gets what the client does on its own: retries and reconnects. */
export interface Logger {
  debug?(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn?(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface CallOptions {
  /** Ends the call in every phase; it then rejects with `signal.reason` itself. */
  signal?: AbortSignal | undefined;
  /** Limit of the whole call with its retries, in milliseconds; raises `TimeoutError`. */
  timeoutMs?: number | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
}

export interface SubmitOptions extends CallOptions {
  /**
   * Printable ASCII, at most 128 characters. The same key never starts two runs, also over process
   * restarts; with another spec it is a `ConflictError`. Left out: a new random key.
   */
  idempotencyKey?: string | undefined;
  /** Free text to find the run by. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** What to do when the key matches a failed or cancelled run: return it (`never`) or start anew. */
  rerun?: "never" | "failed" | undefined;
  /** Take over stored outputs of the same work instead of doing it again; server default. */
  reuse?: boolean | undefined;
}
