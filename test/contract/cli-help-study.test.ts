import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { VARIANTS } from "lghrec";
import { describe, expect, it } from "vitest";

const main = resolve(import.meta.dirname, "../../sdk/dist/cli/main.js");

/** Returns the help without the options of every command. */
const help = (...command: string[]) => {
  const text = execFileSync(process.execPath, [main, ...command, "--help"], { encoding: "utf8" });
  return text.slice(0, text.indexOf("\nGlobal Options:"));
};

describe("help", () => {
  it("of compare", () => {
    expect(help("compare")).toMatchInlineSnapshot(`
      "Usage: lghrec compare [options] [runs...]

      compare runs with paired tests over users and over seeds

      Arguments:
        runs                   ids of train or evaluate runs; runs that differ only in
                               the seed become one entry

      Options:
        --name <name=run,run>  name and runs of an entry (repeatable)
        --baseline <name>      entry to compare the others with; the default is the
                               first
        --metrics <a,b>        metrics; the default is recall@20,ndcg@20
        --resamples <number>   number of bootstrap samples and of sign flips; the
                               default is 10000
        --markdown             print the table as Markdown
        --latex                print the table as LaTeX
        --json                 short for --output json
        --timeout <time>       wait at most this long, for example 10m; the run
                               continues
        --on-interrupt <what>  effect of the first Ctrl-C on the run (choices:
                               "cancel", "detach", default: "cancel")
        -h, --help             display help for command
      "
    `);
  });

  it("of ablation", () => {
    expect(help("ablation")).toMatchInlineSnapshot(`
      "Usage: lghrec ablation [options] <spec>

      train and evaluate variants over several seeds, and compare them

      Arguments:
        spec                    YAML or JSON file with a train spec; - reads standard
                                input

      Options:
        --set <path=value>      set a field of the spec, for example epochs=5
                                (repeatable)
        --variants <a,b>        variants, for example base,random,full; the default is
                                the variants of the method
        --seeds <number>        number of seeds per variant; the default is 5
        --baseline <variant>    variant to compare the others with; the default is
                                full
        --concurrency <number>  variants at the same time; the default is the number
                                of runs that the server runs
        --label <key=value>     label of every run (repeatable)
        --rerun <when>          if the run of the key failed: return it, or start a
                                new run; the default is failed if CI is set, else
                                never (choices: "never", "failed")
        --out <dir>             also write the results and tables to this folder
        --metrics <a,b>         metrics; the default is recall@20,ndcg@20
        --resamples <number>    number of bootstrap samples and of sign flips; the
                                default is 10000
        --markdown              print the table as Markdown
        --latex                 print the table as LaTeX
        --json                  short for --output json
        --on-interrupt <what>   effect of the first Ctrl-C on the run (choices:
                                "cancel", "detach", default: "cancel")
        -h, --help              display help for command
      "
    `);
  });

  it("of report", () => {
    expect(help("report")).toMatchInlineSnapshot(`
      "Usage: lghrec report [options] <runs...>

      create a page of figures from trained models, download it and print its path

      Arguments:
        runs                     ids of train or evaluate runs, the subject of the
                                 page first; add a compare run for its table

      Options:
        --sweep <field=run,run>  runs that differ in this field of their specs
                                 (repeatable)
        --out <dir>              folder to write to (default: "lghrec-report")
        --timeout <time>         wait at most this long, for example 10m; the run
                                 continues
        --on-interrupt <what>    effect of the first Ctrl-C on the run (choices:
                                 "cancel", "detach", default: "cancel")
        -h, --help               display help for command
      "
    `);
  });

  it("of recommend and similar", () => {
    expect([help("recommend"), help("similar")].join("\n---\n")).toMatchInlineSnapshot(`
      "Usage: lghrec recommend [options] <model> <users...>

      recommend items to users with a trained model, without a run

      Arguments:
        model                 id of a model, or of its train run
        users                 user ids as they appear in the data

      Options:
        --k <number>          number of items per list; the default is 10
        --json                short for --output json
        --include-seen        include items that the user has seen
        -h, --help            display help for command

      ---
      Usage: lghrec similar [options] <model> <item>

      list the items that are most similar to an item in a trained model

      Arguments:
        model                 id of a model, or of its train run
        item                  item id as it appears in the data

      Options:
        --k <number>          number of items per list; the default is 10
        --json                short for --output json
        -h, --help            display help for command
      "
    `);
  });

  it("of train, evaluate and export describes the options that set fields", () => {
    const options = (verb: string, ...names: string[]) =>
      names.map((name) => new RegExp(` {2}${name} [\\s\\S]*?(?=\\n {2}--)`).exec(help(verb))?.[0]);
    expect(
      [
        ...options("train", "--variant", "--recipe"),
        ...options("evaluate", "--predictions", "--dataset"),
        ...options("export", "--run", "--format"),
      ].join("\n"),
    ).toMatchInlineSnapshot(`
      "  --variant <name>         variant of the method: base, dseg, random, no_dseg,
                                 no_adaptive_tau, random_neg, no_harm, grpo, full, ...
        --recipe <name>          fill in missing fields from the backbone's paper or
                                 from the LGHRec paper (choices: "default",
                                 "backbone_paper", "lghrec_paper")
        --predictions <path>     predictions of another program: path of a file on the
                                 server, or id of an upload
        --dataset <id>           id of the prepared data set that the predictions
                                 belong to
        --run <id>               id of a train run that has ended or was stopped,
                                 instead of a model
        --format <name>          format, for example safetensors, parquet, topk, onnx
                                 or usearch"
    `);
  });

  it("of train names existing variants", () => {
    const [, names = ""] =
      /--variant <name>\s+variant of the method: ([\s\S]*?), \.\.\./.exec(help("train")) ?? [];
    expect(names.split(/,\s+/)).toEqual(VARIANTS.slice(0, 9));
  });
});
