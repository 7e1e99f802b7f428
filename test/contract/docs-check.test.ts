import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "lghrec-docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lines that the check of the documentation prints for a page, without its path. */
function problemsOf(text: string): string[] {
  const file = join(folder, "page.md");
  writeFileSync(file, text);
  const path = relative(repository, file);
  const script = join(repository, "scripts/check-docs.mjs");
  const run = spawnSync(process.execPath, [script, path], { cwd: repository, encoding: "utf8" });
  return run.stderr
    .split("\n")
    .flatMap((line) => (line.startsWith(path) ? [line.slice(path.length + 2)] : []));
}

const block = (language: string, ...lines: string[]) => ["", `\`\`\`${language}`, ...lines, "```"].join("\n");

const FAULTS: readonly (readonly [string, RegExp])[] = [
  ["[x](missing.md)", /^line \d+: link to missing.md: there is no such file/],
  ["[x](#nowhere)", /^line \d+: link to #nowhere/],
  ["see `scripts/nothing.mjs`", /^line \d+: there is no scripts\/nothing.mjs/],
  [block("", "x"), /^line \d+: a code block without a language/],
  [block("json", "{ a: 1 }"), /^line \d+: /],
  [block("yaml", "a: [1"), /^line \d+: /],
  [block("yaml train", "dataset: x", "epoch: 3"), /^line \d+: error TS.*epoch/],
  [block("ts", 'import "node:fs";', 'const x: number = "a";'), /^line \d+: error TS2322/],
  [block("python", "def f(:"), /^line \d+: /],
  [block("python", "from lghrec_compute.errors import Nothing"), /^line \d+: .*Nothing/],
  [block("sh", "npx lghrec train a.yaml --nothing"), /^line \d+: lghrec train has no option --nothing/],
  [block("sh", "npx lghrec nothing"), /^line \d+: lghrec has no command nothing/],
  [block("sh", "npx lghrec train"), /^line \d+: lghrec train needs <spec>/],
  ["run `npm run nothing`", /^line \d+: package.json has no script nothing/],
  [block("ts no-check", "x"), /^line \d+: .*no-check: <reason>/],
];

describe("the check of the documentation", () => {
  it("accepts a page without faults", () => {
    const page = [
      "# A title",
      "[here](#a-title), `test/contract/docs-check.test.ts` and `npm run setup`",
      block("json", '{ "a": 1 }'),
      block("yaml train", `dataset: ${"a".repeat(64)}`, "backbone: { name: lightgcn, layers: 2 }"),
      block("ts", 'import { createClient } from "lghrec";', "const client = createClient();"),
      block("ts", "client.close();"),
      block("python", "from lghrec_compute.errors import ConfigError"),
      block("sh", "npx lghrec train spec.yaml --set epochs=5 --output json | tee out.json   # a comment"),
      block("console", "$ npx lghrec runs list", "no command is this line"),
    ];
    expect(problemsOf(page.join("\n"))).toEqual([]);
  });

  it("reports each fault of a page, and nothing else", () => {
    const problems = problemsOf(FAULTS.map(([fault]) => fault).join("\n\n"));
    expect(problems).toHaveLength(FAULTS.length);
    for (const [, expected] of FAULTS) expect(problems).toContainEqual(expect.stringMatching(expected));
  });
});
