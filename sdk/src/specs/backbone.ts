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
  /** Negatives: `all` nodes of the type, or the distinct ones of the `batch`; server default. */
  pool?: "all" | "batch" | undefined;
}

/** SimGCL: uniform noise on embeddings instead of graph augmentation. */
export interface SimGclBackbone extends Contrastive {
  name: "simgcl";
  /** Length of the noise, 0 to 10; server default. */
  noise?: number | undefined;
  /** Count layer zero in the mean; server default. */
  keepLayerZero?: boolean | undefined;
}

/** LightGCL: a low-rank view of the graph. */
export interface LightGclBackbone extends Contrastive {
  name: "lightgcl";
  /** Rank of the decomposition, 1 to 256; server default. */
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
  /** Of the cluster tasks, as a share of `contrastWeight`, at least 0; server default. */
  clusterWeight?: number | undefined;
  /** At least 0; server default. */
  klWeight?: number | undefined;
  /** 1 to 100,000; server default, by the number of users. */
  userClusters?: number | undefined;
  /** 1 to 100,000; server default, by the number of items. */
  itemClusters?: number | undefined;
  /** Scale of the samples' deviation, 0 to 10; server default. */
  noise?: number | undefined;
}

/** NESCL: neighbourhood-enhanced supervised contrast. */
export interface NesclBackbone extends Contrastive {
  name: "nescl";
  /** Server default. */
  dropout?: Exclude<GraphDropout, "random_walk"> | undefined;
  /** Share dropped, in [0, 1); server default. */
  dropRate?: number | undefined;
  /** Most similar nodes that a positive is drawn from, 1 to 1000; server default. */
  neighbors?: number | undefined;
  /** How one of them is drawn; server default. */
  neighborSampling?: "uniform" | "similarity" | undefined;
  /** Several positives of an anchor: log of their mean (`in`) or mean of their logs (`out`); server default. */
  positiveReduction?: "log_mean" | "mean_log" | undefined;
  /** Count layer zero in the mean; server default. */
  keepLayerZero?: boolean | undefined;
}

/** CIKG: interactions, an item knowledge graph and users' interests in one graph. */
export interface CikgBackbone extends Contrastive {
  name: "cikg";
  /** At least 0; server default. */
  reconstructionWeight?: number | undefined;
  /** The whole graph (`hybrid`) or interactions only; server default. */
  cfView?: "hybrid" | "cf" | undefined;
  /** Length of the noise, 0 to 10; server default. */
  noise?: number | undefined;
  /** Share of interests masked in the first epoch, in (0, 1]; server default. */
  maskRateMin?: number | undefined;
  /** Share of interests masked at most, `maskRateMin` to 1; server default. */
  maskRateMax?: number | undefined;
  /** Epochs until `maskRateMax`, at least 1; server default. */
  maskEpochs?: number | undefined;
  /** Of the masked, the share that gets another interest's row, in [0, 1); server default. */
  replaceRate?: number | undefined;
  /** Power of the reconstruction's cosine loss, 1 to 10; server default. */
  reconstructionPower?: number | undefined;
}

/** AutoGraph: latent factors from quantised semantics; needs semantic ids. */
export interface AutoGraphBackbone {
  name: "autograph";
  /** Levels of the residual quantisation, 1 to 8; server default. */
  codebooks?: number | undefined;
  /** Codes a level, 1 to 65,536; server default, by the number of nodes. */
  codes?: number | undefined;
  /** 1 to 16; server default. */
  heads?: number | undefined;
  /** Weight of the structural contrast, 0 to 1000; server default. */
  contrastWeight?: number | undefined;
  /** Share in [0, 1); server default. */
  dropout?: number | undefined;
  /** Server default. */
  rankingLoss?: "softmax" | "bpr" | undefined;
  /** Negatives of the softmax, 1 to 10,000; server default. */
  numNegatives?: number | undefined;
  /** Of the structural contrast, in (0, 10]; server default. */
  temperature?: number | undefined;
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
