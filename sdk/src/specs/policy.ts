/** What chooses the negatives and the temperature of each contrast. */

/** The backbone's own negatives and temperature. */
export interface NativePolicy {
  name: "native";
}

/** Which contrast a policy acts on. */
export type PolicyContrast = "native" | "structural" | "both";

/** Negatives drawn uniformly from the pool at the backbone's own temperature. */
export interface RandomPolicy {
  name: "random";
  /** Negatives an anchor, at least 1; server default. */
  numNegatives?: number | undefined;
  /** Candidates an anchor, at least `numNegatives`; server default. */
  poolSize?: number | undefined;
  /** Server default. */
  contrast?: PolicyContrast | undefined;
}

/** Thresholds and weights of the rule-based reward. */
interface HgpoReward {
  /** Whether thresholds are quantiles of the similarities or similarities; server default. */
  thresholds?: "quantile" | "absolute" | undefined;
  /** Threshold; server default. */
  easyLow?: number | undefined;
  /** Threshold; server default. */
  easy?: number | undefined;
  /** Threshold; server default. */
  falseNegative?: number | undefined;
  /** Threshold; server default. */
  falsePositive?: number | undefined;
  /** Server default. */
  hardWeight?: number | undefined;
  /** Server default. */
  falseNegativeWeight?: number | undefined;
  /** Server default. */
  falsePositiveWeight?: number | undefined;
  /** Server default. */
  easyWeight?: number | undefined;
  /** Server default. */
  temperatureWeight?: number | undefined;
  /** Scale of the target temperature; left out takes the backbone's own. */
  targetTemperatureScale?: number | undefined;
}

/** Harmonized Group Policy Optimization. */
export interface HgpoPolicy extends HgpoReward {
  name: "hgpo";
  /** Server default. */
  preset?: "recommended" | "paper" | undefined;
  /** Server default. */
  contrast?: PolicyContrast | undefined;
  /** Server default. */
  network?: "basis" | "bilinear" | undefined;
  /** Server default. */
  credit?: "factored" | "joint" | undefined;
  /** Negatives an anchor, at least 1; server default. */
  numNegatives?: number | undefined;
  /** Candidates an anchor, at least `numNegatives`; server default. */
  poolSize?: number | undefined;
  /** Anchors of a batch that the policy learns from, at least 1; server default. */
  policyAnchors?: number | undefined;
  /** Above 0; server default. */
  temperatureMin?: number | undefined;
  /** At least `temperatureMin`; server default. */
  temperatureMax?: number | undefined;
  /** Degree buckets, at least 1; server default. */
  numGroups?: number | undefined;
  /** Half width of the trusted range of the ratio, in (0, 1); server default. */
  clipRange?: number | undefined;
  /** Passes over a batch, at least 1; server default. */
  updateEpochs?: number | undefined;
  /** At least 0; server default. */
  entropyWeight?: number | undefined;
  /** At least 0; server default. */
  temperatureEntropyWeight?: number | undefined;
  /** At least 0; server default. */
  harmonyWeight?: number | undefined;
  /** Above 0; server default. */
  learningRate?: number | undefined;
}

/** Chosen by `name`; `serverInfo().capabilities.policies` lists those a server runs. */
export type PolicySpec = NativePolicy | RandomPolicy | HgpoPolicy;
