/**
 * Trains a model and prints its metrics during the training. To leave the loop would not stop the run.
 *
 *   npx tsx examples/train-and-watch.ts [--epochs N] [--data-dir D]
 */
import { createClient } from "lghrec";
import { startLocalServer } from "lghrec/local";
import { readOptions } from "./lib/options.js";

const { dataDir, epochs = 20 } = readOptions();
await using server = await startLocalServer({ dataDir });
await using client = createClient({ endpoint: server.endpoint });

const { dataset } = await client.preprocess({ source: { builtin: "movielens-100k" } }).wait();
const run = await client.train({ dataset, backbone: { name: "lightgcn", layers: 2 }, epochs });
console.log(`run ${run.id}`);

for await (const event of run.events()) {
  if (event.type === "state") console.log(event.state);
  if (event.type === "warning") console.log(`warning: ${event.message}`);
  if (event.type === "metric") console.log(`epoch ${event.step}  ${event.name}  ${event.value.toFixed(4)}`);
}

const { model, bestEpoch, metrics } = await run.wait();
console.log(`best epoch ${bestEpoch}, ndcg@20 ${metrics["ndcg@20"]?.toFixed(4)}, model ${model.id}`);
