/** Creates a client from the services. */

import type { Transport } from "@connectrpc/connect";
import type { LghrecClient } from "./api/client.js";
import type { ClientOptions, SubmitOptions } from "./api/options.js";
import type { PreprocessResult } from "./api/preprocess.js";
import type { RunKind, RunResult, RunSpec } from "./api/run.js";
import { Rpc } from "./rpc/rpc.js";
import { resolveSettings } from "./rpc/settings.js";
import { createTransport, type OwnedTransport } from "./rpc/transport.js";
import { runPromise } from "./runs/handle.js";
import { type Submitted, submit, validate } from "./runs/submit.js";
import { createArtifactsApi } from "./services/artifacts.js";
import { createDatasetsApi } from "./services/datasets.js";
import { recommend, similarItems } from "./services/recommend.js";
import { createRunsApi } from "./services/runs.js";
import { createSemanticIdsApi } from "./services/semantic-ids.js";
import { serverInfo, waitForReady } from "./services/system.js";
import { ablation } from "./study/ablation.js";
import { compareSpecOf, reportSpecOf } from "./study/compare.js";

/**
 * Creates a client. Opens no connection before the first call.
 *
 * @throws ConfigError if an option or an environment variable is wrong.
 *
 * @example
 * await using client = createClient({ endpoint: "http://127.0.0.1:7300" });
 * const { dataset } = await client.preprocess({ source: { builtin: "movielens-100k" } }).wait();
 */
export function createClient(options: ClientOptions = {}): LghrecClient {
  const settings = resolveSettings(options);
  // The public type hides that this is a transport of Connect.
  const owned = options.transport ? borrowed(options.transport as Transport) : createTransport(settings);
  const rpc = new Rpc(settings, owned, options.allowInsecureToken ?? false);
  const artifacts = createArtifactsApi(rpc);
  const started = <K extends RunKind, R extends RunResult<K> = RunResult<K>>(
    kind: K,
    run: Promise<Submitted>,
  ) => runPromise<K, R>(rpc, artifacts, kind, run);
  const start = <K extends RunKind, R extends RunResult<K> = RunResult<K>>(
    kind: K,
    spec: RunSpec<K>,
    o?: SubmitOptions,
  ) => started<K, R>(kind, submit(rpc, kind, spec, o));

  const client: LghrecClient = {
    preprocess: (spec, o) => start<"preprocess", PreprocessResult>("preprocess", spec, o),
    train: (spec, o) => start("train", spec, o),
    evaluate: (spec, o) => start("evaluate", spec, o),
    compare: (spec, o) =>
      started(
        "compare",
        compareSpecOf(client, spec, o).then((plain) => submit(rpc, "compare", plain, o)),
      ),
    report: (spec, o) =>
      started(
        "report",
        reportSpecOf(client, spec, o).then((plain) => submit(rpc, "report", plain, o)),
      ),
    export: (spec, o) => start("export", spec, o),
    ablation: (spec, o) => ablation(client, spec, o),
    recommend: (request, o) => recommend(rpc, request, o),
    similarItems: (request, o) => similarItems(rpc, request, o),
    validate: {
      preprocess: (spec, o) => validate(rpc, "preprocess", spec, o),
      train: (spec, o) => validate(rpc, "train", spec, o),
      evaluate: (spec, o) => validate(rpc, "evaluate", spec, o),
      compare: (spec, o) => validate(rpc, "compare", spec, o),
      report: (spec, o) => validate(rpc, "report", spec, o),
      export: (spec, o) => validate(rpc, "export", spec, o),
    },
    runs: createRunsApi(rpc, artifacts),
    artifacts,
    datasets: createDatasetsApi(rpc),
    semanticIds: createSemanticIdsApi(rpc, artifacts),
    serverInfo: (o) => serverInfo(rpc, o),
    waitForReady: (o) => waitForReady(rpc, o),
    close: () => rpc.close(),
    async [Symbol.asyncDispose]() {
      rpc.close();
    },
  };
  return client;
}

/** Wraps a transport that the caller opened, and that the caller closes. */
function borrowed(transport: Transport): OwnedTransport {
  return { transport, reset() {}, close() {} };
}
