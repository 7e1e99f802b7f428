/**
 * Uploads your own files: writes two small CSV files, uploads their folder, prepares them by the names of their columns,
 * and shows the text behind one item's semantic id.
 *
 *   npx tsx examples/upload-your-own.ts [--data-dir D]
 */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "lghrec";
import { startLocalServer } from "lghrec/local";
import { readOptions } from "./lib/options.js";
import { follow } from "./lib/progress.js";

const KINDS = ["tea", "coffee", "cocoa", "juice"];
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

// 60 readers, each with two favourite kinds of drink, who rate two of three books about these drinks.
const books = numbers(40).map((i) => `b${i},About ${KINDS[i % 4]} ${i},A guide to ${KINDS[i % 4]} at home`);
const ratings = numbers(60).flatMap((u) =>
  numbers(40)
    .filter((i) => [u % 4, (u + 1) % 4].includes(i % 4) && (u + i) % 3 > 0)
    .map((i) => `reader${u},b${i},${3 + ((u * i) % 3)}`),
);
const folder = await mkdtemp(join(tmpdir(), "lghrec-books-"));
await writeFile(join(folder, "ratings.csv"), `reader,book,stars\n${ratings.join("\n")}\n`);
await writeFile(join(folder, "books.csv"), `book,title,blurb\n${books.join("\n")}\n`);

await using server = await startLocalServer({ dataDir: readOptions().dataDir });
await using client = createClient({ endpoint: server.endpoint });

const upload = await client.datasets.upload(folder, { name: "books" });
console.log(`uploaded ${upload.files.length} files, ${upload.sizeBytes} bytes, as ${upload.id}`);

const columns = { user: "reader", item: "book", rating: "stars", text: ["title", "blurb"] };
const files = { interactions: "ratings.csv", items: "books.csv" };
const source = { upload, format: "delimited", columns, files } as const;
const prep = await follow(
  "preprocess",
  client.preprocess({ source, semantic: { textSource: "extractive" } }),
);
console.log(`${prep.statistics.numUsers} users, ${prep.statistics.numItems} items`);

if (prep.semanticIds) {
  const card = await client.semanticIds.card(prep.semanticIds, "b1");
  console.log(`${card.text}\n${card.reasoning}\nkeywords: ${card.keywords.join(", ")}`);
  for (const { item, similarity, title } of card.neighbors) console.log(similarity.toFixed(3), item, title);
}
