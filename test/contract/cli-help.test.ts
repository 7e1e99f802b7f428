import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const dist = resolve(import.meta.dirname, "../../sdk/dist");
const main = join(dist, "cli/main.js");
const MAX_HELP_MS = 150;
/** What Node takes to start and end on a machine with nothing else to do. */
const NODE_START_MS = 40;
const TRIES = 10;

const help = (...command: string[]) =>
  execFileSync(process.execPath, [main, ...command, "--help"], { encoding: "utf8" });

function best(work: () => unknown): number {
  const times = Array.from({ length: TRIES }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return Math.min(...times);
}

/** Packages that a module and all that it imports at load time bring in. */
function packagesLoadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const found = new Set<string>();
  for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(
    /^(?:import|export)\b(?:[^"]*\bfrom)?\s*"([^"]+)";/gm,
  )) {
    if (specifier.startsWith(".")) {
      for (const name of packagesLoadedBy(resolve(dirname(file), specifier), seen)) found.add(name);
    } else if (!specifier.startsWith("node:")) found.add(specifier);
  }
  return found;
}

describe("lghrec --help", () => {
  it("loads nothing but commander", () => {
    expect([...packagesLoadedBy(main)]).toEqual(["commander"]);
  });

  it(`answers within ${MAX_HELP_MS} ms`, () => {
    // the best of ten, and more on a machine that is busy: there Node alone takes longer to start
    const slowness = Math.max(1, best(() => execFileSync(process.execPath, ["-e", "0"])) / NODE_START_MS);
    expect(best(help)).toBeLessThan(MAX_HELP_MS * slowness);
  });

  it("lists the commands and exit codes", () => {
    expect(help()).toMatchInlineSnapshot(`
      "Usage: lghrec [options] [command]

      Trains, evaluates and exports graph recommenders on an LGHRec server.

      Options:
        -V, --version                 output the version number
        --endpoint <url>              the server; else LGHREC_ENDPOINT, else
                                      http://127.0.0.1:7300
        --output <format>             what goes to stdout (choices: "text", "json",
                                      "ndjson", default: "text")
        --output-file <path>          also write events and summary to this file, as
                                      NDJSON
        --quiet                       no progress and no notes on stderr
        --no-color                    accepted for scripts that give it; output has no
                                      colour
        -h, --help                    display help for command

      Commands:
        serve                         start a server and keep it running until it is
                                      interrupted
        doctor                        check that the server is there and fits, and
                                      that Python is
        preprocess <spec>             turn a data set into a split and semantic ids
        train <spec>                  train a backbone on a prepared data set
        evaluate [spec]               rank all items for every user and score the
                                      lists
        export [spec]                 write a trained model for other programs
        schema [kind]                 print the JSON Schema of a kind of spec, for
                                      editors and checks
        compare [runs...]             compare runs with paired tests, over users and
                                      over seeds
        ablation <spec>               train variants of a spec over seeds, or what is
                                      missing, and compare them
        report <runs...>              draw figures of trained models, fetch the page
                                      and print its path
        recommend <model> <users...>  list items for users, from a trained model and
                                      without a run
        similar <model> <item>        list the items nearest to an item in a trained
                                      model
        runs                          look at the runs of the server
        attach <id>                   wait for a run that is there already
        cancel <id>                   ask a run to stop
        download <id> <dir>           fetch the files of an artifact, or all outputs
                                      of a run
        datasets                      bring your own files to the server, and look at
                                      them
        items                         look into semantic ids
        providers                     list what can write texts of items, and whether
                                      it answers
        help [command]                display help for command

      Exit codes:
        0 success            4 run cancelled             8 server and client incompatible
        1 run failed         5 timeout, run goes on      9 port in use
        2 usage or spec      6 server unreachable       10 data directory unusable, disk full
        3 requirement unmet  7 not authorised           11 Python missing or too old
        130, 143 interrupted by SIGINT, SIGTERM
      "
    `);
  });

  it("of serve", () => {
    expect(help("serve")).toMatchInlineSnapshot(`
      "Usage: lghrec serve [options]

      start a server and keep it running until it is interrupted

      Options:
        --data-dir <path>               where state is kept; else LGHREC_DATA_DIR,
                                        else in the user's data folder
        --host <address>                address to listen on (default: "127.0.0.1")
        --port <number>                 port to listen on; 0 takes a free one
                                        (default: 7300)
        --import-root <path>            a folder that specs may name paths in
                                        (repeatable)
        --max-concurrent-runs <number>  runs that work at the same time
        -h, --help                      display help for command

      Global Options:
        -V, --version                   output the version number
        --endpoint <url>                the server; else LGHREC_ENDPOINT, else
                                        http://127.0.0.1:7300
        --output <format>               what goes to stdout (choices: "text", "json",
                                        "ndjson", default: "text")
        --output-file <path>            also write events and summary to this file, as
                                        NDJSON
        --quiet                         no progress and no notes on stderr
        --no-color                      accepted for scripts that give it; output has
                                        no colour
      "
    `);
  });

  it("of doctor", () => {
    expect(help("doctor")).toMatchInlineSnapshot(`
      "Usage: lghrec doctor [options]

      check that the server is there and fits, and that Python is

      Options:
        --wait <time>         keep asking for this long, for example 60s
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      the server; else LGHREC_ENDPOINT, else
                              http://127.0.0.1:7300
        --output <format>     what goes to stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and summary to this file, as NDJSON
        --quiet               no progress and no notes on stderr
        --no-color            accepted for scripts that give it; output has no colour
      "
    `);
  });

  it("of train", () => {
    expect(help("train")).toMatchInlineSnapshot(`
      "Usage: lghrec train [options] <spec>

      train a backbone on a prepared data set

      Arguments:
        spec                     YAML or JSON file with the spec; - reads standard
                                 input

      Options:
        --set <path=value>       change a field of the spec, for example epochs=5
                                 (repeatable)
        --variant <name>         an ablation by its name: base, dseg, random, no_dseg,
                                 no_adaptive_tau, random_neg, no_harm, grpo, full, ...
        --recipe <name>          setting of the backbone's own paper, or of the LGHRec
                                 paper (choices: "default", "backbone_paper",
                                 "lghrec_paper")
        --wait                   wait until the run has ended (the default)
        --detach                 end as soon as the server has accepted the run
        --validate               only check the spec on the server
        --idempotency-key <key>  the same key never starts two runs
        --label <key=value>      label of the run (repeatable)
        --rerun <when>           if the key's run failed: return it, or start anew
                                 (the default if CI is set) (choices: "never",
                                 "failed")
        --no-reuse               do the work again even if its outputs are stored
        --timeout <time>         wait at most this long, for example 10m; the run goes
                                 on
        --on-interrupt <what>    what the first Ctrl-C does to the run (choices:
                                 "cancel", "detach", default: "cancel")
        --require <gate>         fail unless a metric fits, for example
                                 'recall@20>=0.05' (repeatable)
        --junit <path>           write a JUnit report
        --summary <path>         write a Markdown summary
        -h, --help               display help for command

      Global Options:
        -V, --version            output the version number
        --endpoint <url>         the server; else LGHREC_ENDPOINT, else
                                 http://127.0.0.1:7300
        --output <format>        what goes to stdout (choices: "text", "json",
                                 "ndjson", default: "text")
        --output-file <path>     also write events and summary to this file, as NDJSON
        --quiet                  no progress and no notes on stderr
        --no-color               accepted for scripts that give it; output has no
                                 colour
      "
    `);
  });

  it("of evaluate and export is that of train but for the options that stand for fields", () => {
    const options = (verb: string) =>
      [...help(verb).matchAll(/^ {2}(--[\w-]+)/gm)].map(([, name]) => name).sort();
    const own = { train: ["--recipe", "--variant"], evaluate: ["--dataset", "--predictions"] };
    const common = options("train").filter((name) => !own.train.includes(name ?? ""));
    expect(options("train")).toEqual([...common, ...own.train].sort());
    expect(options("evaluate")).toEqual([...common, ...own.evaluate].sort());
    expect(options("export")).toEqual([...common, "--format", "--run"].sort());
  });

  it("of runs", () => {
    expect([help("runs"), help("runs", "list"), help("runs", "get")].join("\n---\n")).toMatchInlineSnapshot(`
      "Usage: lghrec runs [options] [command]

      look at the runs of the server

      Options:
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      the server; else LGHREC_ENDPOINT, else
                              http://127.0.0.1:7300
        --output <format>     what goes to stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and summary to this file, as NDJSON
        --quiet               no progress and no notes on stderr
        --no-color            accepted for scripts that give it; output has no colour

      Commands:
        list                  list runs, newest first
        get <id>              show one run
        help [command]        display help for command

      ---
      Usage: lghrec runs list [options]

      list runs, newest first

      Options:
        --kind <kind...>      only these kinds (choices: "preprocess", "train",
                              "evaluate", "export", "compare", "report")
        --state <state...>    only these states (choices: "queued", "starting",
                              "running", "stopping", "succeeded", "failed",
                              "cancelled")
        --label <key=value>   only runs with this label (repeatable)
        --limit <number>      at most this many (default: 50)
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      the server; else LGHREC_ENDPOINT, else
                              http://127.0.0.1:7300
        --output <format>     what goes to stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and summary to this file, as NDJSON
        --quiet               no progress and no notes on stderr
        --no-color            accepted for scripts that give it; output has no colour

      ---
      Usage: lghrec runs get [options] <id>

      show one run

      Arguments:
        id                    id of the run

      Options:
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      the server; else LGHREC_ENDPOINT, else
                              http://127.0.0.1:7300
        --output <format>     what goes to stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and summary to this file, as NDJSON
        --quiet               no progress and no notes on stderr
        --no-color            accepted for scripts that give it; output has no colour
      "
    `);
  });

  it("of attach, cancel and download", () => {
    expect([help("attach"), help("cancel"), help("download")].join("\n---\n")).toMatchInlineSnapshot(`
      "Usage: lghrec attach [options] <id>

      wait for a run that is there already

      Arguments:
        id                     id of the run

      Options:
        --timeout <time>       wait at most this long, for example 10m; the run goes
                               on
        --on-interrupt <what>  what the first Ctrl-C does to the run (choices:
                               "cancel", "detach", default: "detach")
        --require <gate>       fail unless a metric fits, for example
                               'recall@20>=0.05' (repeatable)
        --junit <path>         write a JUnit report
        --summary <path>       write a Markdown summary
        -h, --help             display help for command

      Global Options:
        -V, --version          output the version number
        --endpoint <url>       the server; else LGHREC_ENDPOINT, else
                               http://127.0.0.1:7300
        --output <format>      what goes to stdout (choices: "text", "json", "ndjson",
                               default: "text")
        --output-file <path>   also write events and summary to this file, as NDJSON
        --quiet                no progress and no notes on stderr
        --no-color             accepted for scripts that give it; output has no colour

      ---
      Usage: lghrec cancel [options] <id>

      ask a run to stop

      Arguments:
        id                    id of the run

      Options:
        --now                 kill its worker instead of stopping at the next step
        --reason <text>       kept in the run's log
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      the server; else LGHREC_ENDPOINT, else
                              http://127.0.0.1:7300
        --output <format>     what goes to stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and summary to this file, as NDJSON
        --quiet               no progress and no notes on stderr
        --no-color            accepted for scripts that give it; output has no colour

      ---
      Usage: lghrec download [options] <id> <dir>

      fetch the files of an artifact, or all outputs of a run

      Arguments:
        id                    id of an artifact or a run
        dir                   folder to write to; a run with several outputs gets a
                              folder for each

      Options:
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      the server; else LGHREC_ENDPOINT, else
                              http://127.0.0.1:7300
        --output <format>     what goes to stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and summary to this file, as NDJSON
        --quiet               no progress and no notes on stderr
        --no-color            accepted for scripts that give it; output has no colour
      "
    `);
  });
});
