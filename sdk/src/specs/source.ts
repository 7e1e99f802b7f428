/** Where interactions and item texts come from, as users write it. */

import type { ArtifactInput } from "./common.js";

/** Exactly one of `builtin`, `path`, `upload` and `generator`. */
export type SourceSpec = BuiltinSource | PathSource | UploadSource | GeneratorSource;

export interface BuiltinSource {
  /** A data set the server knows how to get, for example `movielens-100k`. */
  builtin: string;
  path?: undefined;
  upload?: undefined;
  generator?: undefined;
  format?: undefined;
  columns?: undefined;
  files?: undefined;
}

export interface PathSource extends SourceLayout {
  builtin?: undefined;
  /** A file or folder on the server, under one of its import roots. */
  path: string;
  upload?: undefined;
  generator?: undefined;
}

export interface UploadSource extends SourceLayout {
  builtin?: undefined;
  path?: undefined;
  /** What `client.datasets.upload` returned, or the id of an uploaded data set. */
  upload: ArtifactInput<"source">;
  generator?: undefined;
}

export interface GeneratorSource {
  builtin?: undefined;
  path?: undefined;
  upload?: undefined;
  generator: GeneratorSpec;
  format?: undefined;
  columns?: undefined;
  files?: undefined;
}

/** How raw files are laid out. */
export interface SourceLayout {
  /** Server default. */
  format?: SourceFormat | undefined;
  /** For `delimited`, `jsonl` and `parquet`; the other formats have names of their own. */
  columns?: ColumnsSpec | undefined;
  /** Left out: found by the format's own names. */
  files?: FilesSpec | undefined;
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

/** Names of columns; for delimited text without a header their numbers as text, from `"0"`. */
export interface ColumnsSpec {
  /** Server default. */
  user?: string | undefined;
  /** Server default. */
  item?: string | undefined;
  /** Left out: there are no ratings. */
  rating?: string | undefined;
  /** Seconds or milliseconds since 1970, or ISO 8601. Left out: there are no times. */
  timestamp?: string | undefined;
  /** Columns of the items file that are text; left out or empty takes every column of strings. */
  text?: readonly string[] | undefined;
  /** For delimited text; left out: found out among tab, comma, semicolon, `::` and `|`. */
  separator?: string | undefined;
  /** Whether the first line has names; left out: found out. */
  header?: boolean | undefined;
}

/** Paths relative to the source, with forward slashes. */
export interface FilesSpec {
  /** Not together with `train` and `test`. */
  interactions?: string | undefined;
  items?: string | undefined;
  /** Of a given split; together with `test`. */
  train?: string | undefined;
  /** Of a given split. */
  valid?: string | undefined;
  /** Of a given split; together with `train`. */
  test?: string | undefined;
  /** Triples head, relation, tail around items, for the backbone `cikg`. */
  knowledge?: string | undefined;
  /** Interests of users, for the backbone `cikg`. */
  interests?: string | undefined;
}

/** A seeded power-law graph with item texts whose categories drive the clicks. */
export interface GeneratorSpec {
  /** Fills in the three numbers below; left out, each of them is needed. */
  size?: "yelp2018-size" | "amazon-book-size" | "mind-size" | undefined;
  /** At least 10. */
  users?: number | undefined;
  /** At least 10. */
  items?: number | undefined;
  /** At least 100. */
  interactions?: number | undefined;
  /** 1 to 1000; server default. */
  categories?: number | undefined;
  /** Share of items that only the test part knows, in [0, 1); server default. */
  coldItems?: number | undefined;
  /** 0 to 2^32 - 1; server default. */
  seed?: number | undefined;
}
