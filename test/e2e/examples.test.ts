import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { repository, runProgram, scratch } from "./support.js";

let root: string;

beforeAll(() => {
  root = scratch();
});

const tsx = join(repository, "node_modules/.bin/tsx");

/** Runs an example on a data directory that all of them share, with few epochs. */
function example(name: string, ...args: string[]) {
  const common = ["--data-dir", join(root, "data"), "--epochs", "2"];
  return runProgram(tsx, [join(repository, "examples", name), ...common, ...args], { cwd: root });
}

describe("examples", () => {
  it("quickstart.ts prints four variants side by side and where the files are", async () => {
    const out = join(root, "out");
    const { code, stdout, stderr } = await example("quickstart.ts", "--out", out);
    expect(stderr).not.toContain("Error");
    expect(code).toBe(0);
    for (const text of [
      "Recall@10",
      "Recall@20",
      "NDCG@10",
      "NDCG@20",
      "base",
      "dseg",
      "random",
      "full",
      out,
    ]) {
      expect(stdout).toContain(text);
    }
    expect(existsSync(out) && readdirSync(out).length).toBeGreaterThan(0);
  }, 400_000);

  it("train-and-watch.ts shows the metrics of a run while it trains", async () => {
    const { code, stdout } = await example("train-and-watch.ts");
    expect(code).toBe(0);
    expect(stdout).toMatch(/ndcg@20/);
  }, 200_000);

  it("attach-later.ts takes a run up again from another client", async () => {
    const { code, stdout } = await example("attach-later.ts");
    expect(code).toBe(0);
    expect(stdout).toMatch(/succeeded|model/);
  }, 200_000);

  it("upload-your-own.ts brings files to the server and shows what an item's vector was made from", async () => {
    const { code, stdout } = await example("upload-your-own.ts");
    expect(code).toBe(0);
    expect(stdout).toMatch(/keywords|nearest/i);
  }, 200_000);

  it("compare-runs.ts prints each entry's mean and the difference with its interval", async () => {
    const { code, stdout, stderr } = await example("compare-runs.ts");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/lightgcn base\s+ndcg@20 0\.\d{4} \+- 0\.\d{4}/);
    expect(stdout).toMatch(/difference -?0\.\d{4} in \[-?0\.\d{4}, -?0\.\d{4}\], p/);
  }, 400_000);

  it("ablation.ts compares variants with full", async () => {
    const { code, stdout, stderr } = await example("ablation.ts");
    expect(code, stderr).toBe(0);
    for (const variant of ["base", "dseg", "random", "full"]) expect(stdout).toContain(variant);
    expect(stdout).toContain("from full");
  }, 400_000);

  it("recommend.ts lists items without a run", async () => {
    const { code, stdout, stderr } = await example("recommend.ts");
    expect(code, stderr).toBe(0);
    expect(stdout.trim()).not.toBe("");
  }, 200_000);

  it("foreign-predictions.ts scores the lists of another program", async () => {
    const { code, stdout, stderr } = await example("foreign-predictions.ts");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/ndcg@/);
  }, 200_000);
});
