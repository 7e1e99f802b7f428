/** Shows the progress of a run on stderr. */

import type { RunEvent, RunProgress } from "../../index.js";
import { barLine, type ProgressStream, StatusLine, span } from "./status-line.js";

type ProgressEvent = Extract<RunEvent, { type: "progress" }>;

/** Phases that count items, so that a rate is meaningful. */
const ITEM_PHASES: ReadonlySet<string> = new Set(["describe", "encode", "neighbors"]);

/** The metrics that the line shows, and their formats. */
const SHOWN: Readonly<Record<string, (value: number) => string>> = {
  "loss/total": (value) => `loss/total ${value.toPrecision(4)}`,
  "valid/ndcg@20": (value) => `valid/ndcg@20 ${value.toPrecision(4)}`,
  "semantic/valid": (share) => `valid ${percent(share)}`,
  "semantic/grounded": (share) => `grounded ${percent(share)}`,
};

export class ProgressLine {
  readonly #line: StatusLine;
  readonly #metrics = new Map<string, number>();
  #phase = "";
  /** Time and count of the first event of the phase, from which the rate is computed. */
  #first: { readonly at: number; readonly done: number } = { at: 0, done: 0 };

  constructor(stream: ProgressStream, now: () => number = performance.now.bind(performance)) {
    this.#line = new StatusLine(stream, now);
  }

  update(event: RunEvent): void {
    if (event.type === "metric") this.#metrics.set(event.name, event.value);
    if (event.type === "state") this.#line.print(event.state);
    if (event.type === "warning") this.#line.print(`warning: ${event.message}`);
    if (event.type === "gap") this.#line.print(`warning: events ${event.from} to ${event.to} are lost`);
    if (event.type === "log" && (event.level === "error" || event.level === "warning"))
      this.#line.print(event.line);
    if (event.type === "progress") this.#progress(event);
    if (event.type === "finished") this.clear();
  }

  /** Removes the redrawn line, so that other text starts on an empty line. */
  clear(): void {
    this.#line.clear();
  }

  #progress(event: ProgressEvent): void {
    const changed = event.phase !== this.#phase;
    if (changed) this.#begin(event);
    const ended = event.done === event.total;
    this.#line.draw((width) => this.#describe(event, width), changed || ended);
  }

  #begin({ phase, time, done }: ProgressEvent): void {
    this.#phase = phase;
    this.#first = { at: time.getTime(), done };
  }

  #describe(event: ProgressEvent, width: number): string {
    const { phase, done, total } = event;
    const facts = [this.#rate(event), remaining(event), ...this.#shown()].filter(
      (fact) => fact !== undefined,
    );
    if (!total) return [phase.padEnd(10), String(done), ...facts].join(" ");
    return barLine(phase, done / total, { facts: [`${done}/${total}`, ...facts], width });
  }

  /** Uses the times of the events, so that a replayed run shows its original rate. */
  #rate({ phase, time, done }: ProgressEvent): string | undefined {
    if (!ITEM_PHASES.has(phase)) return undefined;
    const seconds = (time.getTime() - this.#first.at) / 1000;
    const measured = seconds > 0 ? (done - this.#first.done) / seconds : 0;
    // The server excludes texts from its cache from the rate that it reports.
    const reported = phase === "describe" ? this.#metrics.get("semantic/items_per_second") : undefined;
    const rate = reported || measured;
    return rate > 0 ? `${rate.toPrecision(3)} items/s` : undefined;
  }

  #shown(): string[] {
    return [...this.#metrics].flatMap(([name, value]) => {
      const show = SHOWN[name];
      return show === undefined ? [] : [show(value)];
    });
  }
}

function remaining({ etaMs, done, total }: RunProgress): string | undefined {
  return etaMs === undefined || done === total ? undefined : `${span(etaMs)} left`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
