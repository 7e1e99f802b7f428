import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const main = resolve(import.meta.dirname, "../../sdk/dist/cli/main.js");

const help = (...command: string[]) =>
  execFileSync(process.execPath, [main, ...command, "--help"], { encoding: "utf8" });

/** Without the options that all commands have, and the list of commands that comes after them. */
const own = (text: string) => text.slice(0, text.indexOf("\nGlobal Options:"));

const names = (text: string) => [...text.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, name]) => name);

describe("help", () => {
  it("of preprocess is that of train, and says how far to go", () => {
    const [train, preprocess] = [names(help("train")), names(help("preprocess"))];
    expect(preprocess.filter((name) => !train.includes(name))).toEqual(["--estimate", "--preview"]);
    expect(train.filter((name) => !preprocess.includes(name))).toEqual(["--variant", "--recipe"]);
    expect(/ {2}--estimate[\s\S]*?(?=\n {2}--timeout)/.exec(help("preprocess"))?.[0]).toMatchInlineSnapshot(`
      "  --estimate               only tell tokens, time and money that the texts would
                                 take
        --preview                only write the texts of a sample and show them, with
                                 an estimate
        --wait                   wait until the run has ended (the default)
        --detach                 end as soon as the server has accepted the run
        --validate               only check the spec on the server
        --idempotency-key <key>  the same key never starts two runs
        --label <key=value>      label of the run (repeatable)
        --rerun <when>           if the key's run failed: return it, or start anew
                                 (the default if CI is set) (choices: "never",
                                 "failed")
        --no-reuse               do the work again even if its outputs are stored"
    `);
  });

  it("of datasets", () => {
    const each = ["upload", "list", "get", "delete"].map((name) => own(help("datasets", name)));
    expect([own(help("datasets")), ...each].join("\n---\n")).toMatchInlineSnapshot(`
      "Usage: lghrec datasets [options] [command]

      bring your own files to the server, and look at them

      Options:
        -h, --help            display help for command

      ---
      Usage: lghrec datasets upload [options] <path>

      send a file or a folder, go on where a cut upload ended, print the id

      Arguments:
        path                  file or folder; hidden files and symbolic links are left
                              out

      Options:
        --name <text>         free text; else the name of the file or folder
        -h, --help            display help for command

      ---
      Usage: lghrec datasets list [options]

      list uploaded data sets, newest first

      Options:
        --limit <number>      at most this many (default: 50)
        -h, --help            display help for command

      ---
      Usage: lghrec datasets get [options] <id>

      show one data set and its files

      Arguments:
        id                    id of the data set

      Options:
        -h, --help            display help for command

      ---
      Usage: lghrec datasets delete [options] <id>

      remove the raw files; what was prepared from them stays

      Arguments:
        id                    id of the data set

      Options:
        -h, --help            display help for command
      "
    `);
    expect(help("datasets").match(/^ {2}(upload|list|get|delete) /gm)).toHaveLength(4);
  });

  it("of items and providers", () => {
    const each = [help("items"), help("items", "show"), help("providers")];
    expect(each.map(own).join("\n---\n")).toMatchInlineSnapshot(`
      "Usage: lghrec items [options] [command]

      look into semantic ids

      Options:
        -h, --help              display help for command

      ---
      Usage: lghrec items show [options] <artifact> <item>

      show text, reasoning, keywords, nearest items and provenance of an item

      Arguments:
        artifact              id of semantic ids
        item                  the item's own id in the data

      Options:
        -h, --help            display help for command

      ---
      Usage: lghrec providers [options]

      list what can write texts of items, and whether it answers

      Options:
        -h, --help            display help for command
      "
    `);
  });
});
