/** Requirements on the metrics of a run: what a pipeline fails on. */

import type { GateFailure, RunResult } from "../index.js";

export interface Gate {
  /** As written. */
  readonly text: string;
  readonly metric: string;
  readonly operator: ">=" | "<=" | "==" | ">" | "<";
  readonly limit: number;
}

export interface GateOutcome {
  readonly gate: Gate;
  /** Undefined when the run has no metric of this name. */
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

/** The metrics of a result; none for kinds of runs that have none. */
export function metricsOf(result: RunResult | undefined): Readonly<Record<string, number>> {
  return result !== undefined && "metrics" in result ? result.metrics : {};
}

/** A metric that is missing, or not a number, meets nothing. */
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
