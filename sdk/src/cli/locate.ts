/** Where in a spec file the wrong fields are that an error names. */

import { isLghrecError, type LocatedViolation } from "./exit-codes.js";
import { violationsOf } from "./output.js";
import { annotate } from "./reports.js";
import type { SpecFile } from "./spec-file.js";

/** Undefined for an error that is not about the spec. Pipelines get annotations. */
export function locateViolations(error: unknown, spec: SpecFile): readonly LocatedViolation[] | undefined {
  if (!isLghrecError(error, "invalid_argument")) return undefined;
  const violations = violationsOf(error).map(spec.locate);
  annotate(violations);
  return violations;
}
