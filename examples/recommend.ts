/**
 * Trains a model, then recommends items to users and lists similar items. The server computes these lists at once,
 * without a run.
 *
 *   npx tsx examples/recommend.ts [--epochs N] [--data-dir D]
 */
import { createClient, type ScoredItem } from "lghrec";
import { startLocalServer } from "lghrec/local";
import { readOptions } from "./lib/options.js";
import { follow } from "./lib/progress.js";

const { dataDir, epochs = 20 } = readOptions();
await using server = await startLocalServer({ dataDir });
await using client = createClient({ endpoint: server.endpoint });

const { dataset } = await client.preprocess({ source: { builtin: "movielens-100k" } }).wait();
const backbone = { name: "lightgcn", layers: 2 } as const;
const { model } = await follow("train", client.train({ dataset, backbone, epochs }));

const line = (items: readonly ScoredItem[]) =>
  items.map(({ item, score }) => `${item} (${score.toFixed(2)})`).join("  ");

// Ids of users and items are those of the data. Items that a user has seen are left out.
for (const { user, items, known } of await client.recommend({ model, users: ["1", "2", "nobody"], k: 5 })) {
  console.log(`for user ${user}: ${known ? line(items) : "unknown to this model"}`);
}
console.log(`similar to item 50: ${line(await client.similarItems({ model, item: "50", k: 5 }))}`);
