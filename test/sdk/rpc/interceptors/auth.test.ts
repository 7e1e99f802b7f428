import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AuthError, ConfigError } from "../../../../sdk/src/index.js";
import { isPrivate } from "../../../../sdk/src/rpc/interceptors/auth.js";
import { connect, later, rejection, wireFake } from "../../support/fakes.js";

afterEach(() => vi.unstubAllEnvs());

describe("auth", () => {
  const sent = async (options: Parameters<typeof connect>[0]) => {
    const { endpoint, control } = await wireFake();
    await connect({ endpoint, ...options }).serverInfo();
    return control.calls[0]?.headers.get("authorization");
  };

  it("sends a token, or the result of a function, or nothing", async () => {
    expect(await sent({ token: "abc" })).toBe("Bearer abc");
    expect(await sent({ token: async () => "def" })).toBe("Bearer def");
    expect(await sent({})).toBeUndefined();
  });

  it("reads the token from the environment", async () => {
    vi.stubEnv("LGHREC_TOKEN", "from-env");
    expect(await sent({})).toBe("Bearer from-env");
    expect(await sent({ token: "given" })).toBe("Bearer given");
  });

  it("reads the token from a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lghrec token "));
    later(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "token"), "from-file\n");
    vi.stubEnv("LGHREC_TOKEN_FILE", join(folder, "token"));
    expect(await sent({})).toBe("Bearer from-file");
    vi.stubEnv("LGHREC_TOKEN_FILE", join(folder, "no such file"));
    expect(() => connect({})).toThrow(ConfigError);
  });

  it("calls the function for each attempt", async () => {
    const { endpoint, control } = await wireFake();
    let asked = 0;
    control.inject({ error: { status: "unavailable" } });
    await connect({ endpoint, token: () => `t${++asked}` }).serverInfo();
    expect(control.calls.map(({ headers }) => headers.get("authorization"))).toEqual([
      "Bearer t1",
      "Bearer t2",
    ]);
  });

  it("reports a token function that fails", async () => {
    const { endpoint } = await wireFake();
    const cause = new Error("no network to the vault");
    const client = connect({ endpoint, token: () => Promise.reject(cause) });
    expect(await rejection(client.serverInfo())).toMatchObject({ code: "auth", cause });
    expect(await rejection(client.serverInfo())).toBeInstanceOf(AuthError);
  });

  it("never sends a token in plaintext to another machine without allowInsecureToken", async () => {
    const remote = { endpoint: "http://192.0.2.1:1", token: "abc", timeoutMs: 50 };
    expect(await rejection(connect(remote).serverInfo())).toBeInstanceOf(ConfigError);
    expect(await rejection(connect({ ...remote, allowInsecureToken: true }).serverInfo())).not.toBeInstanceOf(
      ConfigError,
    );
  });

  it.each([
    ["http://127.0.0.1:1", true],
    ["http://127.8.9.1:1", true],
    ["http://localhost:1", true],
    ["http://[::1]:1", true],
    ["https://example.org", true],
    ["unix:///run/lghrec.sock", true],
    ["http://example.org", false],
    ["http://127.0.0.1.example.org", false],
    ["http://10.0.0.1", false],
  ])("classifies %s as private: %s", (endpoint, expected) => {
    expect(isPrivate(endpoint)).toBe(expected);
  });
});
