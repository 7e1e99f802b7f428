import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const main = resolve(import.meta.dirname, "../../sdk/dist/cli/main.js");

const help = (...command: string[]) =>
  execFileSync(process.execPath, [main, ...command, "--help"], { encoding: "utf8" });

/** Returns the help without the options of every command and without the list of commands. */
const own = (text: string) => text.slice(0, text.indexOf("\nGlobal Options:"));

const names = (text: string) => [...text.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, name]) => name);

describe("help", () => {
  it("of preprocess is that of train, with --estimate and --preview", () => {
    const [train, preprocess] = [names(help("train")), names(help("preprocess"))];
    expect(preprocess.filter((name) => !train.includes(name))).toEqual(["--estimate", "--preview"]);
    expect(train.filter((name) => !preprocess.includes(name))).toEqual(["--variant", "--recipe"]);
    expect(/ {2}--estimate[\s\S]*?(?=\n {2}--timeout)/.exec(help("preprocess"))?.[0]).toMatchInlineSnapshot(`
      "  --estimate               only estimate the tokens, time and cost of the texts
        --preview                only generate and show the texts of a sample, with an
                                 estimate
        --wait                   wait until the run has ended (the default)
        --detach                 exit as soon as the server has accepted the run
        --validate               only check the spec on the server
        --idempotency-key <key>  start at most one run with this key
        --label <key=value>      label of the run (repeatable)
        --rerun <when>           if the run of the key failed: return it, or start a
                                 new run; the default is failed if CI is set, else
                                 never (choices: "never", "failed")
        --no-reuse               do not reuse the stored outputs of an equal run"
    `);
  });

  it("of datasets", () => {
    const each = ["upload", "list", "get", "delete"].map((name) => own(help("datasets", name)));
    expect([own(help("datasets")), ...each].join("\n---\n")).toMatchInlineSnapshot(`
      "Usage: lghrec datasets [options] [command]

      upload your own files, and list, show or delete them

      Options:
        -h, --help            display help for command

      ---
      Usage: lghrec datasets upload [options] <path>

      upload a file or a folder and print its id; an interrupted upload continues

      Arguments:
        path                  file or folder; hidden files and symbolic links below it
                              are left out

      Options:
        --name <text>         name to show in lists; the default is the name of the
                              file or folder
        -h, --help            display help for command

      ---
      Usage: lghrec datasets list [options]

      list uploaded data sets, newest first

      Options:
        --limit <number>      maximum number of data sets (default: 50)
        -h, --help            display help for command

      ---
      Usage: lghrec datasets get [options] <id>

      show a data set and its files

      Arguments:
        id                    id of the data set

      Options:
        -h, --help            display help for command

      ---
      Usage: lghrec datasets delete [options] <id>

      delete the raw files; data sets that were prepared from them stay

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

      inspect semantic ids

      Options:
        -h, --help              display help for command

      ---
      Usage: lghrec items show [options] <artifact> <item>

      show the text, reasoning, keywords, nearest items and provenance of an item

      Arguments:
        artifact              id of the semantic ids
        item                  id of the item as it appears in the data

      Options:
        -h, --help            display help for command

      ---
      Usage: lghrec providers [options]

      list the providers of item texts, and whether each is available

      Options:
        -h, --help            display help for command
      "
    `);
  });
});
