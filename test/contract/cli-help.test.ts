import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const dist = resolve(import.meta.dirname, "../../sdk/dist");
const main = join(dist, "cli/main.js");

const help = (...command: string[]) =>
  execFileSync(process.execPath, [main, ...command, "--help"], { encoding: "utf8" });

/** The packages that `lghrec --help` loads, and the paths of our own modules below `dist`. */
function loadedByHelp(): { packages: Set<string>; modules: Set<string> } {
  const [packages, modules] = [new Set<string>(), new Set<string>()];
  const visit = (file: string) => {
    if (modules.has(relative(dist, file))) return;
    modules.add(relative(dist, file));
    for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(
      /^(?:import|export)\b(?:[^"]*\bfrom)?\s*"([^"]+)";/gm,
    )) {
      if (specifier.startsWith(".")) visit(resolve(dirname(file), specifier));
      else if (!specifier.startsWith("node:")) packages.add(specifier);
    }
  };
  visit(main);
  return { packages, modules };
}

// How fast the help is depends on what it loads: the client and its generated messages take most of the time.
describe("lghrec --help", () => {
  it("loads commander and no other package", () => {
    expect([...loadedByHelp().packages]).toEqual(["commander"]);
  });

  it("loads the table of commands, but neither the client nor the code of a command", () => {
    const modules = [...loadedByHelp().modules].sort();
    expect(modules).toContain("cli/program/program.js");
    expect(modules.filter((path) => !/^cli\/(program\/)?[a-z-]+\.js$/.test(path))).toEqual([]);
  });

  it("lists the commands and exit codes", () => {
    expect(help()).toMatchInlineSnapshot(`
      "Usage: lghrec [options] [command]

      Trains, evaluates and exports graph recommenders on an LGHRec server.

      Options:
        -V, --version                 output the version number
        --endpoint <url>              address of the server; the default is
                                      LGHREC_ENDPOINT, then http://127.0.0.1:7300
        --output <format>             format of stdout (choices: "text", "json",
                                      "ndjson", default: "text")
        --output-file <path>          also write events and the summary to this file
                                      as NDJSON
        --quiet                       write no progress and no notes to stderr
        --no-color                    accepted for scripts; the output has no colour
        -h, --help                    display help for command

      Commands:
        serve                         start a server and run it until it is
                                      interrupted
        doctor                        check that the server answers and is compatible,
                                      and that Python is installed
        preprocess <spec>             read, filter and split a data set, and create
                                      semantic ids
        train <spec>                  train a backbone on a prepared data set
        evaluate [spec]               rank all items for every user and compute
                                      metrics
        export [spec]                 write a trained model in a format for other
                                      programs
        schema [kind]                 print the JSON Schema of a kind of spec, for
                                      editors and checks
        compare [runs...]             compare runs with paired tests over users and
                                      over seeds
        ablation <spec>               train and evaluate variants over several seeds,
                                      and compare them
        report <runs...>              create a page of figures from trained models,
                                      download it and print its path
        recommend <model> <users...>  recommend items to users with a trained model,
                                      without a run
        similar <model> <item>        list the items that are most similar to an item
                                      in a trained model
        runs                          list the runs of the server, or show one
        attach <id>                   wait for an existing run
        cancel <id>                   request a run to stop
        download <id> <dir>           download the files of an artifact, or all
                                      outputs of a run
        datasets                      upload your own files, and list, show or delete
                                      them
        items                         inspect semantic ids
        providers                     list the providers of item texts, and whether
                                      each is available
        help [command]                display help for command

      Exit codes:
        0 success              4 run cancelled            8 incompatible server
        1 run failed           5 timeout, run continues   9 port in use
        2 wrong usage or spec  6 server unreachable      10 data directory unusable, disk full
        3 requirement not met  7 not authorised          11 Python missing or too old
        130, 143 interrupted by SIGINT, SIGTERM
      "
    `);
  });

  it("of serve", () => {
    expect(help("serve")).toMatchInlineSnapshot(`
      "Usage: lghrec serve [options]

      start a server and run it until it is interrupted

      Options:
        --data-dir <path>               folder of runs and artifacts; the default is
                                        LGHREC_DATA_DIR, then lghrec in the user's
                                        data folder
        --host <address>                address to listen on (default: "127.0.0.1")
        --port <number>                 port to listen on; 0 selects a free port
                                        (default: 7300)
        --import-root <path>            folder whose files specs may use by path
                                        (repeatable)
        --max-concurrent-runs <number>  maximum number of runs at the same time
        -h, --help                      display help for command

      Global Options:
        -V, --version                   output the version number
        --endpoint <url>                address of the server; the default is
                                        LGHREC_ENDPOINT, then http://127.0.0.1:7300
        --output <format>               format of stdout (choices: "text", "json",
                                        "ndjson", default: "text")
        --output-file <path>            also write events and the summary to this file
                                        as NDJSON
        --quiet                         write no progress and no notes to stderr
        --no-color                      accepted for scripts; the output has no colour
      "
    `);
  });

  it("of doctor", () => {
    expect(help("doctor")).toMatchInlineSnapshot(`
      "Usage: lghrec doctor [options]

      check that the server answers and is compatible, and that Python is installed

      Options:
        --wait <time>         repeat the check of the server for this long, for
                              example 60s
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      address of the server; the default is LGHREC_ENDPOINT,
                              then http://127.0.0.1:7300
        --output <format>     format of stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and the summary to this file as NDJSON
        --quiet               write no progress and no notes to stderr
        --no-color            accepted for scripts; the output has no colour
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
        --set <path=value>       set a field of the spec, for example epochs=5
                                 (repeatable)
        --variant <name>         variant of the method: base, dseg, random, no_dseg,
                                 no_adaptive_tau, random_neg, no_harm, grpo, full, ...
        --recipe <name>          fill in missing fields from the backbone's paper or
                                 from the LGHRec paper (choices: "default",
                                 "backbone_paper", "lghrec_paper")
        --wait                   wait until the run has ended (the default)
        --detach                 exit as soon as the server has accepted the run
        --validate               only check the spec on the server
        --idempotency-key <key>  start at most one run with this key
        --label <key=value>      label of the run (repeatable)
        --rerun <when>           if the run of the key failed: return it, or start a
                                 new run; the default is failed if CI is set, else
                                 never (choices: "never", "failed")
        --no-reuse               do not reuse the stored outputs of an equal run
        --timeout <time>         wait at most this long, for example 10m; the run
                                 continues
        --on-interrupt <what>    effect of the first Ctrl-C on the run (choices:
                                 "cancel", "detach", default: "cancel")
        --require <gate>         exit with 3 unless the metric meets this, for example
                                 'recall@20>=0.05' (repeatable)
        --junit <path>           write a JUnit report to this file
        --summary <path>         write a Markdown summary to this file
        -h, --help               display help for command

      Global Options:
        -V, --version            output the version number
        --endpoint <url>         address of the server; the default is
                                 LGHREC_ENDPOINT, then http://127.0.0.1:7300
        --output <format>        format of stdout (choices: "text", "json", "ndjson",
                                 default: "text")
        --output-file <path>     also write events and the summary to this file as
                                 NDJSON
        --quiet                  write no progress and no notes to stderr
        --no-color               accepted for scripts; the output has no colour
      "
    `);
  });

  it("of evaluate and export is that of train, except for the options that set fields", () => {
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

      list the runs of the server, or show one

      Options:
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      address of the server; the default is LGHREC_ENDPOINT,
                              then http://127.0.0.1:7300
        --output <format>     format of stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and the summary to this file as NDJSON
        --quiet               write no progress and no notes to stderr
        --no-color            accepted for scripts; the output has no colour

      Commands:
        list                  list runs, newest first
        get <id>              show a run
        help [command]        display help for command

      ---
      Usage: lghrec runs list [options]

      list runs, newest first

      Options:
        --kind <kind...>      only runs of these kinds (choices: "preprocess",
                              "train", "evaluate", "export", "compare", "report")
        --state <state...>    only runs in these states (choices: "queued",
                              "starting", "running", "stopping", "succeeded",
                              "failed", "cancelled")
        --label <key=value>   only runs with this label (repeatable)
        --limit <number>      maximum number of runs (default: 50)
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      address of the server; the default is LGHREC_ENDPOINT,
                              then http://127.0.0.1:7300
        --output <format>     format of stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and the summary to this file as NDJSON
        --quiet               write no progress and no notes to stderr
        --no-color            accepted for scripts; the output has no colour

      ---
      Usage: lghrec runs get [options] <id>

      show a run

      Arguments:
        id                    id of the run

      Options:
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      address of the server; the default is LGHREC_ENDPOINT,
                              then http://127.0.0.1:7300
        --output <format>     format of stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and the summary to this file as NDJSON
        --quiet               write no progress and no notes to stderr
        --no-color            accepted for scripts; the output has no colour
      "
    `);
  });

  it("of attach, cancel and download", () => {
    expect([help("attach"), help("cancel"), help("download")].join("\n---\n")).toMatchInlineSnapshot(`
      "Usage: lghrec attach [options] <id>

      wait for an existing run

      Arguments:
        id                     id of the run

      Options:
        --timeout <time>       wait at most this long, for example 10m; the run
                               continues
        --on-interrupt <what>  effect of the first Ctrl-C on the run (choices:
                               "cancel", "detach", default: "detach")
        --require <gate>       exit with 3 unless the metric meets this, for example
                               'recall@20>=0.05' (repeatable)
        --junit <path>         write a JUnit report to this file
        --summary <path>       write a Markdown summary to this file
        -h, --help             display help for command

      Global Options:
        -V, --version          output the version number
        --endpoint <url>       address of the server; the default is LGHREC_ENDPOINT,
                               then http://127.0.0.1:7300
        --output <format>      format of stdout (choices: "text", "json", "ndjson",
                               default: "text")
        --output-file <path>   also write events and the summary to this file as
                               NDJSON
        --quiet                write no progress and no notes to stderr
        --no-color             accepted for scripts; the output has no colour

      ---
      Usage: lghrec cancel [options] <id>

      request a run to stop

      Arguments:
        id                    id of the run

      Options:
        --now                 kill the worker instead of stopping after the current
                              step
        --reason <text>       text for the log of the run
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      address of the server; the default is LGHREC_ENDPOINT,
                              then http://127.0.0.1:7300
        --output <format>     format of stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and the summary to this file as NDJSON
        --quiet               write no progress and no notes to stderr
        --no-color            accepted for scripts; the output has no colour

      ---
      Usage: lghrec download [options] <id> <dir>

      download the files of an artifact, or all outputs of a run

      Arguments:
        id                    id of an artifact or a run
        dir                   folder to write to; each output of a run with several
                              outputs gets a folder of its own

      Options:
        -h, --help            display help for command

      Global Options:
        -V, --version         output the version number
        --endpoint <url>      address of the server; the default is LGHREC_ENDPOINT,
                              then http://127.0.0.1:7300
        --output <format>     format of stdout (choices: "text", "json", "ndjson",
                              default: "text")
        --output-file <path>  also write events and the summary to this file as NDJSON
        --quiet               write no progress and no notes to stderr
        --no-color            accepted for scripts; the output has no colour
      "
    `);
  });
});
