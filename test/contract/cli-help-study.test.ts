import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { VARIANTS } from "lghrec";
import { describe, expect, it } from "vitest";

const main = resolve(import.meta.dirname, "../../sdk/dist/cli/main.js");

/** Without the options that all commands have. */
const help = (...command: string[]) => {
  const text = execFileSync(process.execPath, [main, ...command, "--help"], { encoding: "utf8" });
  return text.slice(0, text.indexOf("\nGlobal Options:"));
};

describe("help", () => {
  it("of compare", () => {
    expect(help("compare")).toMatchInlineSnapshot(`
      "Usage: lghrec compare [options] [runs...]

      compare runs with paired tests, over users and over seeds

      Arguments:
        runs                   train or evaluate runs; those that differ in the seed
                               alone become one entry

      Options:
        --name <name=run,run>  runs of one entry under a name of your own (repeatable)
        --baseline <name>      the entry that the others are compared with; else the
                               first
        --metrics <a,b>        such as recall@20,ndcg@20 (the default)
        --resamples <number>   bootstrap samples and sign flips
        --markdown             print the table as Markdown
        --latex                print the table as LaTeX
        --json                 as --output json
        --timeout <time>       wait at most this long, for example 10m; the run goes
                               on
        --on-interrupt <what>  what the first Ctrl-C does to the run (choices:
                               "cancel", "detach", default: "cancel")
        -h, --help             display help for command
      "
    `);
  });

  it("of ablation", () => {
    expect(help("ablation")).toMatchInlineSnapshot(`
      "Usage: lghrec ablation [options] <spec>

      train variants of a spec over seeds, or what is missing, and compare them

      Arguments:
        spec                    YAML or JSON file with the spec of a train run; -
                                reads standard input

      Options:
        --set <path=value>      change a field of the spec, for example epochs=5
                                (repeatable)
        --variants <a,b>        such as base,random,full; else those of the paper's
                                table
        --seeds <number>        seeds a variant; 5
        --baseline <variant>    the variant that the others are compared with; full
        --concurrency <number>  variants in work at a time; as many as the server runs
        --label <key=value>     label of every run (repeatable)
        --rerun <when>          if the key's run failed: return it, or start anew (the
                                default if CI is set) (choices: "never", "failed")
        --out <dir>             also write the results and tables to this folder
        --metrics <a,b>         such as recall@20,ndcg@20 (the default)
        --resamples <number>    bootstrap samples and sign flips
        --markdown              print the table as Markdown
        --latex                 print the table as LaTeX
        --json                  as --output json
        --on-interrupt <what>   what the first Ctrl-C does to the run (choices:
                                "cancel", "detach", default: "cancel")
        -h, --help              display help for command
      "
    `);
  });

  it("of report", () => {
    expect(help("report")).toMatchInlineSnapshot(`
      "Usage: lghrec report [options] <runs...>

      draw figures of trained models, fetch the page and print its path

      Arguments:
        runs                     train or evaluate runs, the first is what the page is
                                 about; a compare run for its table

      Options:
        --sweep <field=run,run>  runs that differ in this field of their specs
                                 (repeatable)
        --out <dir>              folder to write to (default: "lghrec-report")
        --timeout <time>         wait at most this long, for example 10m; the run goes
                                 on
        --on-interrupt <what>    what the first Ctrl-C does to the run (choices:
                                 "cancel", "detach", default: "cancel")
        -h, --help               display help for command
      "
    `);
  });

  it("of recommend and similar", () => {
    expect([help("recommend"), help("similar")].join("\n---\n")).toMatchInlineSnapshot(`
      "Usage: lghrec recommend [options] <model> <users...>

      list items for users, from a trained model and without a run

      Arguments:
        model                 id of a model, or of its train run
        users                 ids of users as they are in the data

      Options:
        --k <number>          items a list; else the server's default
        --json                as --output json
        --include-seen        also items that the user has seen
        -h, --help            display help for command

      ---
      Usage: lghrec similar [options] <model> <item>

      list the items nearest to an item in a trained model

      Arguments:
        model                 id of a model, or of its train run
        item                  id of the item as it is in the data

      Options:
        --k <number>          items a list; else the server's default
        --json                as --output json
        -h, --help            display help for command
      "
    `);
  });

  it("of train, evaluate and export says what options stand for", () => {
    const options = (verb: string, ...names: string[]) =>
      names.map((name) => new RegExp(` {2}${name} [\\s\\S]*?(?=\\n {2}--)`).exec(help(verb))?.[0]);
    expect(
      [
        ...options("train", "--variant", "--recipe"),
        ...options("evaluate", "--predictions", "--dataset"),
        ...options("export", "--run", "--format"),
      ].join("\n"),
    ).toMatchInlineSnapshot(`
      "  --variant <name>         an ablation by its name: base, dseg, random, no_dseg,
                                 no_adaptive_tau, random_neg, no_harm, grpo, full, ...
        --recipe <name>          setting of the backbone's own paper, or of the LGHRec
                                 paper (choices: "default", "backbone_paper",
                                 "lghrec_paper")
        --predictions <path>     scores of another program: a file on the server, or
                                 the id of an upload
        --dataset <id>           the prepared data set that the predictions are of
        --run <id>               a train run that ended or was stopped, instead of a
                                 model
        --format <name>          such as safetensors, parquet, topk, onnx or usearch"
    `);
  });

  it("of train names variants that there are", () => {
    const [, names = ""] =
      /--variant <name>\s+an ablation by its name: ([\s\S]*?), \.\.\./.exec(help("train")) ?? [];
    expect(names.split(/,\s+/)).toEqual(VARIANTS.slice(0, 9));
  });
});
