import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient, type ReportSpec } from "lghrec";
import type { Plan, WireFake } from "lghrec/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { envelope, fakeServer, folderWith, lines, run, specFile, start, TRAIN } from "./support.js";

const IDS = "c".repeat(64);
const FULL = `${TRAIN}semantic_ids: ${IDS}\n`;
const HOLD: Plan = { outcome: "hold" };

const client = ({ endpoint }: WireFake) => {
  const made = createClient({ endpoint });
  onTestFinished(() => made.close());
  return made;
};

/** Starts a server with one train run for each of two seeds and two policies. */
async function serverWithRuns() {
  const fake = await fakeServer();
  const { train } = client(fake);
  const spec = { dataset: "a".repeat(64), semanticIds: IDS, backbone: { name: "lightccf" } } as const;
  const ids: string[] = [];
  for (const variant of ["base", "full"] as const) {
    for (const seed of [0, 1]) {
      const submitted = await train({ ...spec, variant, seed });
      await submitted.wait();
      ids.push(submitted.id);
    }
  }
  return { fake, ids, on: ["--endpoint", fake.endpoint, "--quiet"] };
}

describe("lghrec compare", () => {
  it("prints a table of runs, groups seeds, and derives names from the specs", async () => {
    const { ids, on } = await serverWithRuns();
    const done = await run(["compare", ...ids, "--metrics", "ndcg@20", ...on]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toMatchInlineSnapshot(`
      "ndcg@20          MEAN     STD      DIFF
      lightccf base  0.2500  0.0020  baseline

      943 users, 4 seeds
      P: permutation test over users; HOLM: corrected for all rows, * below 0.05
      "
    `);
  });

  it("accepts names and a baseline, and prints JSON", async () => {
    const { fake, ids, on } = await serverWithRuns();
    const [a, b, ...rest] = ids;
    const args = ["--name", `mine=${a},${b}`, "--baseline", "lightccf full", "--json"];
    const done = await run(["compare", ...rest, ...args, ...on]);
    expect(envelope(done)).toMatchObject({
      command: "compare",
      run: { kind: "compare", spec: { baseline: "lightccf full" } },
      result: { rows: [{ name: "mine" }, { name: "mine" }, { name: "lightccf full" }, {}] },
    });
    expect(fake.control.calls.filter(({ method }) => method === "StartEvaluate")).toHaveLength(4);
  });

  it.each([
    ["--markdown", "| fake |\n"],
    ["--latex", "% fake\n"],
  ])("prints the comparison's own table with %s", async (flag, expected) => {
    const { ids, on } = await serverWithRuns();
    expect((await run(["compare", ...ids, flag, ...on])).stdout).toBe(expected);
  });

  it("exits with 2 for too few runs, an unknown run or two formats of the table", async () => {
    const { fake, ids, on } = await serverWithRuns();
    const alone = await run(["compare", ids[0] ?? "", ...on]);
    expect(alone.code).toBe(2);
    expect(alone.stderr).toContain("too few runs to compare, expected at least 2, got 1");
    expect((await run(["compare", "run-404", ids[0] ?? "", ...on])).code).toBe(2);
    const both = await run(["compare", ...ids, "--latex", "--json", ...on]);
    expect(both.code).toBe(2);
    expect(envelope(both).error).toMatchObject({ code: "usage" });
    expect(fake.control.calls.map(({ method }) => method)).not.toContain("StartCompare");
  });
});

describe("lghrec report", () => {
  it("downloads the page and prints its path", async () => {
    const { fake, ids, on } = await serverWithRuns();
    const out = folderWith({});
    const swept = ["--sweep", `seed=${ids.slice(0, 2)}`];
    const done = await run(["report", ...ids, ...swept, "--out", out, "--output", "json", ...on]);
    const page = join(out, "report.html");
    expect(envelope(done).result).toMatchObject({ kind: "report", page, files: [page] });
    expect(readdirSync(out)).toEqual(["report.html"]);
    expect((await run(["report", ids[0] ?? "", "--out", out, ...on])).stdout).toBe(`${page}\n`);
    for await (const { spec } of client(fake).runs.list({ kinds: ["report"] })) {
      expect((spec as ReportSpec).entries[0]?.name).toMatch(/^lightccf base/);
    }
  });
});

describe("lghrec recommend and similar", () => {
  async function serverWithModel() {
    const fake = await fakeServer();
    const { id } = fake.control.addArtifact("model", { "embeddings.safetensors": "e" });
    fake.control.addRecommendations(id, "7", [
      { item: "50", score: 2.5, seen: true },
      { item: "172", score: 1.5 },
    ]);
    fake.control.addSimilarItems(id, "50", [{ item: "172", score: 0.75 }]);
    return { fake, id, on: ["--endpoint", fake.endpoint] };
  }

  it("print lists", async () => {
    const { id, on } = await serverWithModel();
    const done = await run(["recommend", id, "7", "nobody", ...on]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toMatchInlineSnapshot(`
      "USER    RANK  ITEM                   SCORE
      7       1     172                    1.5000
      nobody  -     unknown to this model
      "
    `);
    expect((await run(["similar", id, "50", "--k", "5", ...on])).stdout).toMatchInlineSnapshot(`
      "RANK  ITEM  COSINE
      1     172   0.7500
      "
    `);
  });

  it("print JSON, and a line for each user", async () => {
    const { id, on } = await serverWithModel();
    const all = await run(["recommend", id, "7", "--include-seen", "--k", "1", "--json", ...on]);
    expect(envelope(all).result).toEqual([{ user: "7", items: [{ item: "50", score: 2.5 }], known: true }]);
    const each = await run(["recommend", id, "7", "nobody", "--output", "ndjson", ...on]);
    expect(lines(each)).toMatchObject([
      { type: "recommendation", user: "7", known: true },
      { type: "recommendation", user: "nobody", items: [], known: false },
      { type: "summary", result: { count: 2 } },
    ]);
    expect(envelope(await run(["similar", id, "50", "--json", ...on])).result).toEqual([
      { item: "172", score: 0.75 },
    ]);
  });

  it("accept a train run for its model, and reject other runs", async () => {
    const { fake, ids, on } = await serverWithRuns();
    expect((await run(["recommend", ids[0] ?? "", "7", ...on])).stdout).toContain("unknown to this model");
    const other = await client(fake).preprocess({ source: { builtin: "movielens-100k" } });
    const done = await run(["similar", other.id, "50", ...on]);
    expect(done.code).toBe(2);
    expect(done.stderr).toContain(`run ${other.id} has no model: it is a preprocess run and succeeded`);
  });
});

describe("lghrec ablation", () => {
  const args = (fake: WireFake, ...more: string[]) => [
    ...["ablation", specFile(FULL), "--endpoint", fake.endpoint, "--variants", "base,full"],
    ...["--seeds", "2", ...more],
  ];

  it("prints the table, writes everything to a folder, and starts no run twice", async () => {
    const fake = await fakeServer({ maxConcurrentRuns: 2 });
    const out = join(folderWith({}), "new");
    const done = await run(args(fake, "--metrics", "ndcg@20", "--out", out));
    expect(done.code).toBe(0);
    expect(done.stdout).toMatchInlineSnapshot(`
      "ndcg@20    MEAN     STD      DIFF      %            INTERVAL      P   HOLM     SEEDS
      base     0.2500  0.0020   +0.0100  +4.17  [+0.0050, +0.0150]  .0001  .0002  *  .0300
      full     0.2400  0.0020  baseline

      943 users, 2 seeds
      P: permutation test over users; HOLM: corrected for all rows, * below 0.05; SEEDS: paired t test over seeds
      "
    `);
    expect(done.stderr).toContain("0/4  base, seed 0: train run-1");
    expect(readdirSync(out).sort()).toEqual([
      ...["ablation.json", "comparison.json", "comparison.md", "comparison.tex"],
    ]);
    expect(JSON.parse(readFileSync(join(out, "ablation.json"), "utf8")).runs).toHaveLength(4);
    const again = await run(args(fake, "--metrics", "ndcg@20", "--markdown"));
    expect(again.stdout).toBe("| fake |\n");
    expect(fake.control.runIds).toHaveLength(10);
  });

  it("exits with 1 and a partial table if runs fail, and restarts them with --rerun failed", async () => {
    let failing = true;
    const failure = { kind: "oom", message: "out of memory", pythonTraceback: "" } as const;
    const script = (kind: string) =>
      kind === "train" && failing ? { outcome: { state: "failed", failure } as const } : {};
    const fake = await fakeServer({ script });
    const done = await run(args(fake, "--json"));
    expect(done.code).toBe(1);
    expect(envelope(done)).toMatchObject({
      result: { failures: [{ variant: "base", seed: 0, step: "train" }, {}, {}, {}], rows: [] },
      error: { code: "incomplete", message: "the table is incomplete: 4 runs did not succeed" },
    });
    expect(done.stderr).toContain("base, seed 0: train run-1 failed, oom: out of memory");
    failing = false;
    expect((await run(args(fake, "--quiet"))).code).toBe(1);
    expect((await run(args(fake, "--rerun", "failed"))).code).toBe(0);
  });

  it("reports the line of a wrong field", async () => {
    const fake = await fakeServer();
    const wrong = await run([...args(fake), "--set", "epochs=many"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("epochs: expected a whole number from 0 to 4294967295");
    expect(wrong.stderr).toContain("(--set epochs=many)");
    const mistyped = await run(args(fake, "--variants", "base,ful"));
    expect(mistyped).toMatchObject({ code: 2, stderr: expect.stringContaining("did you mean full?") });
    expect(fake.control.runIds).toEqual([]);
  });

  it.each([
    ["cancel", "cancelled"],
    ["detach", "running"],
  ])("on the first Ctrl-C with --on-interrupt %s leaves its runs %s", async (what, state) => {
    const fake = await fakeServer({ script: () => HOLD });
    const { child, says, finished } = start(args(fake, "--on-interrupt", what, "--output", "json"));
    await says("train run-1");
    child.kill("SIGINT");
    const done = await finished;
    expect(done.code).toBe(130);
    expect(envelope(done).error).toMatchObject({ code: "interrupted" });
    expect(done.stderr).toContain("the same command continues from here");
    expect((await client(fake).runs.get("run-1")).state).toBe(state);
  });
});

describe("options that set fields of a spec", () => {
  const specOf = async (...command: string[]) => {
    const fake = await fakeServer();
    const done = await run([...command, "--endpoint", fake.endpoint, "--validate", "--output", "json"]);
    return { done, spec: (envelope(done).result as { spec?: unknown } | null)?.spec };
  };
  const dataset = "a".repeat(64);

  it("--variant and --recipe", async () => {
    const { spec } = await specOf(
      "train",
      specFile(FULL),
      "--variant",
      "no_harm",
      "--recipe",
      "backbone_paper",
    );
    expect(spec).toMatchObject({ recipe: "backbone_paper", variant: "no_harm" });
    const mistyped = await specOf("train", specFile(FULL), "--variant", "ful");
    expect(mistyped.done.stderr).toContain("did you mean full? (--variant ful)");
  });

  it("--predictions and --dataset, without a file or instead of its model", async () => {
    const path = "others/scores.csv";
    expect((await specOf("evaluate", "--predictions", path, "--dataset", dataset)).spec).toEqual({
      predictions: { dataset, path },
    });
    const file = specFile(`model: ${IDS}\ncutoffs: [5]\npredictions: { path: old, columns: { user: u } }\n`);
    const upload = "f".repeat(64);
    const { spec } = await specOf(
      "evaluate",
      file,
      "--predictions",
      upload,
      "--set",
      "predictions.dataset=d",
    );
    expect(spec).toEqual({ cutoffs: [5], predictions: { dataset: "d", upload, columns: { user: "u" } } });
  });

  it("--run and --format", async () => {
    expect((await specOf("export", "--run", "run-1", "--format", "npz")).spec).toEqual({
      run: "run-1",
      format: "npz",
    });
    const { done } = await specOf("export");
    expect(done.code).toBe(2);
    expect(done.stderr).toContain("give a spec file, or --run and --format");
  });
});
