/** One trained variant with its figures on the test split. */
export interface Scored {
  readonly name: string;
  /** For example `recall@20`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly trainSeconds: number;
}

const ROWS = ["recall@10", "recall@20", "ndcg@10", "ndcg@20"];

/** Both variants side by side, with how far the second is from the first. */
export function comparison(base: Scored, other: Scored): string {
  const lines = [
    ["test split", base.name, other.name, "difference"],
    ...ROWS.map((metric) => {
      const [before, after] = [base.metrics[metric] ?? Number.NaN, other.metrics[metric] ?? Number.NaN];
      return [title(metric), before.toFixed(4), after.toFixed(4), percent(after / before - 1)];
    }),
    ["seconds (train)", base.trainSeconds.toFixed(1), other.trainSeconds.toFixed(1), ""],
  ];
  return lines
    .map(([first = "", ...rest]) => first.padEnd(16) + rest.map((cell) => cell.padStart(12)).join(""))
    .join("\n");
}

const title = (metric: string) => metric.replace("recall", "Recall").replace("ndcg", "NDCG");

const percent = (share: number) => `${share < 0 ? "" : "+"}${(100 * share).toFixed(1)} %`;
