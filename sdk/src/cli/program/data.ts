/** Commands about uploaded data sets and semantic ids: `datasets`, `items` and `providers`. */

import type { Command } from "commander";
import { integer } from "../flags.js";
import { command } from "./parts.js";

export function addData(program: Command): void {
  const datasets = command(program, "datasets", "upload your own files, and list, show or delete them");
  command(datasets, "upload", "upload a file or a folder and print its id; an interrupted upload continues")
    .argument("<path>", "file or folder; hidden files and symbolic links below it are left out")
    .option("--name <text>", "name to show in lists; the default is the name of the file or folder")
    .action(async (path: string, _, self: Command) =>
      (await import("../commands/datasets.js")).uploadDataset(path, self.optsWithGlobals()),
    );
  command(datasets, "list", "list uploaded data sets, newest first")
    .option("--limit <number>", "maximum number of data sets", integer(1, 100_000), 50)
    .action(async (_, self: Command) =>
      (await import("../commands/datasets.js")).listDatasets(self.optsWithGlobals()),
    );
  command(datasets, "get", "show a data set and its files")
    .argument("<id>", "id of the data set")
    .action(async (id: string, _, self: Command) =>
      (await import("../commands/datasets.js")).getDataset(id, self.optsWithGlobals()),
    );
  command(datasets, "delete", "delete the raw files; data sets that were prepared from them stay")
    .argument("<id>", "id of the data set")
    .action(async (id: string, _, self: Command) =>
      (await import("../commands/datasets.js")).deleteDataset(id, self.optsWithGlobals()),
    );
  const items = command(program, "items", "inspect semantic ids");
  command(items, "show", "show the text, reasoning, keywords, nearest items and provenance of an item")
    .argument("<artifact>", "id of the semantic ids")
    .argument("<item>", "id of the item as it appears in the data")
    .action(async (artifact: string, item: string, _, self: Command) =>
      (await import("../commands/items.js")).showItem(artifact, item, self.optsWithGlobals()),
    );
  command(program, "providers", "list the providers of item texts, and whether each is available").action(
    async (_, self: Command) => (await import("../commands/providers.js")).providers(self.optsWithGlobals()),
  );
}
