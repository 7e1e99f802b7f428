/** Options of the client and of its calls. */

/** Options of `createClient`. */
export interface ClientOptions {
  /**
   * Address of the server: `http://host:port` (without encryption), `https://host:port` or `unix:///path`.
   * The default is the environment variable `LGHREC_ENDPOINT`, then `http://127.0.0.1:7300`.
   */
  endpoint?: string | undefined;
  /**
   * Bearer token, or a function that is called before each attempt, so that it can renew the token. The default is
   * `LGHREC_TOKEN`, then the content of the file that `LGHREC_TOKEN_FILE` names. The client never sends a token
   * without encryption to another machine, unless {@link ClientOptions.allowInsecureToken} is set.
   */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Send the token without encryption to a host that is not loopback. The default is false. */
  allowInsecureToken?: boolean | undefined;
  /** Certificates for an `https:` endpoint. */
  tls?: TlsOptions | undefined;
  /** Limit of a whole call with its retries, in milliseconds. The default is 30,000. Streams have no limit. */
  timeoutMs?: number | undefined;
  /** Limit of one attempt, in milliseconds. The default is 10,000. */
  attemptTimeoutMs?: number | undefined;
  /** Retries of calls that have no effect when they are repeated. `false` allows one attempt only. */
  retry?: RetryOptions | false | undefined;
  /** HTTP/2 pings while a call is open. `false` sends none. */
  keepalive?: KeepaliveOptions | false | undefined;
  /**
   * A stream is opened again if neither an event nor a heartbeat arrives for this time, in milliseconds. The default
   * is 45,000.
   */
  streamIdleMs?: number | undefined;
  /**
   * How long a stream that has been open tries to reconnect to a server that does not answer, in milliseconds. The
   * default is 60,000.
   */
  reconnectMs?: number | undefined;
  /** Headers of every call. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Receives messages about retries and reconnections. The default writes nothing. */
  logger?: Logger | undefined;
  /**
   * A Connect transport of your own, or a fake server's from `lghrec/testing`. `endpoint`, `tls` and `keepalive` do not
   * apply to it, and `client.close()` does not close it.
   */
  transport?: OpaqueTransport | undefined;
}

/** A Connect transport. Its type belongs to another package, so it is not repeated here. */
export interface OpaqueTransport {
  readonly unary: unknown;
  readonly stream: unknown;
}

/** PEM text, or the path of a file that contains it. */
export type PemOrPath = string | Uint8Array;

export interface TlsOptions {
  /** Certificate authorities to trust instead of the system's. */
  ca?: PemOrPath | undefined;
  /** Certificate of the client, for mutual TLS. */
  cert?: PemOrPath | undefined;
  /** Private key of `cert`. */
  key?: PemOrPath | undefined;
  /** Name that the server's certificate must have, if it differs from the host of the endpoint. */
  serverName?: string | undefined;
}

/**
 * Retries of one call. The wait before attempt n + 1 is drawn uniformly from 0 to `min(maxMs, baseMs * 2^n)` (full
 * jitter).
 */
export interface RetryOptions {
  /** Number of attempts, the first included. The default is 5. */
  maxAttempts?: number | undefined;
  /** In milliseconds. The default is 100. */
  baseMs?: number | undefined;
  /** In milliseconds. The default is 5,000. */
  maxMs?: number | undefined;
}

export interface KeepaliveOptions {
  /** Time without incoming data after which the client sends a ping, in milliseconds. The default is 30,000. */
  intervalMs?: number | undefined;
  /** Time after which an unanswered ping ends the connection, in milliseconds. The default is 10,000. */
  timeoutMs?: number | undefined;
}

/** Receives messages about what the client does by itself: retries and reconnections. */
export interface Logger {
  debug?(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn?(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Options of every call. */
export interface CallOptions {
  /** Ends the call at any time. The call then rejects with `signal.reason` itself. */
  signal?: AbortSignal | undefined;
  /**
   * Limit of the whole call with its retries, in milliseconds. The call then rejects with {@link TimeoutError}. The
   * default is {@link ClientOptions.timeoutMs}.
   */
  timeoutMs?: number | undefined;
  /** Headers of this call, in addition to {@link ClientOptions.headers}. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** Options of the calls that start a run. */
export interface SubmitOptions extends CallOptions {
  /**
   * Printable ASCII, at most 128 characters. One key starts at most one run, also if this process is restarted. The
   * same key with another spec rejects with {@link ConflictError}. The default is a new random key.
   */
  idempotencyKey?: string | undefined;
  /** Free text by which `client.runs.list` can find the run. */
  labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Applies if the key belongs to a run that failed or was cancelled: `never` returns that run, `failed` starts a new
   * one. The default is `never`.
   */
  rerun?: "never" | "failed" | undefined;
  /**
   * Reuse the stored outputs of an earlier run with the same data, spec and code. The default is the server's setting.
   */
  reuse?: boolean | undefined;
}
