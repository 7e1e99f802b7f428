/** What a preprocess run may ask for, as users write it. */

/** Data set in, split and semantic ids out. */
export interface PreprocessSpec {
  source: SourceSpec;
  filter?: FilterSpec | undefined;
  split?: SplitSpec | undefined;
  /** Left out: no semantic ids are made. */
  semantic?: SemanticSpec | undefined;
}

/** Where interactions and item texts come from: exactly one of `builtin` and `path`. */
export type SourceSpec = BuiltinSource | PathSource;

export interface BuiltinSource {
  /** A data set the server knows how to get, for example `movielens-100k`. */
  builtin: string;
  path?: undefined;
  format?: undefined;
}

export interface PathSource {
  builtin?: undefined;
  /** A file or folder on the server, under one of its import roots. */
  path: string;
  /** How the files at the path are laid out; server default. */
  format?: SourceFormat | undefined;
}

/** Layouts of raw data; `serverInfo().capabilities.formats` lists those a server reads. */
export type SourceFormat =
  | "recbole"
  | "delimited"
  | "jsonl"
  | "parquet"
  | "adjacency"
  | "amazon"
  | "yelp"
  | "mind"
  | "movielens"
  | "json_maps";

/** Which interactions are kept. */
export interface FilterSpec {
  /** Keep interactions rated at least this much; left out keeps all. */
  minRating?: number | undefined;
  /** Repeat until every user and item has at least this many interactions, 1 to 1000; server default. */
  kCore?: number | undefined;
}

/** How interactions are dealt out; the three shares add up to 1. */
export interface SplitSpec {
  /** Server default. */
  method?: "ratio_per_user" | "ratio_global" | "temporal" | "leave_one_out" | "given" | undefined;
  /** Share in (0, 1]; server default. */
  train?: number | undefined;
  /** Share in [0, 1); server default. */
  valid?: number | undefined;
  /** Share in [0, 1); server default. */
  test?: number | undefined;
  /** 0 to 2^32 - 1; server default. */
  seed?: number | undefined;
}

/** How semantic ids are made from item texts. */
export interface SemanticSpec {
  /** `extractive` quotes the item's own text without a language model; server default. */
  cot?: "extractive" | "raw_text" | "llamacpp" | "openai" | undefined;
  /** `minilm` has 384 dimensions and works offline; server default. */
  encoder?: "minilm" | "bert" | "local" | undefined;
  /** Server default. */
  transform?: "none" | "center" | "whiten" | "pca" | undefined;
  /** Item fields that make the description, in order; left out takes every text field there is. */
  fields?: readonly string[] | undefined;
  /** Tokens of a text that the encoder reads, 8 to 512; server default. */
  maxTokens?: number | undefined;
}
