/** What several specs share. A field left out takes the server's default; the client fills nothing in. */

/** What a stored artifact is; `source` is raw files as they were uploaded. */
export type ArtifactKind =
  | "dataset"
  | "semantic_ids"
  | "model"
  | "evaluation"
  | "comparison"
  | "report"
  | "export"
  | "source";

/** Names an artifact; results carry it and specs take it. */
export interface ArtifactRef<K extends ArtifactKind = ArtifactKind> {
  /** SHA-256 of the manifest, 64 hexadecimal digits. */
  readonly id: string;
  readonly kind: K;
  /** Bytes of all files together. */
  readonly sizeBytes: number;
}

/** An artifact as a spec takes it: its id (64 hexadecimal digits) or the reference a result carried. */
export type ArtifactInput<K extends ArtifactKind = ArtifactKind> =
  | string
  | { readonly id: string; readonly kind: K };

/** A run as a spec or a call takes it: its id, its handle or its record. */
export type RunInput = string | { readonly id: string; readonly kind: string | undefined };

/** Where a worker computes; `auto` takes CUDA if there is a device, else the CPU. */
export type Device = "auto" | "cpu" | "cuda";

/** Which known items are left out of a user's ranking; `all` is for lists that are shown to users. */
export type SeenMask = "train_valid" | "train" | "all";
