/**
 * Trains two backbones with two seeds each and compares them. Prints the means over seeds, the difference with its
 * confidence interval, and the p value of a paired test over users, corrected for all rows.
 *
 *   npx tsx examples/compare-runs.ts [--epochs N] [--data-dir D]
 */
import { createClient } from "lghrec";
import { startLocalServer } from "lghrec/local";
import { readOptions } from "./lib/options.js";
import { follow } from "./lib/progress.js";

const { dataDir, epochs = 20 } = readOptions();
await using server = await startLocalServer({ dataDir });
await using client = createClient({ endpoint: server.endpoint });

const { dataset } = await client.preprocess({ source: { builtin: "movielens-100k" } }).wait();
const runs: string[] = [];
for (const name of ["lightgcn", "simgcl"] as const) {
  for (const seed of [0, 1]) {
    const run = client.train({ dataset, backbone: { name, layers: 2 }, epochs, seed });
    await follow(`train ${name}, seed ${seed}`, run);
    runs.push((await run).id);
  }
}

// `compare` also evaluates the models. Runs that differ only in the seed become one entry.
const { rows } = await follow("compare", client.compare({ runs, metrics: ["ndcg@20"] }));
for (const { name, mean, std = 0, difference, intervalLow, intervalHigh, pHolm } of rows) {
  console.log(`${name.padEnd(16)} ndcg@20 ${mean.toFixed(4)} +- ${std.toFixed(4)}`);
  if (difference === undefined) continue;
  const interval = `[${intervalLow?.toFixed(4)}, ${intervalHigh?.toFixed(4)}]`;
  console.log(`  difference ${difference.toFixed(4)} in ${interval}, p ${pHolm?.toPrecision(2)}`);
}
