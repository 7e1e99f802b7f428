/**
 * From nothing to an exported model: prepares MovieLens 100k, trains LightCCF as it is (`base`), with semantic ids
 * (`dseg`), with negatives drawn at random (`random`) and with HGPO's (`full`), evaluates all on the test split
 * and exports the last.
 *
 *   npm run quickstart -- [--epochs N] [--data-dir D] [--out D]
 */
import { join, resolve } from "node:path";
import { createClient } from "lghrec";
import { startLocalServer } from "lghrec/local";
import { readOptions } from "./lib/options.js";
import { follow } from "./lib/progress.js";
import { settings } from "./lib/settings.js";
import { comparison, type Scored } from "./lib/table.js";

const { dataDir, out, epochs } = readOptions();
await using server = await startLocalServer({ dataDir });
await using client = createClient({ endpoint: server.endpoint });

const prep = await follow(
  "preprocess",
  client.preprocess({
    source: { builtin: "movielens-100k" },
    semantic: { cot: "extractive", encoder: "minilm" },
  }),
);
const { numUsers, numItems, numInteractions } = prep.statistics;
console.log(`MovieLens 100k: ${numUsers} users, ${numItems} items, ${numInteractions} interactions`);
console.log(
  "by GroupLens Research, for research use only and not to be redistributed (Harper & Konstan 2015)",
);

async function measure(variant: "base" | "dseg" | "random" | "full") {
  const { dataset, semanticIds } = prep;
  const spec = { variant, dataset, semanticIds, ...settings, epochs };
  const { model, trainSeconds } = await follow(`train ${variant}`, client.train(spec));
  const report = await follow(`evaluate ${variant}`, client.evaluate({ model, cutoffs: [10, 20] }));
  return { name: variant, metrics: report.metrics, trainSeconds, model } satisfies Scored & {
    model: unknown;
  };
}

const base = await measure("base");
const dseg = await measure("dseg");
const random = await measure("random");
const full = await measure("full");

for (const format of ["safetensors", "parquet", "topk"] as const) {
  const made = await follow(`export ${format}`, client.export({ model: full.model, format }));
  await client.artifacts.download(made.export, join(out, format));
}
console.log(`\n${comparison([base, dseg, random, full])}\n\nexported files: ${resolve(out)}`);
