/**
 * Evaluates the predictions of another program, here the most popular books, with the same metrics as models. Uploads a
 * split of its own, and a file with user, item and score.
 *
 *   npx tsx examples/foreign-predictions.ts [--data-dir D]
 */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "lghrec";
import { startLocalServer } from "lghrec/local";
import { readOptions } from "./lib/options.js";
import { follow } from "./lib/progress.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

// 60 readers: each has read every third of the first 20 books, and every fifth of the others. Every fifth pair is held
// out for the test.
const read = numbers(60).flatMap((u) =>
  numbers(40)
    .filter((b) => (u + b) % (b < 20 ? 3 : 5) === 0)
    .map((b) => [u, b] as const),
);
const [train, test] = [read.filter((_, i) => i % 5 > 0), read.filter((_, i) => i % 5 === 0)];
const popularity = (book: number) => train.filter(([, b]) => b === book).length;
const predicted = numbers(60).flatMap((u) => numbers(40).map((b) => [u, b, popularity(b)] as const));

const rows = (lines: readonly (readonly number[])[]) => lines.map((line) => `${line.join(",")}\n`).join("");
const upload = async (files: Record<string, string>) => {
  const folder = await mkdtemp(join(tmpdir(), "lghrec-books-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return client.datasets.upload(folder);
};

await using server = await startLocalServer({ dataDir: readOptions().dataDir });
await using client = createClient({ endpoint: server.endpoint });

const columns = { user: "reader", item: "book" };
const split = { "train.csv": `reader,book\n${rows(train)}`, "test.csv": `reader,book\n${rows(test)}` };
const files = { train: "train.csv", test: "test.csv" };
const source = { upload: await upload(split), format: "delimited", columns, files } as const;
const { dataset } = await follow("preprocess", client.preprocess({ source, split: { method: "given" } }));

const scores = await upload({ "scores.csv": `reader,book,score\n${rows(predicted)}` });
const predictions = { dataset, upload: scores, columns };
const { metrics } = await follow("evaluate", client.evaluate({ predictions, metrics: ["recall", "ndcg"] }));
for (const [name, value] of Object.entries(metrics)) console.log(`${name.padEnd(10)} ${value.toFixed(4)}`);
