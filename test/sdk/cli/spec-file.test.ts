import { describe, expect, it } from "vitest";
import { envelope, type Finished, fakeServer, folderWith, run, specFile, TRAIN } from "./support.js";

const train = async (content: string, ...args: string[]) => {
  const { endpoint } = await fakeServer();
  return run(["train", specFile(content), "--endpoint", endpoint, "--output", "json", ...args]);
};

const violationsOf = (done: Finished) =>
  (envelope(done).error?.violations ?? []) as { path: string; line: number }[];

/** Each alias contains the one before ten times, so ten lines expand to 10^9 values. */
const BOMB = [
  "a0: &a0 [x]",
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(
    (n) =>
      `a${n}: &a${n} [${Array(10)
        .fill(`*a${n - 1}`)
        .join(", ")}]`,
  ),
].join("\n");

describe("a spec file", () => {
  it.each([
    ["an unknown field", `${TRAIN}epoch: 3\n`, 3, "epoch"],
    ["a wrong type", `${TRAIN}epochs: many\n`, 3, "epochs"],
    [
      "a wrong field of the backbone",
      `dataset: ${"a".repeat(64)}\nbackbone:\n  name: mf\n  layers: 3\n`,
      4,
      "layers",
    ],
    ["a nested field in the other spelling", `${TRAIN}early_stop:\n  patience: lots\n`, 4, "patience"],
  ])("with %s is rejected with its line", async (_, content, line, field) => {
    const done = await train(content);
    expect(done.code).toBe(2);
    const [violation] = violationsOf(done);
    expect(violation?.path).toContain(field);
    expect(violation?.line).toBe(line);
    expect(done.stderr).toContain(`spec.yaml:${line}: `);
  });

  it.each([
    ["broken YAML", "dataset: [a\nbackbone: {", /spec\.yaml:\d/],
    ["a key that is there twice", `${TRAIN}epochs: 3\nepochs: 4\n`, /spec\.yaml:4.*unique/],
    ["a list at the top", "- dataset\n", /not a mapping/],
    ["nothing in it", "", /not a mapping/],
    ["two documents", `${TRAIN}---\n${TRAIN}`, /spec\.yaml:\d/],
    ["an unknown tag", `${TRAIN}epochs: !!python/object 3\n`, /spec\.yaml:3/],
    ["aliases that unfold without end", BOMB, /alias/i],
  ])("with %s is rejected", async (_, content, message) => {
    const done = await train(content);
    expect(done.code).toBe(2);
    expect(envelope(done)).toMatchObject({ command: "train", run: null, error: { code: "usage" } });
    expect(String(envelope(done).error?.message)).toMatch(message);
  });

  it("that is missing or a folder is rejected by its name", async () => {
    const missing = await run(["train", "nowhere.yaml", "--output", "json"]);
    expect(missing.code).toBe(2);
    expect(envelope(missing).error?.message).toBe("spec file nowhere.yaml does not exist");
    expect((await run(["train", folderWith({}), "--output", "json"])).code).toBe(2);
  });

  it("reports the --set that is wrong", async () => {
    const done = await train(TRAIN, "--set", "optimizer.learningrat=1");
    expect(done.code).toBe(2);
    expect(done.stderr).toContain("(--set optimizer.learningrat=1)");
    expect((await train(TRAIN, "--set", "dataset.id=1")).code).toBe(2);
    expect((await train(TRAIN, "--set", "epochs")).code).toBe(2);
  });

  it("is rejected with all violations, as text for a person", async () => {
    const { endpoint, control } = await fakeServer();
    const description = "give exactly one of model, predictions, got none";
    const error = { status: "invalid_argument", reason: "FIELD_INVALID" } as const;
    control.inject({ error: { ...error, violations: [{ path: "", description }] } });
    const done = await run(["evaluate", specFile("split: test\n"), "--endpoint", endpoint]);
    expect(done.code).toBe(2);
    expect(done.stderr).toContain(description);
  });

  it("can be JSON, and can come from standard input", async () => {
    const { endpoint } = await fakeServer();
    const json = JSON.stringify({ dataset: "a".repeat(64), backbone: { name: "mf" } });
    expect((await train(json)).code).toBe(0);
    expect((await run(["train", "-", "--endpoint", endpoint], {}, json)).code).toBe(0);
  });
});
