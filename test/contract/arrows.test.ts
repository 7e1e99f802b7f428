import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const source = join(repository, "sdk/src");

interface Arrow {
  /** Path from `sdk/src` for a file inside it, package name for the rest. */
  readonly to: string;
  /** Gone once compiled. */
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

/** `import`, `export from` and `import()`, of types as well as of values. */
function importsOf(file: string): Arrow[] {
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

/** `from -> to` for every import that goes from one set of files to another where it must not. */
function wrongArrows(from: (file: string) => boolean, mayImport: (target: string) => boolean): string[] {
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

describe("arrows of the SDK", () => {
  it("sees static imports, imports of types and imports at run time", () => {
    expect(graph.get("cli/commands/attach.ts")).toContainEqual({ to: "cli/follow.ts", typeOnly: false });
    expect(graph.get("cli/reports.ts")).toContainEqual({ to: "index.ts", typeOnly: true });
    expect(graph.get("cli/program/runs.ts")).toContainEqual({ to: "cli/commands/runs.ts", typeOnly: false });
  });

  it("lead from the command line only to what every user has", () => {
    const open = (to: string) => cli(to) || to === "index.ts" || to === "local/index.ts" || !ours(to);
    expect(wrongArrows(cli, open)).toEqual([]);
  });

  it("never lead to the command line", () => {
    expect(
      wrongArrows(
        (file) => !cli(file),
        (to) => !cli(to),
      ),
    ).toEqual([]);
  });

  it("lead from the public types only to public types", () => {
    expect(wrongArrows(under("api"), (to) => under("api")(to) || under("specs")(to))).toEqual([]);
  });

  it("lead from specs only to each other", () => {
    expect(wrongArrows(under("specs"), under("specs"))).toEqual([]);
  });

  it("lead from conversions only to the contract, to public types and to errors", () => {
    const allowed = ["api", "specs", "convert", "gen"].map(under);
    const open = (to: string) => allowed.some((room) => room(to)) || to === "errors.ts" || !ours(to);
    expect(wrongArrows(under("convert"), open)).toEqual([]);
  });

  it("lead from calls of the wire to no service that uses them", () => {
    const above = ["runs", "services", "transfer", "study", "convert"].map(under);
    expect(wrongArrows(under("rpc"), (to) => !above.some((room) => room(to)))).toEqual([]);
  });

  it("never lead out of generated code", () => {
    expect(wrongArrows(generated, (to) => generated(to) || !ours(to))).toEqual([]);
  });

  it("never lead to what is there for tests", () => {
    const testing = under("testing");
    expect(
      wrongArrows(
        (file) => !testing(file),
        (to) => !testing(to),
      ),
    ).toEqual([]);
  });

  it("lead to commander and yaml only from the command line, to grpc-js only where it is optional", () => {
    expect(
      wrongArrows(
        (file) => !cli(file),
        (to) => to !== "commander" && to !== "yaml",
      ),
    ).toEqual([]);
    const mayUseGrpc = (file: string) => under("grpc")(file) || under("testing")(file);
    expect(
      wrongArrows(
        (file) => !mayUseGrpc(file),
        (to) => to !== "@grpc/grpc-js",
      ),
    ).toEqual([]);
  });

  it("form no cycle, of types neither", () => {
    expect(findCycle()).toEqual([]);
  });
});

describe("arrows of the examples", () => {
  it("lead only to the public package, to Node and to each other", () => {
    const wrong = examples.flatMap((file) =>
      importsOf(file)
        .filter(({ to }) => !/^(lghrec(\/\w+)?$|node:|\.\.\/\.\.\/examples\/)/.test(to))
        .map(({ to }) => `${relative(repository, file)} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** The files of the first cycle found, or none. Depth first, with the path walked so far. Types count too. */
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
