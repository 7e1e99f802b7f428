import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { envelope, fakeServer, folderWith, run, start } from "./support.js";

describe("lghrec doctor", () => {
  it("exits with 0 if the server answers and is compatible", async () => {
    const { endpoint } = await fakeServer();
    const done = await run(["doctor", "--endpoint", endpoint, "--output", "json"]);
    expect(done.code).toBe(0);
    expect(envelope(done).result).toMatchObject({
      server: { version: "0.0.0-fake" },
      checks: [{ name: "server", ok: true }, { name: "contract", ok: true }, { name: "python" }],
    });
  });

  it("exits with 6 if nothing listens, and reports on Python too", async () => {
    const args = ["doctor", "--endpoint", "http://127.0.0.1:1", "--output", "json"];
    const done = await run(args, { LGHREC_PYTHON: join(folderWith({}), "no-python") });
    expect(done.code).toBe(6);
    expect(envelope(done)).toMatchObject({
      result: {
        checks: [
          { name: "server", ok: false },
          { name: "python", ok: false },
        ],
      },
      error: { code: "connection" },
    });
  });

  it("exits with 8 if the server has an older contract", async () => {
    const { endpoint } = await fakeServer({ apiRevision: 0 });
    const done = await run(["doctor", "--endpoint", endpoint, "--output", "json"]);
    expect(done.code).toBe(8);
  });

  it("--wait repeats the check until the server answers or the time elapses", async () => {
    const { endpoint, control } = await fakeServer();
    control.inject({ method: "GetServerInfo", error: { status: "unavailable" }, times: 2 });
    expect((await run(["doctor", "--wait", "20s", "--endpoint", endpoint])).code).toBe(0);
    const nobody = ["doctor", "--wait", "300ms", "--endpoint", "http://127.0.0.1:1"];
    expect((await run(nobody)).code).toBe(6);
    expect((await run(["doctor", "--wait", "soon"])).code).toBe(2);
  });
});

describe("lghrec serve", () => {
  it("exits with 11 if Python is missing", async () => {
    const python = join(folderWith({}), "no-python");
    const done = await run(["serve", "--output", "json"], { LGHREC_PYTHON: python });
    expect(done.code).toBe(11);
    expect(envelope(done).error).toMatchObject({ code: "config", exitCode: 11 });
    expect(done.stderr).toContain(python);
  });

  it("rejects an invalid port with 2", async () => {
    expect((await run(["serve", "--port", "70000"])).code).toBe(2);
  });
});

describe("stdout", () => {
  it("can be closed by its reader without an error on stderr", async () => {
    const events = Array.from(
      { length: 2_000 },
      (_, step) => ({ type: "metric", name: "m", value: 1, step }) as const,
    );
    const fake = await fakeServer({ script: () => ({ events }) });
    const spec = `dataset: ${"a".repeat(64)}\nbackbone: { name: mf }\n`;
    const args = ["train", "-", "--endpoint", fake.endpoint, "--output", "ndjson", "--quiet"];
    const { child, finished } = start(args, {}, spec);
    child.stdout.destroy();
    expect((await finished).stderr).toBe("");
  });
});
