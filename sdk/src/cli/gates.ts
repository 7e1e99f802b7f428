/** Requirements on the metrics of a run. A pipeline fails if one is not met. */

import type { GateFailure, RunResult } from "../index.js";

/** One requirement, for example `recall@20>=0.05`. */
export interface Gate {
  /** The requirement as the user wrote it. */
  readonly text: string;
  readonly metric: string;
  readonly operator: ">=" | "<=" | "==" | ">" | "<";
  readonly limit: number;
}

export interface GateOutcome {
  readonly gate: Gate;
  /** Undefined if the run has no metric of this name. */
  readonly actual: number | undefined;
  readonly met: boolean;
}

const COMPARE: Record<Gate["operator"], (actual: number, limit: number) => boolean> = {
  ">=": (actual, limit) => actual >= limit,
  "<=": (actual, limit) => actual <= limit,
  "==": (actual, limit) => actual === limit,
  ">": (actual, limit) => actual > limit,
  "<": (actual, limit) => actual < limit,
};

/** Returns the metrics of a result. Results without metrics give an empty record. */
export function metricsOf(result: RunResult | undefined): Readonly<Record<string, number>> {
  return result !== undefined && "metrics" in result ? result.metrics : {};
}

/** Checks the requirements. A missing metric and a metric that is NaN meet no requirement. */
export function checkGates(gates: readonly Gate[], metrics: Readonly<Record<string, number>>): GateOutcome[] {
  return gates.map((gate) => {
    const actual = metrics[gate.metric];
    return { gate, actual, met: actual !== undefined && COMPARE[gate.operator](actual, gate.limit) };
  });
}

export function failuresOf(outcomes: readonly GateOutcome[]): GateFailure[] {
  return outcomes
    .filter(({ met }) => !met)
    .map(({ gate, actual }) => (actual === undefined ? { gate: gate.text } : { gate: gate.text, actual }));
}
