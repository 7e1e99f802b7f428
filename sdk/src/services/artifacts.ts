/** Stored artifacts: looking them up, and downloading them. */

import type { ArtifactFilter, ArtifactInfo } from "../api/artifacts.js";
import type { ArtifactsApi } from "../api/client.js";
import type { CallOptions } from "../api/options.js";
import { idOf } from "../convert/base.js";
import { enumNames } from "../convert/enum-names.js";
import { toArtifactInfo } from "../convert/run.js";
import { IncompatibleServerError } from "../errors.js";
import {
  type ArtifactKind as ArtifactKindCode,
  ArtifactKindSchema,
  ArtifactService,
} from "../gen/lghrec/v1/artifact_pb.js";
import type { Rpc } from "../rpc/rpc.js";
import type { ArtifactInput } from "../specs/common.js";
import { download } from "../transfer/download.js";

const PAGE_SIZE = 200;

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

async function getArtifact(rpc: Rpc, artifact: ArtifactInput, options?: CallOptions): Promise<ArtifactInfo> {
  const artifactId = idOf(artifact);
  const response = await rpc.unary(ArtifactService.method.getArtifact, { artifactId }, options);
  if (response.artifact === undefined)
    throw new IncompatibleServerError("the server's answer lacks the artifact");
  return toArtifactInfo(response.artifact);
}

async function* listArtifacts(
  rpc: Rpc,
  { kind }: ArtifactFilter = {},
  options?: CallOptions,
): AsyncGenerator<ArtifactInfo, void, void> {
  const code: ArtifactKindCode = (kind && enumNames(ArtifactKindSchema).get(kind)) ?? 0;
  let pageToken = "";
  do {
    const request = { kind: code, pageSize: PAGE_SIZE, pageToken };
    const page = await rpc.unary(ArtifactService.method.listArtifacts, request, options);
    for (const artifact of page.artifacts) yield toArtifactInfo(artifact);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}
