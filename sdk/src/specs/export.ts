/** What an export run may ask for, as users write it. */

import type { ArtifactInput, Device, RunInput, SeenMask } from "./common.js";

/** Writes a trained model for other programs. Exactly one of `model` and `run`. */
export type ExportSpec = ModelExport | RunExport;

export interface ModelExport extends ExportSettings {
  /** `result.model` of a train result. */
  model: ArtifactInput<"model">;
  run?: undefined;
}

export interface RunExport extends ExportSettings {
  model?: undefined;
  /** A train run that has ended or been stopped: its newest checkpoint is exported. */
  run: RunInput;
}

/** What is written, whatever it is of. */
export interface ExportSettings {
  format: ExportFormat;
  /** Items a list, 1 to 1000, for `topk` and `topk_jsonl`; server default. */
  topK?: number | undefined;
  /** Known items left out of a list, for `topk` and `topk_jsonl`; server default. */
  mask?: SeenMask | undefined;
  /** Server default. */
  device?: Device | undefined;
  /** Threads of the worker, 1 to 256; left out lets the server choose. */
  threads?: number | undefined;
}

/**
 * `safetensors`, `npz` and `parquet` hold embeddings with external ids, `topk` (Parquet) and `topk_jsonl` one list
 * a user, `onnx` a model that scores and ranks, `usearch` an index of nearest neighbours;
 * `serverInfo().capabilities.exportFormats` lists those a server writes.
 */
export type ExportFormat = "safetensors" | "parquet" | "topk" | "topk_jsonl" | "npz" | "onnx" | "usearch";
