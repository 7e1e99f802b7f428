/** `client.runs`: finds and manages existing runs. */

import type { ArtifactsApi, RunsApi } from "../api/client.js";
import type { Rpc } from "../rpc/rpc.js";
import { cancelRun, deleteRun, getRun, listRuns } from "../runs/calls.js";
import { attachRun } from "../runs/handle.js";

export function createRunsApi(rpc: Rpc, artifacts: ArtifactsApi): RunsApi {
  return {
    attach: (id, kind) => attachRun(rpc, artifacts, id, kind),
    get: (id, options) => getRun(rpc, id, options),
    list: (filter, options) => listRuns(rpc, filter, options),
    cancel: (id, options) => cancelRun(rpc, id, options),
    delete: (id, options) => deleteRun(rpc, id, options),
  };
}
