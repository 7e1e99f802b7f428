import type { ItemCard } from "lghrec";
import type { WireFake } from "lghrec/testing";
import { describe, expect, it } from "vitest";
import { cardText } from "../../../../sdk/src/cli/terminal/card-text.js";
import { envelope, fakeServer, run, specFile } from "../support.js";

const SPEC =
  "source: { builtin: movielens-100k }\nsemantic: { textSource: openai, generation: { endpoint: local } }\n";

const COT = 'Likes "Star Wars" for its "space battle" and "dancing".';
const at = (text: string) => ({ start: COT.indexOf(text), end: COT.indexOf(text) + text.length });

const CARD: ItemCard = {
  item: "50",
  text: "title: Star Wars (1977)\ngenres: space battles, war",
  reasoning: COT,
  quotes: [
    { ...at('"Star Wars"'), exact: true, fuzzy: false },
    { ...at('"space battle"'), exact: false, fuzzy: true },
    { ...at('"dancing"'), exact: false, fuzzy: false },
  ],
  keywords: ["space", "war"],
  neighbors: ["172", "181", "210", "174", "96"].map((item, i) => ({
    item,
    similarity: 0.9 - i / 10,
    title: `Film ${item}`,
  })),
  status: "ok",
  flags: ["thin"],
  provenance: {
    provider: "openai",
    model: "some-model",
    modelRevision: "r1",
    prompt: "fig4@1",
    encoder: "minilm",
    cacheKey: "c".repeat(64),
    attempts: 2,
    inputTokens: 310,
    outputTokens: 205,
  },
};

async function serverWithCard(): Promise<{ fake: WireFake; id: string }> {
  const fake = await fakeServer();
  const { id } = fake.control.addArtifact("semantic_ids", { "vectors.safetensors": "v" });
  fake.control.addItemCard(id, CARD);
  return { fake, id };
}

describe("lghrec items show", () => {
  it("shows the text, the reasoning with marked quotes, keywords, five neighbours and provenance", async () => {
    const { fake, id } = await serverWithCard();
    const done = await run(["items", "show", id, "50", "--endpoint", fake.endpoint]);
    expect(done.code).toBe(0);
    expect(done.stdout).toBe(`item 50: ok (thin)

text
  title: Star Wars (1977)
  genres: space battles, war

reasoning
  Likes [= "Star Wars"] for its [~ "space battle"] and [? "dancing"].
  [= "..."] word for word in the text   [~ "..."] with small differences   [? "..."] not in the text

keywords
  space, war

nearest items
  COSINE  ITEM  TITLE
  0.900   172   Film 172
  0.800   181   Film 181
  0.700   210   Film 210
  0.600   174   Film 174
  0.500   96    Film 96

provenance
  provider   openai
  model      some-model (r1)
  prompt     fig4@1
  encoder    minilm
  tokens     310 in, 205 out, 2 calls
  cache key  ${"c".repeat(64)}
`);
  });

  it("prints one object as JSON", async () => {
    const { fake, id } = await serverWithCard();
    const done = await run(["items", "show", id, "50", "--endpoint", fake.endpoint, "--output", "json"]);
    expect(envelope(done)).toMatchObject({ command: "items show", result: CARD, error: null });
  });

  it("exits with 2 for an unknown item or artifact, and with 6 without a server", async () => {
    const { fake, id } = await serverWithCard();
    const show = (...args: string[]) => run(["items", "show", ...args, "--output", "json"]);
    const item = await show(id, "51", "--endpoint", fake.endpoint);
    expect(item.code).toBe(2);
    expect(envelope(item).error).toMatchObject({ reason: "ITEM_UNKNOWN" });
    const artifact = await show("f".repeat(64), "50", "--endpoint", fake.endpoint);
    expect(envelope(artifact).error).toMatchObject({ reason: "ARTIFACT_UNKNOWN" });
    expect((await show(id, "50", "--endpoint", "http://127.0.0.1:1")).code).toBe(6);
  });

  it("removes control characters, and marks missing parts", () => {
    const text = cardText({
      ...CARD,
      text: "a\u001b[31mred\u202e\tb",
      reasoning: "",
      quotes: [],
      keywords: [],
      neighbors: [],
    });
    expect(text).toContain("  a\ufffd[31mred\ufffd b\n");
    expect(text).toContain("reasoning\n  none\n\nkeywords\n  none\n\nnearest items\n  none\n");
    const long = cardText({ ...CARD, text: "word ".repeat(60) }).split("\n");
    expect(Math.max(...long.slice(0, 8).map((line) => line.length))).toBeLessThanOrEqual(102);
  });
});

describe("lghrec preprocess", () => {
  const metric = (name: string, value: number) => ({ type: "metric", name, value, step: 20 }) as const;
  const describing = (done: number) =>
    ({ type: "progress", phase: "describe", done, total: 40, etaMs: 20_000 }) as const;

  it("shows the phase, items per second, remaining time and fractions of texts during the run", async () => {
    const events = [
      metric("semantic/items_per_second", 2),
      metric("semantic/valid", 0.975),
      metric("semantic/grounded", 0.9),
      describing(20),
    ];
    const { endpoint } = await fakeServer({ script: () => ({ events }) });
    const { stderr } = await run(["preprocess", specFile(SPEC), "--endpoint", endpoint]);
    expect(stderr).toMatch(
      /^describe +\[#{12}-{12}\] +50% 20\/40 2\.00 items\/s 20s left valid 98% grounded 90%$/m,
    );
  });

  it("shows filters and cold items of the result", async () => {
    const { endpoint } = await fakeServer();
    const { stdout } = await run(["preprocess", specFile(SPEC), "--endpoint", endpoint]);
    expect(stdout).toMatch(/^statistics\.filters\.k_core +99287$/m);
    expect(stdout).toMatch(/^statistics\.numColdItems +3$/m);
    expect(stdout).toMatch(/^semanticIds +[0-9a-f]{64}$/m);
  });

  it("--estimate shows tokens, time and cost", async () => {
    const fake = await fakeServer();
    const args = ["preprocess", specFile(SPEC), "--estimate", "--endpoint", fake.endpoint];
    const { code, stdout } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toBe(`run                run-1
items              1,349
texts to generate  1,300 (49 are in the cache)
input tokens       400,000
output tokens      unknown before a preview
time               about 10m00s
cost               0.25
notes              retries are not counted
`);
    const json = await run([...args, "--output", "json"]);
    expect(envelope(json).result).toMatchObject({ kind: "preprocess", estimate: { numCalls: 1300 } });
    expect(envelope(json).run).toMatchObject({ spec: { semantic: { stage: "estimate" } } });
  });

  it("--preview shows the texts of a sample, then the estimate", async () => {
    const { endpoint } = await fakeServer();
    const { code, stdout } = await run(["preprocess", specFile(SPEC), "--preview", "--endpoint", endpoint]);
    expect(code).toBe(0);
    expect(stdout).toContain("item 50: ok, grounded\n\ntext\n  title: Star Wars (1977)\n");
    expect(stdout).toContain("of these items: valid 100%, repaired 0%");
    expect(stdout).toMatch(/^output tokens +about 250,000$/m);
  });

  it.each([
    ["--estimate", "--preview"],
    ["--estimate", "--validate"],
    ["--preview", "--validate"],
  ])("%s with %s exits with 2", async (...both) => {
    const done = await run(["preprocess", specFile(SPEC), ...both, "--output", "json"]);
    expect(done.code).toBe(2);
    expect(envelope(done).error).toMatchObject({ code: "usage" });
  });

  it("reports the line of a stage in the spec, and rejects --estimate without texts", async () => {
    const { endpoint } = await fakeServer();
    const spec = specFile("source: { builtin: movielens-100k }\nsemantic:\n  stage: estimate\n");
    const staged = await run(["preprocess", spec, "--endpoint", endpoint]);
    expect(staged.code).toBe(2);
    expect(staged.stderr).toContain(`${spec}:3: semantic.stage: not a field of a spec`);
    const bare = specFile("source: { builtin: movielens-100k }\n");
    const done = await run(["preprocess", bare, "--preview", "--endpoint", endpoint, "--output", "json"]);
    expect(done.code).toBe(2);
    expect(envelope(done).error).toMatchObject({ violations: [{ path: "semantic" }] });
  });

  it("--estimate exits with the code of its run", async () => {
    const failure = { kind: "llm", message: "no such model", pythonTraceback: "" } as const;
    const { endpoint } = await fakeServer({ script: () => ({ outcome: { state: "failed", failure } }) });
    const done = await run(["preprocess", specFile(SPEC), "--estimate", "--endpoint", endpoint]);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain("no such model");
  });
});

describe("lghrec providers", () => {
  it("shows which providers are available, and why others are not", async () => {
    const providers = [
      { provider: "extractive", endpoint: "", model: "", available: true, reason: "" },
      { provider: "openai", endpoint: "local", model: "m", available: false, reason: "start it" },
    ];
    const { endpoint } = await fakeServer({ providers });
    const text = await run(["providers", "--endpoint", endpoint]);
    expect(text.code).toBe(0);
    expect(text.stdout).toBe(
      "PROVIDER    ENDPOINT  MODEL      HINT\nextractive                   ok\nopenai      local     m      --  start it\n",
    );
    const json = await run(["providers", "--endpoint", endpoint, "--output", "json"]);
    expect(envelope(json).result).toEqual(providers);
    expect((await run(["providers", "--endpoint", "http://127.0.0.1:1"])).code).toBe(6);
  });
});
