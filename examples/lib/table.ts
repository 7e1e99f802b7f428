/** One trained variant with its metrics on the test part. */
export interface Scored {
  readonly name: string;
  /** Values by name, for example `recall@20`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly trainSeconds: number;
}

const ROWS = ["recall@10", "recall@20", "ndcg@10", "ndcg@20"];

/** Returns a table with one column per variant, and the relative difference of each variant from the first. */
export function comparison(scored: readonly Scored[]): string {
  const lines = [
    ["test split", ...scored.map(({ name }) => name)],
    ...ROWS.flatMap((metric) => {
      const values = scored.map(({ metrics }) => metrics[metric] ?? Number.NaN);
      const [first = Number.NaN, ...others] = values;
      return [
        [title(metric), ...values.map((value) => value.toFixed(4))],
        ["", "", ...others.map((value) => percent(value / first - 1))],
      ];
    }),
    ["seconds (train)", ...scored.map(({ trainSeconds }) => trainSeconds.toFixed(1))],
  ];
  return lines
    .map(([first = "", ...rest]) => first.padEnd(16) + rest.map((cell) => cell.padStart(12)).join(""))
    .join("\n");
}

const title = (metric: string) => metric.replace("recall", "Recall").replace("ndcg", "NDCG");

const percent = (share: number) => `${share < 0 ? "" : "+"}${(100 * share).toFixed(1)} %`;
