/**
 * Prepares MovieLens 100k, trains four variants of LightCCF, evaluates them on the test part, and exports the model that
 * is best on the valid part. The variants are plain LightCCF (`base`), with semantic ids (`dseg`), with semantic ids and
 * random negatives (`random`), and with semantic ids and the negatives and temperatures of HGPO (`full`).
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

async function trainAndEvaluate(variant: (typeof variants)[number]) {
  const { dataset, semanticIds } = prep;
  const spec = { variant, dataset, semanticIds, ...settings, epochs };
  const trained = await follow(`train ${variant}`, client.train(spec));
  const { model, trainSeconds } = trained;
  const { metrics } = await follow(`evaluate ${variant}`, client.evaluate({ model, cutoffs: [10, 20] }));
  return { name: variant, metrics, trainSeconds, model, onValid: trained.metrics["ndcg@20"] ?? 0 };
}

const scored: Awaited<ReturnType<typeof trainAndEvaluate>>[] = [];
for (const variant of variants) scored.push(await trainAndEvaluate(variant));
const best = scored.reduce((left, right) => (right.onValid > left.onValid ? right : left));

for (const format of ["safetensors", "parquet", "topk"] as const) {
  const result = await follow(`export ${format}`, client.export({ model: best.model, format }));
  await client.artifacts.download(result.export, join(out, format));
}
console.log(`\n${comparison(scored)}\n\nexported "${best.name}", best on valid, to ${resolve(out)}`);
