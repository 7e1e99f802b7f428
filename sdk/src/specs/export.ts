/** What an export run may ask for, as users write it. */

import type { ArtifactInput, Device, SeenMask } from "./common.js";

/** Writes a trained model for other programs. */
export interface ExportSpec {
  /** `result.model` of a train result. */
  model: ArtifactInput<"model">;
  format: ExportFormat;
  /** Items a list, 1 to 1000, for `topk`; server default. */
  topK?: number | undefined;
  /** Known items left out of a list, for `topk`; server default. */
  mask?: SeenMask | undefined;
  /** Server default. */
  device?: Device | undefined;
  /** Threads of the worker, 1 to 256; left out lets the server choose. */
  threads?: number | undefined;
}

/**
 * `safetensors` and `parquet` hold embeddings with external ids, `topk` one list a user;
 * `serverInfo().capabilities.exportFormats` lists those a server writes.
 */
export type ExportFormat = "safetensors" | "parquet" | "topk" | "npz" | "onnx" | "usearch";
