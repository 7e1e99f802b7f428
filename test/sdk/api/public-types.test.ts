import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");
const out = mkdtempSync(join(tmpdir(), "lghrec types "));
afterAll(() => rmSync(out, { recursive: true }));

const tsc = join(repository, "node_modules/typescript/bin/tsc");
const emit = ["--emitDeclarationOnly", "--removeComments", "--outDir", out];
execFileSync(process.execPath, [tsc, "-p", join(repository, "sdk/tsconfig.json"), ...emit]);

/** The declarations that the compiler of a user reads, by their path: those of the entry and of its imports. */
function declarations(entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (file: string) => {
    const name = relative(out, file);
    if (found.has(name)) return;
    const text = readFileSync(file, "utf8");
    found.set(name, text);
    for (const [, to = ""] of text.matchAll(/\bfrom "(\.[^"]+)\.js"|\bimport\("(\.[^"]+)\.js"\)/g)) {
      visit(resolve(dirname(file), `${to}.d.ts`));
    }
  };
  visit(join(out, entry));
  return found;
}

describe.each(["index.d.ts", "local/index.d.ts", "testing/index.d.ts"])("the declarations of %s", (entry) => {
  const files = declarations(entry);
  const all = [...files.values()].join("\n");

  it("need no other package", () => {
    const packages = [...all.matchAll(/\bfrom "([^".][^"]*)"|\bimport\("([^".][^"]*)"\)/g)];
    expect(packages.map(([, a, b]) => a ?? b)).toEqual([]);
  });

  it("contain no type of the wire", () => {
    expect(all).not.toMatch(/\bbigint\b|\$typeName|\bBuffer\b|\bNodeJS\b/);
  });
});

it("the declarations of the client are those of the report", async () => {
  const report = [...declarations("index.d.ts")]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, text]) => `## ${file}\n\n\`\`\`ts\n${text.trim()}\n\`\`\`\n`);
  const head =
    "# Public types of lghrec\n\nA test writes this file, `vitest -u` updates it. A change here is a change for users.\n\n";
  await expect(head + report.join("\n")).toMatchFileSnapshot("../../contract/lghrec.api.md");
});
