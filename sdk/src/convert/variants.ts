/** The names of the variants, read from the contract. */

import { VariantSchema } from "../gen/lghrec/v1/train_spec_pb.js";
import type { Variant } from "../specs/gen/variants.js";
import { enumNames } from "./enum-names.js";

/** The names of all variants, those of the method first. The server applies them, see {@link TrainSpec.variant}. */
export const VARIANTS = [...enumNames(VariantSchema).keys()] as readonly Variant[];
