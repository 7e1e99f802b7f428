import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const source = join(repository, "sdk/src");

interface Import {
  /** Path from `sdk/src` for a file of the SDK, else the name of the package. */
  readonly to: string;
  /** True for `import type`, which the compiler removes. */
  readonly typeOnly: boolean;
}

const STATIC = /(?:^|\n)\s*(?:import|export)\b(?<type> type\b)?[^"';]*?\bfrom\s*"(?<to>[^"]+)"/g;
const BARE = /\bimport\(\s*"(?<to>[^"]+)"|\n\s*import\s*"(?<bare>[^"]+)"/g;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes("node_modules"))
    .sort();
}

/** Finds `import`, `export from` and `import()`, of types and of values. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(STATIC), ...text.matchAll(BARE)].map(({ groups = {} }) => {
    const specifier = groups.to ?? groups.bare ?? "";
    const target = resolve(dirname(file), specifier.replace(/\.js$/, ".ts"));
    const to = specifier.startsWith(".") ? relative(source, target) : specifier;
    return { to, typeOnly: groups.type !== undefined };
  });
}

const graph = new Map(filesBelow(source).map((file) => [relative(source, file), importsOf(file)]));
const examples = filesBelow(join(repository, "examples"));

/** Returns `from -> to` for every forbidden import of the files that `from` selects. */
function forbiddenImports(from: (file: string) => boolean, mayImport: (target: string) => boolean): string[] {
  return [...graph]
    .filter(([file]) => from(file))
    .flatMap(([file, targets]) =>
      targets.filter(({ to }) => !mayImport(to)).map(({ to }) => `${file} -> ${to}`),
    );
}

const ours = (target: string) => graph.has(target);
const generated = (file: string) => /^(gen|grpc\/gen)\//.test(file);
const under = (folder: string) => (file: string) => file.startsWith(`${folder}/`);
const cli = under("cli");

describe("imports of the SDK", () => {
  it("sees static imports, imports of types and imports at run time", () => {
    expect(graph.get("cli/commands/attach.ts")).toContainEqual({ to: "cli/follow.ts", typeOnly: false });
    expect(graph.get("cli/reports.ts")).toContainEqual({ to: "index.ts", typeOnly: true });
    expect(graph.get("cli/program/runs.ts")).toContainEqual({ to: "cli/commands/runs.ts", typeOnly: false });
  });

  it("of the command line reach only the public entry points", () => {
    const open = (to: string) => cli(to) || to === "index.ts" || to === "local/index.ts" || !ours(to);
    expect(forbiddenImports(cli, open)).toEqual([]);
  });

  it("never reach the command line", () => {
    expect(
      forbiddenImports(
        (file) => !cli(file),
        (to) => !cli(to),
      ),
    ).toEqual([]);
  });

  it("of the public types reach only public types", () => {
    expect(forbiddenImports(under("api"), (to) => under("api")(to) || under("specs")(to))).toEqual([]);
  });

  it("of specs reach only specs", () => {
    expect(forbiddenImports(under("specs"), under("specs"))).toEqual([]);
  });

  it("of conversions reach only the contract, public types and errors", () => {
    const allowed = ["api", "specs", "convert", "gen"].map(under);
    const open = (to: string) => allowed.some((room) => room(to)) || to === "errors.ts" || !ours(to);
    expect(forbiddenImports(under("convert"), open)).toEqual([]);
  });

  it("of the RPC layer reach no service that uses it", () => {
    const above = ["runs", "services", "transfer", "study", "convert"].map(under);
    expect(forbiddenImports(under("rpc"), (to) => !above.some((room) => room(to)))).toEqual([]);
  });

  it("of generated code reach only generated code", () => {
    expect(forbiddenImports(generated, (to) => generated(to) || !ours(to))).toEqual([]);
  });

  it("never reach the fakes for tests", () => {
    const testing = under("testing");
    expect(
      forbiddenImports(
        (file) => !testing(file),
        (to) => !testing(to),
      ),
    ).toEqual([]);
  });

  it("of commander and yaml are only in the command line, of grpc-js only where it is optional", () => {
    expect(
      forbiddenImports(
        (file) => !cli(file),
        (to) => to !== "commander" && to !== "yaml",
      ),
    ).toEqual([]);
    const mayUseGrpc = (file: string) => under("grpc")(file) || under("testing")(file);
    expect(
      forbiddenImports(
        (file) => !mayUseGrpc(file),
        (to) => to !== "@grpc/grpc-js",
      ),
    ).toEqual([]);
  });

  it("form no cycle, types included", () => {
    expect(findCycle()).toEqual([]);
  });
});

describe("imports of the examples", () => {
  it("reach only the public package, Node and each other", () => {
    const wrong = examples.flatMap((file) =>
      importsOf(file)
        .filter(({ to }) => !/^(lghrec(\/\w+)?$|node:|\.\.\/\.\.\/examples\/)/.test(to))
        .map(({ to }) => `${relative(repository, file)} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Returns the files of the first cycle, types included, or an empty list. Searches depth first. */
function findCycle(): string[] {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { to } of graph.get(file) ?? []) {
      const cycle = !ours(to) ? [] : visit(to, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
