/**
 * gRPC over one HTTP/2 connection that we own: Connect's transport has no `close()`, and an aborted connection
 * would open again on the next call.
 */

import { readFileSync } from "node:fs";
import type { ClientSessionOptions, SecureClientSessionOptions } from "node:http2";
import { connect as connectSocket } from "node:net";
import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { ConfigError, ConnectionError } from "./errors.js";
import type { PemOrPath, Settings, TlsOptions } from "./options.js";

export interface OwnedTransport {
  readonly transport: Transport;
  /** Lets go of a connection that is stuck before its first answer, so that the next try opens another. */
  reset(): void;
  /** Breaks off every open call. */
  close(): void;
}

/** Throws `ConfigError` for TLS files that cannot be read. Opens no connection. */
export function createTransport(settings: Settings): OwnedTransport {
  const { baseUrl, sessionOptions } = address(settings);
  const pings = settings.keepalive && {
    pingIntervalMs: settings.keepalive.intervalMs,
    pingTimeoutMs: settings.keepalive.timeoutMs,
  };
  const sessionManager = new Http2SessionManager(baseUrl, pings || undefined, sessionOptions);
  return {
    transport: createGrpcTransport({ baseUrl, sessionManager }),
    reset() {
      const state = sessionManager.state();
      if (state === "connecting" || state === "verifying") sessionManager.abort();
    },
    close() {
      sessionManager.abort(new ConnectionError("closed", "the client was closed"));
    },
  };
}

interface Address {
  readonly baseUrl: string;
  readonly sessionOptions: ClientSessionOptions | SecureClientSessionOptions;
}

function address({ endpoint, tls }: Settings): Address {
  const url = new URL(endpoint);
  if (url.protocol === "unix:") {
    const path = decodeURIComponent(url.pathname);
    return { baseUrl: "http://localhost", sessionOptions: { createConnection: () => connectSocket(path) } };
  }
  if (url.protocol === "http:" && Object.values(tls).some((value) => value !== undefined)) {
    throw new ConfigError(`tls options do not apply to the plaintext endpoint ${endpoint}`, {
      hint: "use https://, or leave tls out",
    });
  }
  return { baseUrl: url.origin, sessionOptions: url.protocol === "https:" ? secure(tls) : {} };
}

function secure(tls: TlsOptions): SecureClientSessionOptions {
  return {
    ...(tls.ca === undefined ? {} : { ca: pem("tls.ca", tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: pem("tls.cert", tls.cert) }),
    ...(tls.key === undefined ? {} : { key: pem("tls.key", tls.key) }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

function pem(name: string, value: PemOrPath): string | Buffer {
  if (typeof value !== "string") return Buffer.from(value);
  if (value.includes("-----BEGIN ")) return value;
  try {
    return readFileSync(value);
  } catch (cause) {
    throw new ConfigError(`${name} is neither PEM text nor a file that can be read, got ${value}`, {
      cause,
      hint: `correct ${name}`,
    });
  }
}
