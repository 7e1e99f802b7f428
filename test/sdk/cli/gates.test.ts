import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EVALUATE, envelope, fakeServer, folderWith, run, specFile, TRAIN } from "./support.js";

// The fake's evaluations score recall@20 = 0.25 and ndcg@20 = 0.125.
const evaluate = async (...args: string[]) => {
  const { endpoint } = await fakeServer();
  return run(["evaluate", specFile(EVALUATE), "--endpoint", endpoint, "--output", "json", ...args]);
};

describe("--require", () => {
  it.each(["recall@20>=0.25", "recall@20 > 0.2", "ndcg@20<=0.125", "ndcg@20<1", "recall@20==0.25"])(
    "%s is met",
    async (gate) => {
      expect((await evaluate("--require", gate)).code).toBe(0);
    },
  );

  it("exits with 3 and names each requirement that is not met", async () => {
    const gates = ["recall@20>=0.5", "ndcg@20>=0.1", "hit@5>0"].flatMap((gate) => ["--require", gate]);
    const done = await evaluate(...gates);
    expect(done.code).toBe(3);
    expect(envelope(done)).toMatchObject({
      run: { state: "succeeded" },
      result: { metrics: { "recall@20": 0.25 } },
      error: {
        code: "gate_failed",
        failures: [{ gate: "recall@20>=0.5", actual: 0.25 }, { gate: "hit@5>0" }],
      },
    });
    expect(done.stderr).toContain("recall@20>=0.5, got 0.25");
  });

  it("is rejected with 2 if it cannot be parsed or if the run has no metrics", async () => {
    expect((await evaluate("--require", "recall@20 about 0.5")).code).toBe(2);
    expect((await evaluate("--require", "recall@20>=high")).code).toBe(2);
    const spec = specFile("source: { builtin: movielens-100k }");
    const done = await run(["preprocess", spec, "--require", "recall@20>0", "--output", "json"]);
    expect(done.code).toBe(2);
    expect(envelope(done).error).toMatchObject({ code: "usage" });
  });
});

describe("reports", () => {
  it("--junit has a case for the run and one for each requirement", async () => {
    const file = join(folderWith({}), "out.xml");
    await evaluate("--require", "recall@20>=0.5", "--require", "ndcg@20>=0.1", "--junit", file);
    const xml = readFileSync(file, "utf8");
    expect(xml).toContain('<testsuite name="lghrec evaluate" tests="3" failures="1"');
    expect(xml).toContain('name="recall@20&gt;=0.5"><failure message="got 0.25"/>');
    expect(xml).toContain('name="ndcg@20&gt;=0.1"/>');
  });

  it("--summary is a Markdown table", async () => {
    const file = join(folderWith({}), "out.md");
    await evaluate("--require", "recall@20>=0.5", "--summary", file);
    const markdown = readFileSync(file, "utf8");
    expect(markdown).toContain("| recall@20 | 0.25 |");
    expect(markdown).toContain("| `recall@20>=0.5` | 0.25 | not met |");
  });

  it("in GitHub Actions write the step summary and the outputs, and annotate wrong fields", async () => {
    const folder = folderWith({ summary: "before\n", output: "" });
    const { endpoint } = await fakeServer();
    const env = {
      GITHUB_ACTIONS: "true",
      GITHUB_STEP_SUMMARY: join(folder, "summary"),
      GITHUB_OUTPUT: join(folder, "output"),
    };
    await run(["evaluate", specFile(EVALUATE), "--endpoint", endpoint], env);
    expect(readFileSync(env.GITHUB_STEP_SUMMARY, "utf8")).toMatch(/^before\n### lghrec evaluate: succeeded/);
    expect(readFileSync(env.GITHUB_OUTPUT, "utf8")).toContain("run_id=run-1\nstate=succeeded\n");
    expect(readFileSync(env.GITHUB_OUTPUT, "utf8")).toContain("recall_20=0.25\n");

    const spec = join(folder, "wrong.yaml");
    writeFileSync(spec, `${TRAIN}epoch: 3\n`);
    const { code, stderr, stdout } = await run(["train", spec, "--endpoint", endpoint], env);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(`::error file=${spec},line=3::epoch: unknown field`);
  });
});
