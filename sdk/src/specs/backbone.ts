/** Which graph recommender is trained, with its own options. */

interface Contrastive {
  /** Graph convolutions, 1 to 8; server default. */
  layers?: number | undefined;
  /** In (0, 10]; server default. */
  temperature?: number | undefined;
  /** Weight of the contrast beside the ranking loss, 0 to 1000; server default. */
  contrastWeight?: number | undefined;
}

/** What makes final embeddings: the ego table itself, or the layer mean of graph convolutions. */
export type GraphEncoder = "mf" | "lightgcn";

/** How a graph view is corrupted. */
export type GraphDropout = "edge" | "node" | "random_walk";

/** Matrix factorisation with the BPR loss. */
export interface MfBackbone {
  name: "mf";
}

/** LightGCN: layer mean of graph convolutions. */
export interface LightGcnBackbone {
  name: "lightgcn";
  /** Graph convolutions, 1 to 8; server default. */
  layers?: number | undefined;
}

/** LightCCF: BPR and a neighbourhood aggregation contrast between users and items. */
export interface LightCcfBackbone extends Contrastive {
  name: "lightccf";
  /** Server default. */
  encoder?: GraphEncoder | undefined;
  /** `product` adds similarities before the exponential, `sum` is two sums; server default. */
  form?: "product" | "sum" | undefined;
}

/** SGL: two corrupted graph views. */
export interface SglBackbone extends Contrastive {
  name: "sgl";
  /** Server default. */
  dropout?: GraphDropout | undefined;
  /** Share dropped, in [0, 1); server default. */
  dropRate?: number | undefined;
}

/** SimGCL: uniform noise on embeddings instead of graph augmentation. */
export interface SimGclBackbone extends Contrastive {
  name: "simgcl";
  /** Length of the noise; server default. */
  noise?: number | undefined;
  /** Count layer zero in the mean; server default. */
  keepLayerZero?: boolean | undefined;
}

/** LightGCL: a low-rank view of the graph. */
export interface LightGclBackbone extends Contrastive {
  name: "lightgcl";
  /** Rank of the decomposition; server default. */
  rank?: number | undefined;
  /** Share in [0, 1); server default. */
  edgeDropout?: number | undefined;
}

/** SCCF: the contrast alone, without a ranking loss. */
export interface SccfBackbone {
  name: "sccf";
  /** Server default. */
  encoder?: GraphEncoder | undefined;
  /** Graph convolutions, 1 to 8; server default. */
  layers?: number | undefined;
  /** In (0, 10]; server default. */
  temperature?: number | undefined;
}

/** VGCL: variational views and a cluster contrast. */
export interface VgclBackbone extends Contrastive {
  name: "vgcl";
  /** In (0, 10]; server default. */
  clusterTemperature?: number | undefined;
  /** At least 0; server default. */
  clusterWeight?: number | undefined;
  /** At least 0; server default. */
  klWeight?: number | undefined;
  /** At least 1; server default. */
  userClusters?: number | undefined;
  /** At least 1; server default. */
  itemClusters?: number | undefined;
}

/** NESCL: neighbourhood-enhanced supervised contrast. */
export interface NesclBackbone extends Contrastive {
  name: "nescl";
  /** Server default. */
  dropout?: GraphDropout | undefined;
  /** Share dropped, in [0, 1); server default. */
  dropRate?: number | undefined;
  /** Neighbours a node, at least 1; server default. */
  neighbors?: number | undefined;
}

/** CIKG: a knowledge graph of the items' own texts. */
export interface CikgBackbone extends Contrastive {
  name: "cikg";
  /** At least 0; server default. */
  reconstructionWeight?: number | undefined;
  /** Server default. */
  cfView?: "hybrid" | "cf" | undefined;
}

/** AutoGraph: latent factors from quantised semantics. */
export interface AutoGraphBackbone {
  name: "autograph";
  /** At least 1; server default. */
  codebooks?: number | undefined;
  /** Codes a codebook, at least 2; server default. */
  codes?: number | undefined;
  /** At least 1; server default. */
  heads?: number | undefined;
  /** At least 0; server default. */
  contrastWeight?: number | undefined;
}

/** Chosen by `name`; `serverInfo().capabilities.backbones` lists those a server trains. */
export type BackboneSpec =
  | MfBackbone
  | LightGcnBackbone
  | LightCcfBackbone
  | SglBackbone
  | SimGclBackbone
  | LightGclBackbone
  | SccfBackbone
  | VgclBackbone
  | NesclBackbone
  | CikgBackbone
  | AutoGraphBackbone;
