/** `client.datasets`: uploads raw files and manages them. */

import type { DatasetRef, DatasetsApi } from "../api/datasets.js";
import type { CallOptions } from "../api/options.js";
import { idOf, missingField, toDate, toFile } from "../convert/base.js";
import { type Dataset as DatasetMessage, DatasetService } from "../gen/lghrec/v1/dataset_pb.js";
import { type PageRequest, pages } from "../rpc/paging.js";
import type { Rpc } from "../rpc/rpc.js";
import { upload } from "../transfer/upload.js";

export function createDatasetsApi(rpc: Rpc): DatasetsApi {
  return {
    async upload(path, options = {}) {
      const { signal, headers } = options;
      return getDataset(rpc, await upload(rpc, path, options), { signal, headers });
    },
    list: (options) => listDatasets(rpc, options),
    get: (dataset, options) => getDataset(rpc, idOf(dataset), options),
    async delete(dataset, options) {
      await rpc.unary(DatasetService.method.deleteDataset, { datasetId: idOf(dataset) }, options);
    },
  };
}

async function getDataset(rpc: Rpc, datasetId: string, options?: CallOptions): Promise<DatasetRef> {
  const { dataset } = await rpc.unary(DatasetService.method.getDataset, { datasetId }, options);
  if (dataset === undefined) throw missingField("the data set");
  return toDataset(dataset);
}

async function* listDatasets(rpc: Rpc, options?: CallOptions): AsyncGenerator<DatasetRef, void, void> {
  const fetch = (page: PageRequest) => rpc.unary(DatasetService.method.listDatasets, page, options);
  for await (const { datasets } of pages(fetch)) {
    for (const dataset of datasets) yield toDataset(dataset);
  }
}

export function toDataset(message: DatasetMessage): DatasetRef {
  return {
    id: message.id,
    kind: "source",
    sizeBytes: Number(message.sizeBytes),
    name: message.name,
    files: message.files.map(toFile),
    createTime: toDate(message.createTime),
  };
}
