/**
 * Settings of the quickstart. The hyperparameters of the backbone were chosen on the valid part. Batches are small, since
 * the users of this dense data set share many items. The candidate pool is small and sampled by popularity, so that four
 * trainings take minutes.
 */
export const settings = {
  backbone: { name: "lightccf", form: "sum", temperature: 0.2, contrastWeight: 0.5 },
  policy: {
    name: "hgpo",
    contrast: "backbone",
    poolSize: 256,
    poolSampling: "popularity",
    numNegatives: 128,
    policyAnchors: 32,
  },
  batchSize: 512,
  optimizer: { learningRate: 0.002 },
  earlyStop: { patience: 5 },
} as const;
