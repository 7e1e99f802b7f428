/** What an evaluate run may ask for, as users write it. */

import type { ArtifactInput, Device, SeenMask } from "./common.js";

/** Ranks all items for every user and scores the lists. */
export interface EvaluateSpec {
  /** `result.model` of a train result. */
  model: ArtifactInput<"model">;
  /** Lengths of the lists, each 1 to 1000; left out or empty takes the server default. */
  cutoffs?: readonly number[] | undefined;
  /** Server default. */
  split?: "test" | "valid" | undefined;
  /** Left out: train and valid items at `test`, train items at `valid`. */
  mask?: SeenMask | undefined;
  /** Leave out held-out items that no train interaction has; inflates the figures; server default. */
  dropUnseen?: boolean | undefined;
  /** Server default. */
  device?: Device | undefined;
  /** Threads of the worker, 1 to 256; left out lets the server choose. */
  threads?: number | undefined;
}
