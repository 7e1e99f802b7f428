/** What chooses the negatives and the temperature of each contrast. */

/** The backbone's own negatives and temperature. */
export interface NativePolicy {
  name: "native";
}

/** Which contrast a policy acts on. */
export type PolicyContrast = "backbone" | "structural" | "both";

/** How the candidates of a step are drawn; `batch` is the backbone's own pool, `mixed` half uniform, half popular. */
export type PoolSampling = "uniform" | "popularity" | "mixed" | "batch";

/** What every policy has that chooses from a pool. */
interface ActingPolicy {
  /** Negatives an anchor, 1 to `poolSize`; server default. */
  numNegatives?: number | undefined;
  /** Candidates of each type, at least 2; all of a type that has no more; server default. */
  poolSize?: number | undefined;
  /** Server default, by the backbone. */
  contrast?: PolicyContrast | undefined;
  /** Server default. */
  poolSampling?: PoolSampling | undefined;
  /** Weigh the chosen negatives up to the number of candidates; server default. */
  rescaleNegatives?: boolean | undefined;
  /** Weight of the structural contrast that is added, 0 to 1000; server default. */
  structuralWeight?: number | undefined;
  /** In (0, 10]; left out takes the backbone's own. */
  structuralTemperature?: number | undefined;
}

/** Negatives drawn uniformly from the pool at the backbone's own temperature. */
export interface RandomPolicy extends ActingPolicy {
  name: "random";
}

/** Thresholds and weights of the rule-based reward. */
interface HgpoReward {
  /** Whether thresholds are quantiles of the similarities or similarities; server default. */
  thresholds?: "quantile" | "absolute" | undefined;
  /** Threshold, -1 to 1; server default. */
  easyThreshold?: number | undefined;
  /** Threshold, -1 to 1, at least `easyThreshold`; server default. */
  hardThreshold?: number | undefined;
  /** Threshold, -1 to 1, above `hardThreshold`; server default. */
  falseNegativeThreshold?: number | undefined;
  /** Threshold, -1 to 1; server default. */
  positiveSimilarityThreshold?: number | undefined;
  /** 0 to 100; server default. */
  hardWeight?: number | undefined;
  /** 0 to 100; server default. */
  falseNegativeWeight?: number | undefined;
  /** 0 to 100; server default. */
  falsePositiveWeight?: number | undefined;
  /** 0 to 100; server default. */
  easyWeight?: number | undefined;
  /** 0 to 100; server default. */
  temperatureWeight?: number | undefined;
  /** Scale of the target temperature, in (0, 100]; left out takes the backbone's own. */
  targetTemperatureScale?: number | undefined;
  /** How steeply the target falls with the degree, -2 to 2: 1 in the paper, 0 not at all, below 0 it rises; server default. */
  targetTemperatureSlope?: number | undefined;
}

/** What the policy decides, and what is taken from it for an ablation; `TrainSpec.variant` sets these by name. */
interface HgpoSwitches {
  /** Chosen by the policy, or drawn uniformly; server default. */
  learnNegatives?: boolean | undefined;
  /** Chosen by the policy, or the backbone's own; server default. */
  learnTemperature?: boolean | undefined;
  /** Reward less the mean of its degree group, or of several actions of the same anchor; server default. */
  advantage?: "group" | "grpo" | undefined;
  /** Weight of the harmony loss, 0 to 100; server default. */
  harmonyWeight?: number | undefined;
}

/** Harmonized Group Policy Optimization. */
export interface HgpoPolicy extends ActingPolicy, HgpoReward, HgpoSwitches {
  name: "hgpo";
  /** Server default. */
  preset?: "recommended" | "paper" | undefined;
  /** Server default. */
  network?: "basis" | "bilinear" | undefined;
  /** Server default. */
  credit?: "factored" | "joint" | undefined;
  /** Anchors of a batch that the policy learns from, at least 1; server default. */
  policyAnchors?: number | undefined;
  /** In (0, 10]; server default. */
  temperatureMin?: number | undefined;
  /** Above `temperatureMin`, at most 10; server default. */
  temperatureMax?: number | undefined;
  /** Scale temperatures so that their mean is the backbone's own; server default. */
  relativeTemperature?: boolean | undefined;
  /** Leave out candidates nearer to the positive than this share of the pool, in (0, 1]; left out keeps all. */
  maxPositiveSimilarityQuantile?: number | undefined;
  /** Degree buckets, 1 to 100; server default. */
  numGroups?: number | undefined;
  /** Half width of the trusted range of the ratio, in (0, 1); server default. */
  clipRange?: number | undefined;
  /** Passes over a batch, 1 to 16; server default. */
  updateEpochs?: number | undefined;
  /** 0 to 10; server default. */
  entropyWeight?: number | undefined;
  /** 0 to 10; server default. */
  temperatureEntropyWeight?: number | undefined;
  /** In (0, 1]; server default. */
  learningRate?: number | undefined;
  /** Actions an anchor, for the advantage `grpo`, 2 to 64; server default. */
  actionSamples?: number | undefined;
  /** Epochs of random negatives and fixed temperatures, from the first; server default. */
  warmupEpochs?: number | undefined;
  /** A `hard` choice of negatives, or all of them weighted by the policy's probability; server default. */
  weighting?: "hard" | "soft" | undefined;
}

/** Chosen by `name`; `serverInfo().capabilities.policies` lists those a server runs. */
export type PolicySpec = NativePolicy | RandomPolicy | HgpoPolicy;
