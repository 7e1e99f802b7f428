/** Options of the client and of its calls, and the one place where they are checked and completed. */

import { readFileSync } from "node:fs";
import { ConfigError } from "./errors.js";

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

/** Options with every default in place. */
export interface Settings {
  readonly endpoint: string;
  readonly token: (() => string | Promise<string>) | undefined;
  readonly tls: TlsOptions;
  readonly timeoutMs: number;
  readonly attemptTimeoutMs: number;
  readonly retry: { readonly maxAttempts: number; readonly baseMs: number; readonly maxMs: number };
  readonly keepalive: { readonly intervalMs: number; readonly timeoutMs: number } | false;
  readonly streamIdleMs: number;
  readonly reconnectMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_ENDPOINT = "http://127.0.0.1:7300";

/** Throws `ConfigError` for an option or environment variable that cannot be meant. */
export function resolveSettings(options: ClientOptions, env: Environment = process.env): Settings {
  const retry = options.retry === false ? { maxAttempts: 1 } : (options.retry ?? {});
  const keepalive = options.keepalive === false ? false : (options.keepalive ?? {});
  return {
    endpoint: checkEndpoint(options.endpoint ?? (env.LGHREC_ENDPOINT || DEFAULT_ENDPOINT)),
    token: resolveToken(options.token, env),
    tls: options.tls ?? {},
    timeoutMs: positive("timeoutMs", options.timeoutMs ?? 30_000),
    attemptTimeoutMs: positive("attemptTimeoutMs", options.attemptTimeoutMs ?? 10_000),
    retry: {
      maxAttempts: positive("retry.maxAttempts", retry.maxAttempts ?? 5),
      baseMs: positive("retry.baseMs", retry.baseMs ?? 100),
      maxMs: positive("retry.maxMs", retry.maxMs ?? 5_000),
    },
    keepalive: keepalive && {
      intervalMs: positive("keepalive.intervalMs", keepalive.intervalMs ?? 30_000),
      timeoutMs: positive("keepalive.timeoutMs", keepalive.timeoutMs ?? 10_000),
    },
    streamIdleMs: positive("streamIdleMs", options.streamIdleMs ?? 45_000),
    reconnectMs: positive("reconnectMs", options.reconnectMs ?? 60_000),
    headers: options.headers ?? {},
    logger: options.logger ?? {},
  };
}

/** `name` must be above 0; throws `ConfigError` otherwise. */
export function positive(name: string, value: number): number {
  if (typeof value === "number" && value > 0) return value;
  throw new ConfigError(`${name} must be a number above 0, got ${String(value)}`, {
    hint: `correct ${name}; times are in milliseconds`,
  });
}

function checkEndpoint(endpoint: string): string {
  const options = { hint: "give http://host:port, https://host:port or unix:///path" };
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !["http:", "https:", "unix:"].includes(url.protocol)) {
    throw new ConfigError(
      `endpoint is not a URL this client speaks, got ${JSON.stringify(endpoint)}`,
      options,
    );
  }
  if (url.protocol === "unix:" ? url.host !== "" || url.pathname === "" : url.pathname !== "/") {
    throw new ConfigError(
      `endpoint has a part that does not belong, got ${JSON.stringify(endpoint)}`,
      options,
    );
  }
  return endpoint;
}

function resolveToken(token: ClientOptions["token"], env: Environment): Settings["token"] {
  if (typeof token === "function") return token;
  const given = token ?? env.LGHREC_TOKEN ?? readTokenFile(env.LGHREC_TOKEN_FILE);
  return given ? () => given : undefined;
}

function readTokenFile(path: string | undefined): string | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    throw new ConfigError(`the file that LGHREC_TOKEN_FILE names cannot be read: ${path}`, {
      cause,
      hint: "correct or unset LGHREC_TOKEN_FILE",
    });
  }
}
