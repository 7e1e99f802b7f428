import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { envelope, run } from "./support.js";

const folder = join(import.meta.dirname, "../../../sdk/schemas");

describe("lghrec schema", () => {
  it("prints the schema of a kind, without a server", async () => {
    const done = await run(["schema", "train"]);
    expect(done.code).toBe(0);
    expect(done.stdout).toBe(readFileSync(join(folder, "train.schema.json"), "utf8"));
  });

  it("lists the schemas with their paths", async () => {
    const done = await run(["schema", "--output", "json"]);
    const kinds = ["preprocess", "train", "evaluate", "export", "compare", "report"];
    expect(envelope(done).result).toEqual(
      kinds.map((kind) => ({ kind, path: join(folder, `${kind}.schema.json`) })),
    );
  });

  it("rejects an unknown kind and lists the known kinds", async () => {
    const done = await run(["schema", "trian"]);
    expect(done.code).toBe(2);
    expect(done.stderr).toContain("preprocess, train, evaluate, export, compare, report");
  });
});
