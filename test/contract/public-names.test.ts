import * as main from "lghrec";
import * as local from "lghrec/local";
import * as testing from "lghrec/testing";
import { describe, expect, it } from "vitest";

// Users import these names, so to remove one is a breaking change.
describe("public names", () => {
  it("of lghrec", () => {
    expect(Object.keys(main).sort()).toMatchInlineSnapshot(`
      [
        "AuthError",
        "ConfigError",
        "ConflictError",
        "ConnectionError",
        "GateFailedError",
        "IncompatibleServerError",
        "IntegrityError",
        "InvalidArgumentError",
        "LghrecError",
        "NotFoundError",
        "ResourceExhaustedError",
        "RunCancelledError",
        "RunFailedError",
        "ServerError",
        "TimeoutError",
        "UnavailableError",
        "VARIANTS",
        "createClient",
      ]
    `);
  });

  it("of lghrec/local", () => {
    expect(Object.keys(local).sort()).toMatchInlineSnapshot(`
      [
        "findPython",
        "startLocalServer",
      ]
    `);
  });

  it("of lghrec/testing", () => {
    expect(Object.keys(testing).sort()).toMatchInlineSnapshot(`
      [
        "createFakeServer",
        "startWireFake",
      ]
    `);
  });
});
