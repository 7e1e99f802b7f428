import type { WireFake } from "lghrec/testing";
import { describe, expect, it } from "vitest";
import { envelope, fakeServer, lines, specFile, start, TRAIN } from "./support.js";

const holding = () => fakeServer({ script: () => ({ outcome: "hold" }) });
const cancels = (fake: WireFake) => fake.control.calls.filter(({ method }) => method === "CancelRun").length;

async function training(fake: WireFake, ...args: string[]) {
  const running = start(["train", specFile(TRAIN), "--endpoint", fake.endpoint, "--output", "json", ...args]);
  await running.says("running");
  return running;
}

describe("the first signal", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s cancels the run that the command started and exits with %d", async (signal, code) => {
    const fake = await holding();
    const { child, finished } = await training(fake);
    child.kill(signal);
    const done = await finished;
    expect(done.code).toBe(code);
    expect(cancels(fake)).toBe(1);
    expect(envelope(done)).toMatchObject({ run: { state: "cancelled" }, error: { code: "run_cancelled" } });
  });

  it("does not stop the run with --on-interrupt detach", async () => {
    const fake = await holding();
    const { child, finished } = await training(fake, "--on-interrupt", "detach");
    child.kill("SIGINT");
    const done = await finished;
    expect(done.code).toBe(130);
    expect(cancels(fake)).toBe(0);
    expect(envelope(done)).toMatchObject({ run: { id: "run-1" }, error: { code: "interrupted" } });
    expect(done.stderr).toContain("the run continues: lghrec attach run-1");
  });

  it("does not stop a run to which the command attached", async () => {
    const fake = await holding();
    const submitted = start(["train", specFile(TRAIN), "--endpoint", fake.endpoint, "--detach"]);
    await submitted.finished;
    const attached = start(["attach", "run-1", "--endpoint", fake.endpoint, "--output", "ndjson"]);
    await attached.says("running");
    attached.child.kill("SIGINT");
    const done = await attached.finished;
    expect(done.code).toBe(130);
    expect(cancels(fake)).toBe(0);
    expect(lines(done).at(-1)).toMatchObject({ type: "summary", error: { code: "interrupted" } });
  });
});

describe("the second signal", () => {
  it("exits at once, even if the server does not answer the cancel call", async () => {
    const fake = await holding();
    const { child, finished, says } = await training(fake);
    fake.control.inject({ method: "CancelRun", silent: true });
    child.kill("SIGINT");
    await says("press Ctrl-C again");
    child.kill("SIGINT");
    const done = await finished;
    expect(done.code).toBe(130);
    // The signal ends the cancel call, not its limit of 30 s.
    expect(done.stderr).toContain("could not be cancelled: Interrupted");
    expect(envelope(done).error).toMatchObject({ code: "interrupted" });
  });
});
