import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, ServerError, TimeoutError } from "../../../sdk/src/index.js";
import { findPython, type LocalServerOptions, startLocalServer } from "../../../sdk/src/local/index.js";
import { virtualEnvironments } from "../../../sdk/src/local/python.js";
import { later, rejection, until } from "../support/fakes.js";

const script = resolve(import.meta.dirname, "../support/fake-python.mjs");

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "lghrec local "));
  later(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Creates an executable that behaves like a Python interpreter. */
function fakePython(path = join(folder(), "python")): string {
  mkdirSync(resolve(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

async function start(fake: Record<string, string>, options: LocalServerOptions = {}) {
  const server = await startLocalServer({ python: fakePython(), dataDir: folder(), env: fake, ...options });
  later(() => server.stop({ timeoutMs: 50 }));
  return server;
}

const failure = (fake: Record<string, string>, options?: LocalServerOptions) =>
  rejection(start(fake, options));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("startLocalServer", () => {
  it("starts a server, waits for its endpoint, and stops it", async () => {
    const log: string[] = [];
    const dataDir = join(folder(), "made", "on the way");
    const options = {
      dataDir,
      port: 7311,
      importRoots: ["a", "b"],
      maxConcurrentRuns: 2,
      onLog: (l: string) => log.push(l),
    };
    const server = await start({}, options);
    expect(server).toMatchObject({ endpoint: "http://127.0.0.1:7311", dataDir });
    expect(existsSync(dataDir)).toBe(true);
    expect(isAlive(server.pid)).toBe(true);
    await until(() => log.length > 0);
    const args = [
      "-m",
      "lghrec_compute.server",
      "--data-dir",
      dataDir,
      "--host",
      "127.0.0.1",
      "--port",
      "7311",
    ];
    const more = ["--import-root", "a", "--import-root", "b", "--max-concurrent-runs", "2"];
    expect(log[0]).toBe(`started with ${JSON.stringify([...args, ...more])}`);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(isAlive(server.pid)).toBe(false);
  });

  it("kills a server that does not stop", async () => {
    const server = await start({ FAKE_SERVER: "stubborn" });
    expect(await server.stop({ timeoutMs: 100 })).toEqual({ code: null, signal: "SIGKILL" });
  });

  it("stops it at the end of a block", async () => {
    const server = await start({});
    await server[Symbol.asyncDispose]();
    expect(isAlive(server.pid)).toBe(false);
  });

  it("reads the data directory from the environment, then uses the user's data folder", async () => {
    const [named, xdg] = [folder(), folder()];
    const env = { LGHREC_DATA_DIR: named };
    expect((await start(env, { dataDir: undefined })).dataDir).toBe(named);
    const none = { LGHREC_DATA_DIR: "", XDG_DATA_HOME: xdg };
    expect((await start(none, { dataDir: undefined })).dataDir).toBe(join(xdg, "lghrec"));
  });

  it.each([
    ["2", "--max-concurrent-runs must be at least 1", "settings"],
    ["9", "port 7300 is in use", "port"],
    ["10", "the data directory is locked by process 12", "data directory"],
  ])("explains exit code %s of the server", async (code, says, meaning) => {
    const error = await failure({ FAKE_SERVER: code, FAKE_SAYS: says });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ exitCode: Number(code), hint: expect.stringMatching(/^[^\n]+$/) });
    expect((error as Error).message).toContain(meaning);
    expect((error as Error).message).toContain(says);
  });

  it("reports a server that ends for another reason", async () => {
    const error = await failure({ FAKE_SERVER: "1", FAKE_SAYS: "ImportError: no module named grpc" });
    expect(error).toBeInstanceOf(ServerError);
    expect((error as Error).message).toContain("code 1");
    expect((error as Error).message).toContain("no module named grpc");
  });

  it("rejects a data directory that cannot be created", async () => {
    const file = join(folder(), "file");
    writeFileSync(file, "");
    expect(await failure({}, { dataDir: join(file, "data") })).toMatchObject({
      code: "config",
      exitCode: 10,
    });
  });

  it("kills a server that is not ready in time", async () => {
    const error = await failure({ FAKE_SERVER: "slow" }, { timeoutMs: 500 });
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).message).toContain("started with");
  });

  it("stops waiting with the signal's reason", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 200);
    expect(await failure({ FAKE_SERVER: "slow" }, { signal: controller.signal })).toBe(reason);
    expect(await failure({}, { signal: controller.signal })).toBe(reason);
  });

  it("is stopped when the process that started it exits", async () => {
    const source = resolve(import.meta.dirname, "../../../sdk/src/local/index.ts");
    const code = `
      import { startLocalServer } from ${JSON.stringify(source)};
      const options = { python: ${JSON.stringify(fakePython())}, dataDir: ${JSON.stringify(folder())} };
      const server = await startLocalServer(options);
      console.log(server.pid);
      process.exit(0);`;
    const tsx = resolve(import.meta.dirname, "../../../node_modules/tsx/dist/cli.mjs");
    const child = spawn(process.execPath, [tsx, "--input-type=module", "-e", code], { stdio: "pipe" });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    await once(child, "close");
    expect(Number(output)).toBeGreaterThan(1);
    await until(() => !isAlive(Number(output)));
  });
});

describe("findPython", () => {
  const problem = async (env: Record<string, string>, python?: string) => {
    const error = await rejection(findPython({ python: python ?? fakePython(), env }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ exitCode: 11, hint: expect.stringContaining("npm run setup") });
    return (error as Error).message;
  };

  it("uses the interpreter of the option, then of the environment", async () => {
    const [option, named] = [fakePython(), fakePython()];
    const env = { LGHREC_PYTHON: named, FAKE_VERSION: "3 12 1" };
    const expected = { args: ["-m", "lghrec_compute.server"], version: "3.12.1" };
    expect(await findPython({ python: option, env })).toEqual({
      command: option,
      source: "python option",
      ...expected,
    });
    expect(await findPython({ env })).toEqual({ command: named, source: "LGHREC_PYTHON", ...expected });
  });

  it("rejects an interpreter that does not exist", async () => {
    expect(await problem({}, join(folder(), "no-python"))).toMatch(
      /Python does not exist: .*no-python \(python option\)/,
    );
  });

  it("rejects a program that is not Python", async () => {
    expect(await problem({}, "/bin/false")).toContain("does not run as a Python interpreter");
  });

  it.each(["3 10 12", "2 7 18", "4 0 0"])("rejects version %s", async (version) => {
    expect(await problem({ FAKE_VERSION: version })).toMatch(
      /too old: .* is [\d.]+, expected 3\.11 or newer/,
    );
  });

  it("rejects an interpreter without the server's package", async () => {
    expect(await problem({ FAKE_PACKAGE: "False" })).toContain("lghrec-compute is not installed");
  });

  it("searches .venv in parent folders, the nearest first, each once", () => {
    const root = folder();
    const near = fakePython(join(root, "a", ".venv", "bin", "python"));
    const far = fakePython(join(root, ".venv", "bin", "python"));
    const found = [...virtualEnvironments([join(root, "a", "b"), root])];
    expect(found.filter((path) => path.startsWith(root))).toEqual([near, far]);
  });
});
