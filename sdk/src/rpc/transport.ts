/** gRPC over one HTTP/2 connection, over TCP, TLS or a unix socket. */

import { readFileSync } from "node:fs";
import type { SecureClientSessionOptions } from "node:http2";
import { connect as connectSocket } from "node:net";
import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { PemOrPath, TlsOptions } from "../api/options.js";
import { ConfigError } from "../errors.js";
import { Http2Sessions, type SessionOptions } from "./http2-session.js";
import type { Settings } from "./settings.js";

/** A transport whose connection the client can reset and close. */
export interface OwnedTransport {
  readonly transport: Transport;
  /** Drops a connection that is still being opened, so that the next attempt opens another. */
  reset(): void;
  /** Ends every open call. */
  close(): void;
}

/**
 * Creates the transport. Opens no connection.
 *
 * @throws ConfigError for TLS files that cannot be read, and for TLS options of a plaintext endpoint.
 */
export function createTransport(settings: Settings): OwnedTransport {
  const { baseUrl, sessionOptions } = address(settings);
  const sessions = new Http2Sessions(baseUrl, sessionOptions, settings);
  return {
    transport: createGrpcTransport({ baseUrl, sessionManager: sessions }),
    reset: () => sessions.reset(),
    close: () => sessions.close(),
  };
}

interface Address {
  readonly baseUrl: string;
  readonly sessionOptions: SessionOptions;
}

function address({ endpoint, tls }: Settings): Address {
  const url = new URL(endpoint);
  if (url.protocol === "unix:") {
    const path = decodeURIComponent(url.pathname);
    return { baseUrl: "http://localhost", sessionOptions: { createConnection: () => connectSocket(path) } };
  }
  if (url.protocol === "http:" && Object.values(tls).some((value) => value !== undefined)) {
    throw new ConfigError(`tls options do not apply to the plaintext endpoint ${endpoint}`, {
      hint: "use https://, or remove tls",
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
    throw new ConfigError(`${name} is neither PEM text nor a readable file, got ${value}`, {
      cause,
      hint: `correct ${name}`,
    });
  }
}
