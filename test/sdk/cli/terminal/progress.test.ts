import type { RunEvent } from "lghrec";
import { describe, expect, it } from "vitest";
import { ProgressLine } from "../../../../sdk/src/cli/terminal/progress-line.js";
import { span } from "../../../../sdk/src/cli/terminal/status-line.js";
import { bytes, TransferLine } from "../../../../sdk/src/cli/terminal/transfer-line.js";

/** Moves to the first column and erases the line. */
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
  const transferLine = new TransferLine(stream, () => clock.now);
  return { progressLine, transferLine, advance, written: () => written.join("") };
}

describe("ProgressLine", () => {
  it("on a terminal redraws one line, at most ten times per second", () => {
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

  it("elsewhere writes a line every ten seconds and for each new phase", () => {
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

  it("elsewhere does not repeat an unchanged line", () => {
    const { progressLine, written } = line(false);
    progressLine.update(progress(100));
    progressLine.update(progress(100));
    expect(written().match(/100%/g)).toHaveLength(1);
  });

  it("shows the remaining time and the newest loss", () => {
    const { progressLine, written } = line(false);
    progressLine.update(event({ type: "metric", name: "loss/total", value: 0.123456, step: 3 }));
    progressLine.update(event({ type: "progress", phase: "train", done: 50, total: 100, etaMs: 185_000 }));
    expect(written()).toContain("50% 50/100 3m05s left loss/total 0.1235");
  });

  it("never exceeds the width of the terminal: shortens the bar, then the text", () => {
    const { progressLine, written } = line(true, 40);
    progressLine.update(event({ type: "progress", phase: "train", done: 50, total: 100, etaMs: 185_000 }));
    expect(written().replace(REDRAW, "")).toBe("train       50% 50/100 3m05s left");
    progressLine.update(event({ type: "metric", name: "valid/ndcg@20", value: 0.25, step: 3 }));
    progressLine.update(event({ type: "progress", phase: "test", done: 50, total: 100, etaMs: 185_000 }));
    expect(written().split(REDRAW).at(-1)).toBe("test        50% 50/100 3m05s left valid");
  });

  it("shows items per second and the fractions of texts that are valid and grounded", () => {
    const { progressLine, written } = line(true, 100);
    const at = (ms: number, done: number) =>
      ({ ...progress(done, "encode"), time: new Date(ms), etaMs: 30_000 }) as RunEvent;
    progressLine.update(event({ type: "metric", name: "semantic/valid", value: 0.984, step: 40 }));
    progressLine.update(event({ type: "metric", name: "semantic/grounded", value: 0.9, step: 40 }));
    progressLine.update(at(1_000, 20));
    progressLine.update(at(5_000, 100)); // 80 more items in 4 seconds
    expect(written().split(REDRAW).at(-1)).toBe(
      "encode     [########################] 100% 100/100 20.0 items/s valid 98% grounded 90%",
    );
    expect(written().split(REDRAW)[1]).toContain("20/100 30s left valid 98% grounded 90%");
  });

  it("shows the server's rate of texts, which excludes cached texts", () => {
    const { progressLine, written } = line(false);
    progressLine.update(event({ type: "metric", name: "semantic/items_per_second", value: 1.5, step: 40 }));
    progressLine.update(progress(50, "describe"));
    expect(written()).toContain("50/100 1.50 items/s");
  });

  it("shows a count if the total is unknown", () => {
    const { progressLine, written } = line(false);
    progressLine.update(event({ type: "progress", phase: "read", done: 7 }));
    expect(written()).toBe("read       7\n");
  });
});

describe("TransferLine", () => {
  it("shows megabytes, their rate and the remaining time", () => {
    const { transferLine, advance, written } = line(true, 100);
    const at = (done: number) => ({ phase: "send", done, total: 50_000_000 });
    transferLine.update(at(10_000_000)); // was there before
    advance(2_000);
    transferLine.update(at(20_000_000));
    // 10 MB took 2 s, so the remaining 30 MB take 6 s
    expect(written().split(REDRAW).at(-1)).toBe(
      "send       [##########--------------]  40% 20.0/50.0 MB 5.0 MB/s 6s left",
    );
    expect(written().split(REDRAW)[1]).toBe("send       [#####-------------------]  20% 10.0/50.0 MB");
  });

  it("does not divide by zero for an empty file", () => {
    const { transferLine, written } = line(false);
    transferLine.update({ phase: "send", done: 0, total: 0 });
    expect(written()).toBe("send       [########################] 100% 0/0 B\n");
  });
});

describe("bytes", () => {
  it("selects the unit", () => {
    expect([0, 999, 1000, 1_250_000, 3e9].map(bytes)).toEqual(["0 B", "999 B", "1.0 kB", "1.3 MB", "3.0 GB"]);
  });
});

describe("span", () => {
  it("has at most two units", () => {
    expect([span(0), span(59_400), span(60_000), span(7_380_000)]).toEqual(["0s", "59s", "1m00s", "2h03m"]);
  });
});
