/** `client.artifacts`: finds and downloads stored artifacts. */

import type { ArtifactFilter, ArtifactInfo } from "../api/artifacts.js";
import type { ArtifactsApi } from "../api/client.js";
import type { CallOptions } from "../api/options.js";
import { idOf, missingField } from "../convert/base.js";
import { enumNames } from "../convert/enum-names.js";
import { toArtifactInfo } from "../convert/run.js";
import { ArtifactKindSchema, ArtifactService } from "../gen/lghrec/v1/artifact_pb.js";
import { type PageRequest, pages } from "../rpc/paging.js";
import type { Rpc } from "../rpc/rpc.js";
import type { ArtifactInput } from "../specs/common.js";
import { download } from "../transfer/download.js";

export function createArtifactsApi(rpc: Rpc): ArtifactsApi {
  return {
    get: (artifact, options) => getArtifact(rpc, artifact, options),
    list: (filter, options) => listArtifacts(rpc, filter, options),
    async download(artifact, dest, options = {}) {
      const { signal, timeoutMs, headers } = options;
      const info = await getArtifact(rpc, artifact, { signal, timeoutMs, headers });
      await download(rpc, info, dest, options);
      return info;
    },
  };
}

async function getArtifact(rpc: Rpc, input: ArtifactInput, options?: CallOptions): Promise<ArtifactInfo> {
  const request = { artifactId: idOf(input) };
  const { artifact } = await rpc.unary(ArtifactService.method.getArtifact, request, options);
  if (artifact === undefined) throw missingField("the artifact");
  return toArtifactInfo(artifact);
}

async function* listArtifacts(
  rpc: Rpc,
  filter: ArtifactFilter = {},
  options?: CallOptions,
): AsyncGenerator<ArtifactInfo, void, void> {
  const kind = (filter.kind && enumNames(ArtifactKindSchema).get(filter.kind)) ?? 0;
  const fetch = (page: PageRequest) =>
    rpc.unary(ArtifactService.method.listArtifacts, { kind, ...page }, options);
  for await (const { artifacts } of pages(fetch)) {
    for (const artifact of artifacts) yield toArtifactInfo(artifact);
  }
}
