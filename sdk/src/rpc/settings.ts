/** Options of the client, checked and completed with their defaults. */

import { readFileSync } from "node:fs";
import type { ClientOptions, Logger, TlsOptions } from "../api/options.js";
import { ConfigError } from "../errors.js";

/** Options of the client with every default filled in. */
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

/**
 * Checks the options and fills in the defaults.
 *
 * @throws ConfigError for a wrong option or environment variable.
 */
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

/** Returns `value`. Throws `ConfigError`, which names the option `name`, unless it is above 0. */
export function positive(name: string, value: number): number {
  if (typeof value === "number" && value > 0) return value;
  throw new ConfigError(`${name} must be a number above 0, got ${String(value)}`, {
    hint: `correct ${name}; times are in milliseconds`,
  });
}

function checkEndpoint(endpoint: string): string {
  const options = { hint: "use http://host:port, https://host:port or unix:///path" };
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !["http:", "https:", "unix:"].includes(url.protocol)) {
    throw new ConfigError(
      `endpoint is not a URL that this client supports, got ${JSON.stringify(endpoint)}`,
      options,
    );
  }
  if (url.protocol === "unix:" ? url.host !== "" || url.pathname === "" : url.pathname !== "/") {
    throw new ConfigError(
      `endpoint has a path or a host that it must not have, got ${JSON.stringify(endpoint)}`,
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
    throw new ConfigError(`the file of LGHREC_TOKEN_FILE cannot be read: ${path}`, {
      cause,
      hint: "correct or unset LGHREC_TOKEN_FILE",
    });
  }
}
