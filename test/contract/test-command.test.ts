import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");

/** What `npm test -- --list` prints for these words. */
function list(...words: string[]): { code: number | null; lines: string[]; stderr: string } {
  const script = resolve(repository, "scripts/test.mjs");
  const env = { ...process.env, INIT_CWD: repository };
  const run = spawnSync(process.execPath, [script, "--list", ...words], { encoding: "utf8", env });
  return { code: run.status, lines: run.stdout.trim().split("\n"), stderr: run.stderr };
}

describe("npm test -- <name or path>", () => {
  it.each([
    ["a stage", ["ruff"], ["ruff"]],
    ["a group", ["contract"], ["public", "buf", "tree", "arrows", "knip"]],
    ["a Python test", ["test/compute/test_net.py"], ["compute test/compute/test_net.py"]],
    [
      "one Python test function",
      ["test/compute/test_net.py::test_x"],
      ["compute test/compute/test_net.py::test_x"],
    ],
    ["a folder of Python tests", ["test/compute/graph"], ["compute test/compute/graph"]],
    [
      "a source folder of the server",
      ["compute-server/src/lghrec_compute/graph"],
      ["compute test/compute/graph"],
    ],
    ["a TypeScript test", ["test/sdk/rpc/abort.test.ts"], ["sdk test/sdk/rpc/abort.test.ts"]],
    ["a source folder of the SDK", ["sdk/src/cli"], ["sdk test/sdk/cli"]],
    ["an example", ["examples/quickstart.ts"], ["e2e test/e2e/examples.test.ts"]],
    ["the name of a test", ["test_net"], ["compute test/compute/test_net.py"]],
    ["the end of a path", ["rpc/abort"], ["sdk test/sdk/rpc/abort.test.ts"]],
    ["two names", ["arrows", "test_net"], ["compute test/compute/test_net.py", "arrows"]],
  ])("selects %s", (_, words, expected) => {
    expect(list(...words).lines).toEqual(expected);
  });

  it("selects for a module of the server the tests that import it", () => {
    const [line] = list("compute-server/src/lghrec_compute/net.py").lines;
    expect(line).toContain("test/compute/test_net.py");
  });

  it("refuses an unknown name and suggests a similar one", () => {
    const { code, stderr } = list("biom");
    expect(code).toBe(2);
    expect(stderr).toContain("did you mean biome?");
  });

  it("refuses an unknown option", () => {
    expect(list("--chnaged").code).toBe(2);
  });
});
