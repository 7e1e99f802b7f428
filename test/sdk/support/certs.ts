import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Certificates for these tests only. They are valid for a hundred years, and no machine trusts them. */
export function certificate(name: "ca" | "server" | "named" | "client" | "other"): string {
  return readFileSync(certificatePath(`${name}.pem`), "utf8");
}

export function privateKey(name: "server" | "named" | "client"): string {
  return readFileSync(certificatePath(`${name}.key.pem`), "utf8");
}

export function certificatePath(file: string): string {
  return join(import.meta.dirname, "certs", file);
}

/** For 127.0.0.1, localhost and lghrec.test. */
export const SERVER_TLS = { cert: certificate("server"), key: privateKey("server") };

/** For lghrec.test only. */
export const NAMED_TLS = { cert: certificate("named"), key: privateKey("named") };
