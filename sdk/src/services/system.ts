/** `client.serverInfo` and `client.waitForReady`. */

import type { ServerInfo } from "../api/client.js";
import type { CallOptions } from "../api/options.js";
import { IncompatibleServerError } from "../errors.js";
import { SystemService } from "../gen/lghrec/v1/system_pb.js";
import type { Rpc, RpcOptions } from "../rpc/rpc.js";

/** The oldest revision of the contract that this client supports. */
const MIN_API_REVISION = 1;
const READY_TIMEOUT_MS = 60_000;

export async function serverInfo(rpc: Rpc, options: RpcOptions = {}): Promise<ServerInfo> {
  const { info } = await rpc.unary(SystemService.method.getServerInfo, {}, options);
  if (info === undefined || info.apiRevision < MIN_API_REVISION) {
    const got = `got ${info?.apiRevision ?? "none"}, expected at least ${MIN_API_REVISION}`;
    throw new IncompatibleServerError(`the server's revision of the contract is too old, ${got}`);
  }
  const { version, apiRevision, instanceId, maxConcurrentRuns, devices } = info;
  const names = info.capabilities;
  return {
    version,
    apiRevision,
    instanceId,
    maxConcurrentRuns,
    devices: [...devices],
    capabilities: {
      builtinDatasets: [...(names?.builtinDatasets ?? [])],
      formats: [...(names?.formats ?? [])],
      textSources: [...(names?.textSources ?? [])],
      encoders: [...(names?.encoders ?? [])],
      backbones: [...(names?.backbones ?? [])],
      policies: [...(names?.policies ?? [])],
      exportFormats: [...(names?.exportFormats ?? [])],
    },
  };
}

export function waitForReady(rpc: Rpc, options: CallOptions = {}): Promise<ServerInfo> {
  const timeoutMs = options.timeoutMs ?? READY_TIMEOUT_MS;
  return serverInfo(rpc, { ...options, timeoutMs, patient: true });
}
