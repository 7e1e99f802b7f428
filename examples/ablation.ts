/**
 * Trains and evaluates variants of one spec, and compares them with `full`, the whole method. A second call of this
 * script uses the finished runs and starts only those that are missing.
 *
 *   npx tsx examples/ablation.ts [--epochs N] [--data-dir D]
 */
import { createClient } from "lghrec";
import { startLocalServer } from "lghrec/local";
import { readOptions } from "./lib/options.js";
import { follow } from "./lib/progress.js";

const { dataDir, epochs = 20 } = readOptions();
await using server = await startLocalServer({ dataDir });
await using client = createClient({ endpoint: server.endpoint });

const source = { builtin: "movielens-100k" } as const;
const semantic = { textSource: "extractive", encoder: "minilm" } as const;
const { dataset, semanticIds } = await follow("preprocess", client.preprocess({ source, semantic }));

const spec = { dataset, semanticIds, backbone: { name: "simgcl", layers: 2 }, epochs } as const;
const { rows, failures } = await client.ablation(spec, {
  variants: ["base", "dseg", "random", "full"],
  seeds: 1,
  compare: { metrics: ["ndcg@20"] },
  onProgress: ({ variant, step, state, done, total }) =>
    console.error(`${done}/${total} ${variant}: ${step} ${state}`),
});

for (const { variant, seed, step, failure } of failures) {
  console.log(`${variant}, seed ${seed}: ${step} failed, ${failure?.message ?? "cancelled"}`);
}
for (const { name, mean, difference } of rows) {
  const against = difference === undefined ? "baseline" : `${difference.toFixed(4)} from full`;
  console.log(`${name.padEnd(8)} ndcg@20 ${mean.toFixed(4)}  ${against}`);
}
