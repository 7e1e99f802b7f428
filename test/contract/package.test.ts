import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const sdk = join(repository, "sdk");
const tool = (...path: string[]) => join(repository, "node_modules", ...path);

const CONSUMER = `
import { createClient, LghrecError, type TrainSpec } from "lghrec";
import { type LocalServerOptions, startLocalServer } from "lghrec/local";

const spec: TrainSpec = { dataset: "0".repeat(64), backbone: { name: "lightccf", layers: 3 } };
const options: LocalServerOptions = { port: 0 };
await using client = createClient({ endpoint: "http://127.0.0.1:1", retry: false });
const error: unknown = await client.train(spec).wait().catch((reason: unknown) => reason);
console.log(LghrecError.is(error, "connection"), typeof startLocalServer, options.port);
`;

let folder: string;
let tarball: string;

/** Runs a program and returns its output. If it fails, the error contains the output. */
function run(command: string, args: readonly string[], cwd = folder): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Returns the folder in which npm installed a dependency of `from`. */
function installed(name: string, from: string): string {
  for (let at = from; ; at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    try {
      readFileSync(join(candidate, "package.json"));
      return candidate;
    } catch {
      if (at === dirname(at)) throw new Error(`${name} is not installed`);
    }
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lghrec package "));
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], sdk));
  tarball = join(folder, packed.filename);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packed SDK", () => {
  it("passes publint", () => {
    run(process.execPath, [tool("publint/src/cli.js"), tarball, "--strict"]);
  });

  it("resolves with its types from every ESM consumer", () => {
    run(process.execPath, [tool("@arethetypeswrong/cli/dist/index.js"), tarball, "--profile", "esm-only"]);
  });

  it("contains the required files and nothing else", () => {
    const paths = run("tar", ["-tzf", tarball]).trim().split("\n");
    expect(paths).toContain("package/dist/cli/main.js");
    expect(
      paths.filter((path) => !/^package\/(dist\/|schemas\/|package\.json$|README\.md$|LICENSE$)/.test(path)),
    ).toEqual([]);
  });

  it("compiles and runs in a strict project with only its declared dependencies", () => {
    const modules = join(folder, "node_modules");
    mkdirSync(join(modules, "lghrec"), { recursive: true });
    run("tar", ["-xzf", tarball, "--strip-components=1", "-C", join(modules, "lghrec")]);
    const { dependencies } = JSON.parse(readFileSync(join(sdk, "package.json"), "utf8"));
    for (const name of [...Object.keys(dependencies), "@types/node"]) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(installed(name, sdk), join(modules, name));
    }
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(folder, "consumer.ts"), CONSUMER);
    const flags = [
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2023",
      "--lib",
      "es2023,esnext.disposable",
    ];
    run(process.execPath, [tool("typescript/bin/tsc"), ...flags, "--types", "node", "consumer.ts"]);
    expect(run(process.execPath, ["consumer.js"])).toBe("true function 0\n");
  });
});
