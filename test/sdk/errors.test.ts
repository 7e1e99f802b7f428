import { describe, expect, it } from "vitest";
import * as lghrec from "../../sdk/src/index.js";
import {
  ConfigError,
  ConnectionError,
  GateFailedError,
  LghrecError,
  RunFailedError,
} from "../../sdk/src/index.js";

describe("LghrecError", () => {
  it("is recognised by its brand, also from another copy of the package", () => {
    const foreign = Object.assign(new Error("x"), { [Symbol.for("lghrec.error")]: true, code: "timeout" });
    expect(LghrecError.is(foreign)).toBe(true);
    expect(LghrecError.is(foreign, "timeout")).toBe(true);
    expect(LghrecError.is(foreign, "auth")).toBe(false);
    for (const other of [new Error("x"), null, undefined, "x", {}]) expect(LghrecError.is(other)).toBe(false);
  });

  it("is an Error with a name, a code, a cause and a stack", () => {
    const cause = new Error("below");
    const error = new ConfigError("above", { cause, exitCode: 9 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "ConfigError", code: "config", cause, exitCode: 9, attempts: 0 });
    expect(String(error)).toBe("ConfigError: above");
    expect(error.stack).toContain("errors.test.ts");
    expect(Object.keys(error)).not.toContain("lghrec.error");
  });

  it("becomes plain data without undefined properties", () => {
    const error = new ConnectionError("refused", "nothing listens", { attempts: 3, requestId: "r" });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "ConnectionError",
      code: "connection",
      message: "nothing listens",
      hint: "start a server with `lghrec serve`, or correct the endpoint",
      retryable: true,
      attempts: 3,
      requestId: "r",
      kind: "refused",
    });
  });

  it("keeps the failure of a run in its data", () => {
    const failure = { kind: "nan", message: "loss is not finite at step 3", pythonTraceback: "tb" } as const;
    expect(new RunFailedError("run-1", failure).toJSON()).toMatchObject({
      code: "run_failed",
      runId: "run-1",
      outcome: { state: "failed", failure },
      hint: "read failure.pythonTraceback",
    });
  });

  it("names the requirements that are not met", () => {
    const error = new GateFailedError([{ gate: "recall@20>=0.05", actual: 0.04 }, { gate: "x>=1" }]);
    expect(error.message).toBe(
      "requirements are not met: recall@20>=0.05, got 0.04; x>=1, got no such metric",
    );
  });

  it("has one class for each code, and each class one code", () => {
    const classes = Object.entries(lghrec).filter(
      ([name]) => name.endsWith("Error") && name !== "LghrecError",
    );
    const args: Record<string, unknown[]> = {
      ConnectionError: ["refused", "m"],
      RunFailedError: ["run-1", { kind: "user", message: "m" }],
      GateFailedError: [[]],
    };
    const codes = classes.map(([name, type]) => {
      const make = type as unknown as new (...args: unknown[]) => LghrecError;
      const error = new make(...(args[name] ?? ["m"]));
      expect(error.name).toBe(name);
      return error.code;
    });
    expect(new Set(codes).size).toBe(classes.length);
    expect(codes.sort()).toEqual([
      "auth",
      "config",
      "conflict",
      "connection",
      "gate_failed",
      "incompatible_server",
      "integrity",
      "invalid_argument",
      "not_found",
      "resource_exhausted",
      "run_cancelled",
      "run_failed",
      "server",
      "timeout",
      "unavailable",
    ]);
  });
});
