/** Shows on stderr how far a run is. */

import type { RunEvent, RunProgress } from "../../index.js";
import { barLine, type ProgressStream, StatusLine, span } from "./status-line.js";

type ProgressEvent = Extract<RunEvent, { type: "progress" }>;

/** Phases that count items, and so have a rate that means something. */
const ITEM_PHASES: ReadonlySet<string> = new Set(["describe", "encode", "neighbors"]);

/** Of all metrics, those that tell at a glance whether it goes well. */
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
  /** The first event of the phase: rates count from there. */
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

  /** Takes the redrawn line away, so that other text does not run into it. */
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
    const facts = [this.#rate(event), left(event), ...this.#shown()].filter((fact) => fact !== undefined);
    if (!total) return [phase.padEnd(10), String(done), ...facts].join(" ");
    return barLine(phase, done / total, { facts: [`${done}/${total}`, ...facts], width });
  }

  /** By the clock of the server, so that a run looked at later shows what it did then. */
  #rate({ phase, time, done }: ProgressEvent): string | undefined {
    if (!ITEM_PHASES.has(phase)) return undefined;
    const seconds = (time.getTime() - this.#first.at) / 1000;
    const measured = seconds > 0 ? (done - this.#first.done) / seconds : 0;
    // A server that writes texts knows which of them it took from its cache.
    const told = phase === "describe" ? this.#metrics.get("semantic/items_per_second") : undefined;
    const rate = told || measured;
    return rate > 0 ? `${rate.toPrecision(3)} items/s` : undefined;
  }

  #shown(): string[] {
    return [...this.#metrics].flatMap(([name, value]) => {
      const show = SHOWN[name];
      return show === undefined ? [] : [show(value)];
    });
  }
}

function left({ etaMs, done, total }: RunProgress): string | undefined {
  return etaMs === undefined || done === total ? undefined : `${span(etaMs)} left`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
