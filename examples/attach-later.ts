/**
 * Starts a run, closes the client, and attaches to the run by its id with another client. The second part could also be
 * another process, or run on the next day.
 *
 *   npx tsx examples/attach-later.ts [--epochs N] [--data-dir D]
 */
import { createClient } from "lghrec";
import { startLocalServer } from "lghrec/local";
import { readOptions } from "./lib/options.js";

const { dataDir, epochs = 20 } = readOptions();
await using server = await startLocalServer({ dataDir });

async function submit(): Promise<string> {
  await using client = createClient({ endpoint: server.endpoint });
  const { dataset } = await client.preprocess({ source: { builtin: "movielens-100k" } }).wait();
  const labels = { example: "attach-later" };
  const run = await client.train({ dataset, backbone: { name: "mf" }, epochs }, { labels });
  return run.id;
}

const id = await submit();
console.log(`submitted ${id}; the first client is closed, the run continues`);

await using client = createClient({ endpoint: server.endpoint });
const outcome = await client.runs.attach(id, "train").settled();
if (outcome.state === "succeeded") console.log(`succeeded: model ${outcome.result.model.id}`);
else console.log(outcome.state, outcome.state === "failed" ? outcome.failure.message : "");

for await (const run of client.runs.list({ labels: { example: "attach-later" } })) {
  console.log(run.createTime.toISOString(), run.id, run.state);
}
