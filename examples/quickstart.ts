/**
 * From nothing to an exported model: prepares MovieLens 100k, trains LightCCF as it is (`base`), with semantic ids
 * (`dseg`), with negatives drawn at random (`random`) and with HGPO's (`full`), evaluates all on the test split
 * and exports the one that is best on the valid split.
 *
 *   npm run quickstart -- [--epochs N] [--data-dir D] [--out D]
 */
import { join, resolve } from "node:path";
import { createClient } from "lghrec";
import { startLocalServer } from "lghrec/local";
import { readOptions } from "./lib/options.js";
import { follow } from "./lib/progress.js";
import { settings } from "./lib/settings.js";
import { comparison } from "./lib/table.js";

const { dataDir, out, epochs } = readOptions();
await using server = await startLocalServer({ dataDir });
await using client = createClient({ endpoint: server.endpoint });

const prep = await follow(
  "preprocess",
  client.preprocess({
    source: { builtin: "movielens-100k" },
    semantic: { textSource: "extractive", encoder: "minilm" },
  }),
);
const { numUsers, numItems, numInteractions } = prep.statistics;
console.log(`MovieLens 100k: ${numUsers} users, ${numItems} items, ${numInteractions} interactions`);
console.log(
  "by GroupLens Research, for research use only and not to be redistributed (Harper & Konstan 2015)",
);

const variants = ["base", "dseg", "random", "full"] as const;

async function measure(variant: (typeof variants)[number]) {
  const { dataset, semanticIds } = prep;
  const spec = { variant, dataset, semanticIds, ...settings, epochs };
  const trained = await follow(`train ${variant}`, client.train(spec));
  const { model, trainSeconds } = trained;
  const { metrics } = await follow(`evaluate ${variant}`, client.evaluate({ model, cutoffs: [10, 20] }));
  return { name: variant, metrics, trainSeconds, model, onValid: trained.metrics["ndcg@20"] ?? 0 };
}

const scored: Awaited<ReturnType<typeof measure>>[] = [];
for (const variant of variants) scored.push(await measure(variant));
const best = scored.reduce((left, right) => (right.onValid > left.onValid ? right : left));

for (const format of ["safetensors", "parquet", "topk"] as const) {
  const made = await follow(`export ${format}`, client.export({ model: best.model, format }));
  await client.artifacts.download(made.export, join(out, format));
}
console.log(`\n${comparison(scored)}\n\nexported "${best.name}", best on valid, to ${resolve(out)}`);
