/**
 * References to artifacts and runs. A spec takes the default of the server for each field that is left out; the client
 * sets no defaults.
 */

/** Kinds of stored artifacts. A `source` contains uploaded raw files. */
export type ArtifactKind =
  | "dataset"
  | "semantic_ids"
  | "model"
  | "evaluation"
  | "comparison"
  | "report"
  | "export"
  | "source";

/** Reference to an artifact. Results contain it, and specs accept it. */
export interface ArtifactRef<K extends ArtifactKind = ArtifactKind> {
  /** SHA-256 of the manifest, 64 hexadecimal digits. */
  readonly id: string;
  readonly kind: K;
  /** Total size of all files, in bytes. */
  readonly sizeBytes: number;
}

/** An artifact in a spec: its id (64 hexadecimal digits), or its reference from a result. */
export type ArtifactInput<K extends ArtifactKind = ArtifactKind> =
  | string
  | { readonly id: string; readonly kind: K };

/** A run in a spec or in a call: its id, its handle or its record. */
export type RunInput = string | { readonly id: string; readonly kind: string | undefined };
