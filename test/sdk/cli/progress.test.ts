import type { RunEvent } from "lghrec";
import { describe, expect, it } from "vitest";
import { ProgressLine, span } from "../../../sdk/src/cli/progress.js";

/** Back to the first column, and what stood there wiped out. */
const REDRAW = "\r\u001b[K";

const event = (body: object): RunEvent => ({ seq: 1, time: new Date(0), ...body }) as RunEvent;
const progress = (done: number, phase = "train") => event({ type: "progress", phase, done, total: 100 });

function line(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (part: string) => written.push(part) };
  const clock = { now: 0 };
  const advance = (ms: number) => {
    clock.now += ms;
  };
  const progressLine = new ProgressLine(stream, () => clock.now);
  return { progressLine, advance, written: () => written.join("") };
}

describe("ProgressLine", () => {
  it("on a terminal redraws one line, at most ten times a second", () => {
    const { progressLine, advance, written } = line(true);
    progressLine.update(progress(1));
    progressLine.update(progress(2));
    advance(101);
    progressLine.update(progress(3));
    expect(written().split(REDRAW)).toHaveLength(3);
    expect(written()).not.toContain("\n");
    expect(written()).toContain("train      [#-----------------------]   3% 3/100");
    progressLine.clear();
    expect(written().endsWith(REDRAW)).toBe(true);
  });

  it("off a terminal writes a line every ten seconds and for each new phase", () => {
    const { progressLine, advance, written } = line(false);
    progressLine.update(progress(1));
    advance(9_999);
    progressLine.update(progress(2));
    advance(2);
    progressLine.update(progress(3));
    progressLine.update(progress(0, "evaluate"));
    expect(
      written()
        .split("\n")
        .map((text) => text.split(" ")[0]),
    ).toEqual(["train", "train", "evaluate", ""]);
    expect(written()).not.toContain("\r");
  });

  it("shows the time that is left and the newest loss", () => {
    const { progressLine, written } = line(false);
    progressLine.update(event({ type: "metric", name: "loss/total", value: 0.123456, step: 3 }));
    progressLine.update(event({ type: "progress", phase: "train", done: 50, total: 100, etaMs: 185_000 }));
    expect(written()).toContain("50% 50/100 3m05s left loss/total 0.1235");
  });

  it("never writes past the edge of the terminal", () => {
    const { progressLine, written } = line(true, 40);
    progressLine.update(event({ type: "progress", phase: "train", done: 50, total: 100, etaMs: 185_000 }));
    expect(written().replace(REDRAW, "").length).toBe(39);
  });

  it("counts when no total is known", () => {
    const { progressLine, written } = line(false);
    progressLine.update(event({ type: "progress", phase: "read", done: 7 }));
    expect(written()).toBe("read       7\n");
  });
});

describe("span", () => {
  it("has two units at most", () => {
    expect([span(0), span(59_400), span(60_000), span(7_380_000)]).toEqual(["0s", "59s", "1m00s", "2h03m"]);
  });
});
