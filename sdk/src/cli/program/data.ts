/** Commands about uploaded data sets and about semantic ids. */

import type { Command } from "commander";
import { integer } from "../flags.js";
import { command } from "./parts.js";

export function addData(program: Command): void {
  const datasets = command(program, "datasets", "bring your own files to the server, and look at them");
  command(datasets, "upload", "send a file or a folder, go on where a cut upload ended, print the id")
    .argument("<path>", "file or folder; hidden files and symbolic links are left out")
    .option("--name <text>", "free text; else the name of the file or folder")
    .action(async (path: string, _, self: Command) =>
      (await import("../commands/datasets.js")).uploadDataset(path, self.optsWithGlobals()),
    );
  command(datasets, "list", "list uploaded data sets, newest first")
    .option("--limit <number>", "at most this many", integer(1, 100_000), 50)
    .action(async (_, self: Command) =>
      (await import("../commands/datasets.js")).listDatasets(self.optsWithGlobals()),
    );
  command(datasets, "get", "show one data set and its files")
    .argument("<id>", "id of the data set")
    .action(async (id: string, _, self: Command) =>
      (await import("../commands/datasets.js")).getDataset(id, self.optsWithGlobals()),
    );
  command(datasets, "delete", "remove the raw files; what was prepared from them stays")
    .argument("<id>", "id of the data set")
    .action(async (id: string, _, self: Command) =>
      (await import("../commands/datasets.js")).deleteDataset(id, self.optsWithGlobals()),
    );
  const items = command(program, "items", "look into semantic ids");
  command(items, "show", "show text, reasoning, keywords, nearest items and provenance of an item")
    .argument("<artifact>", "id of semantic ids")
    .argument("<item>", "the item's own id in the data")
    .action(async (artifact: string, item: string, _, self: Command) =>
      (await import("../commands/items.js")).showItem(artifact, item, self.optsWithGlobals()),
    );
  command(program, "providers", "list what can write texts of items, and whether it answers").action(
    async (_, self: Command) => (await import("../commands/providers.js")).providers(self.optsWithGlobals()),
  );
}
