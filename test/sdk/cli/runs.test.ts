import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EVALUATE, envelope, fakeServer, folderWith, lines, run, specFile, TRAIN } from "./support.js";

async function serverWith(verbs: readonly string[], outcome?: "hold") {
  const fake = await fakeServer({ script: () => (outcome ? { outcome } : {}) });
  const specs: Record<string, string> = {
    preprocess: "source: { builtin: movielens-100k }",
    train: TRAIN,
    evaluate: EVALUATE,
  };
  for (const verb of verbs) {
    const args = ["--endpoint", fake.endpoint, "--detach", "--label", `verb=${verb}`];
    await run([verb, specFile(specs[verb] ?? ""), ...args]);
  }
  return fake;
}

describe("lghrec runs list", () => {
  it("prints the newest run first, as a table, as one object and as lines", async () => {
    const { endpoint } = await serverWith(["preprocess", "train"]);
    const args = ["runs", "list", "--endpoint", endpoint];
    const text = (await run(args)).stdout.split("\n");
    expect(text[0]).toMatch(/^ID +KIND +STATE +CREATED +LABELS$/);
    expect(text[1]).toMatch(/^run-2 +train +succeeded +\S+Z +verb=train$/);
    const json = await run([...args, "--output", "json"]);
    expect(envelope(json).result).toMatchObject([{ id: "run-2" }, { id: "run-1" }]);
    const records = lines(await run([...args, "--output", "ndjson"]));
    expect(records.map(({ type }) => type)).toEqual(["run", "run", "summary"]);
  });

  it("prints only the requested kinds, states, labels and number", async () => {
    const { endpoint } = await serverWith(["preprocess", "train", "evaluate"]);
    const ids = async (...filter: string[]) => {
      const done = await run(["runs", "list", "--endpoint", endpoint, "--output", "json", ...filter]);
      return (envelope(done).result as unknown as { id: string }[]).map(({ id }) => id);
    };
    expect(await ids("--kind", "train", "evaluate")).toEqual(["run-3", "run-2"]);
    expect(await ids("--state", "failed")).toEqual([]);
    expect(await ids("--label", "verb=preprocess")).toEqual(["run-1"]);
    expect(await ids("--limit", "1")).toEqual(["run-3"]);
  });

  it("rejects an unknown kind with 2, and reports it on stdout", async () => {
    const done = await run(["runs", "list", "--kind", "cook", "--output", "json"]);
    expect(done.code).toBe(2);
    expect(envelope(done).error).toMatchObject({ code: "usage" });
  });
});

describe("lghrec runs get", () => {
  it("shows the record of a run in any state", async () => {
    const { endpoint } = await serverWith(["evaluate"]);
    const done = await run(["runs", "get", "run-1", "--endpoint", endpoint, "--output", "json"]);
    expect(done.code).toBe(0);
    expect(envelope(done).run).toMatchObject({
      id: "run-1",
      state: "succeeded",
      spec: { model: "b".repeat(64) },
    });
  });

  it.each(["runs get", "cancel", "attach"])("%s of an unknown run exits with 2", async (command) => {
    const { endpoint } = await fakeServer();
    const done = await run([...command.split(" "), "run-9", "--endpoint", endpoint, "--output", "json"]);
    expect(done.code).toBe(2);
    expect(envelope(done).error).toMatchObject({ code: "not_found", reason: "RUN_UNKNOWN" });
    expect(done.stderr).not.toContain("continues");
  });
});

describe("lghrec attach", () => {
  it("replays a run that has ended, and exits with its code", async () => {
    const { endpoint } = await serverWith(["train"]);
    const done = await run(["attach", "run-1", "--endpoint", endpoint, "--output", "ndjson"]);
    expect(done.code).toBe(0);
    expect(lines(done).map(({ type }) => type)).toEqual(["state", "state", "finished", "summary"]);
    expect(lines(done).at(-1)).toMatchObject({ command: "attach", result: { kind: "train" } });
  });

  it("exits with 1 for a failed run, and with 3 for a requirement that is not met", async () => {
    const failure = { kind: "nan", message: "loss is nan", pythonTraceback: "" } as const;
    const fake = await fakeServer({ script: () => ({ outcome: { state: "failed", failure } }) });
    await run(["train", specFile(TRAIN), "--endpoint", fake.endpoint, "--detach"]);
    expect((await run(["attach", "run-1", "--endpoint", fake.endpoint])).code).toBe(1);
    const { endpoint } = await serverWith(["evaluate"]);
    expect((await run(["attach", "run-1", "--endpoint", endpoint, "--require", "recall@20>1"])).code).toBe(3);
  });
});

describe("lghrec cancel", () => {
  it("requests the run to stop and shows its state", async () => {
    const fake = await serverWith(["train"], "hold");
    const args = ["--endpoint", fake.endpoint, "--output", "json"];
    const done = await run(["cancel", "run-1", "--now", "--reason", "enough", ...args]);
    expect(done.code).toBe(0);
    expect(envelope(done).run).toMatchObject({ id: "run-1", state: "cancelled" });
    expect((await run(["attach", "run-1", "--endpoint", fake.endpoint])).code).toBe(4);
  });
});

describe("lghrec download", () => {
  it("writes the files of an artifact to the folder", async () => {
    const fake = await fakeServer();
    const { id } = fake.control.addArtifact("export", { "users.bin": "users", "deep/items.bin": "items" });
    const folder = folderWith({});
    const done = await run(["download", id, folder, "--endpoint", fake.endpoint, "--output", "json"]);
    expect(done.code).toBe(0);
    expect(readFileSync(join(folder, "deep/items.bin"), "utf8")).toBe("items");
    expect(envelope(done).result).toEqual({
      files: [join(folder, "users.bin"), join(folder, "deep/items.bin")],
    });
  });

  it("of a run with several outputs creates a folder for each", async () => {
    const { endpoint } = await serverWith(["preprocess"]);
    const folder = folderWith({});
    expect((await run(["download", "run-1", folder, "--endpoint", endpoint])).code).toBe(0);
    expect(existsSync(join(folder, "dataset/train.parquet"))).toBe(true);
    expect(existsSync(join(folder, "semanticIds/vectors.safetensors"))).toBe(true);
  });

  it("exits with 2 for a run without outputs and for an unknown artifact, and with 1 for damaged bytes", async () => {
    const fake = await serverWith(["train"], "hold");
    const args = [folderWith({}), "--endpoint", fake.endpoint, "--output", "json"];
    expect((await run(["download", "run-1", ...args])).code).toBe(2);
    expect((await run(["download", "0".repeat(64), ...args])).code).toBe(2);
    const { id } = fake.control.addArtifact("export", { "users.bin": "users" });
    fake.control.corruptArtifact(id, "users.bin", Buffer.from("other"));
    const done = await run(["download", id, ...args]);
    expect(done.code).toBe(1);
    expect(envelope(done).error).toMatchObject({ code: "integrity" });
  });
});
