/** Starts and stops a server on this machine. Active runs continue after a stop, and the next server finds them. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ConfigError, TimeoutError } from "../errors.js";
import { LinkedAbort, untilAborted } from "../rpc/abort.js";
import { exitError } from "./exit.js";
import { findPython, type PythonOptions } from "./python.js";

/** Options of {@link startLocalServer}. */
export interface LocalServerOptions extends PythonOptions {
  /**
   * Folder of runs and artifacts. The default is the environment variable `LGHREC_DATA_DIR`, then `lghrec` in the user's
   * data folder (`XDG_DATA_HOME`, or `~/.local/share`).
   */
  dataDir?: string | undefined;
  /** Address to listen on. The default is 127.0.0.1. */
  host?: string | undefined;
  /** Port to listen on. 0 selects a free port, and is the default. */
  port?: number | undefined;
  /** Folders whose files specs may use by path. The default is the server's setting. */
  importRoots?: readonly string[] | undefined;
  /** Maximum number of runs at the same time. The default is the server's setting. */
  maxConcurrentRuns?: number | undefined;
  /** Environment variables of the server, in addition to those of this process. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Called for each line of the server's log. By default the log is discarded. */
  onLog?: ((line: string) => void) | undefined;
  /** Limit of the start, in milliseconds. The default is 30,000. */
  timeoutMs?: number | undefined;
  /** Ends the start, which then rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
}

/** How a server ended. `code` is null if a signal ended it. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A server that {@link startLocalServer} has started. */
export interface LocalServer extends AsyncDisposable {
  /** Endpoint for `createClient`, for example `http://127.0.0.1:40233`. */
  readonly endpoint: string;
  readonly pid: number;
  readonly dataDir: string;
  /** Resolves when the server has ended, for any reason. */
  readonly exited: Promise<ServerExit>;
  /**
   * Sends SIGTERM and waits until the server has ended. Active runs continue.
   *
   * @param options The server is killed after `timeoutMs`, in milliseconds. The default is 10,000.
   */
  stop(options?: { timeoutMs?: number | undefined }): Promise<ServerExit>;
}

/**
 * Starts a server and waits until it is ready. The server is stopped when this process exits.
 *
 * @throws ConfigError with `exitCode` 11 if Python or the server's package is missing or too old, 9 if the port is in
 *   use, 10 if the data directory cannot be used, and 2 for wrong settings.
 * @throws TimeoutError if the server is not ready in time.
 * @throws ServerError if it ends for another reason.
 *
 * @example
 * await using server = await startLocalServer();
 * await using client = createClient({ endpoint: server.endpoint });
 */
export async function startLocalServer(options: LocalServerOptions = {}): Promise<LocalServer> {
  options.signal?.throwIfAborted();
  const { timeoutMs = 30_000, env, python } = options;
  const linked = new LinkedAbort(options.signal);
  let child: Child | undefined;
  try {
    const found = await findPython({ python, env, signal: linked.signal });
    const dataDir = createDataDir(options.dataDir ?? defaultDataDir({ ...process.env, ...env }));
    const started = new Child(found.command, [...found.args, ...serverArgs(options, dataDir)], options);
    child = started;
    linked.after(timeoutMs, () => notReady(timeoutMs, started.lastLine));
    const endpoint = await untilAborted(started.endpoint, linked.signal);
    return running(started, endpoint, dataDir);
  } catch (error) {
    child?.kill("SIGKILL");
    throw error;
  } finally {
    linked.dispose();
  }
}

/** A started server process. */
class Child {
  /** Resolves with the endpoint that the server prints when it is ready. Rejects if the server ends before. */
  readonly endpoint: Promise<string>;
  readonly exited: Promise<ServerExit>;
  lastLine = "";
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;

  constructor(command: string, args: readonly string[], { env, onLog }: LocalServerOptions) {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    const stop = () => child.kill("SIGTERM");
    process.once("exit", stop);
    this.exited = new Promise((done) => {
      child.once("error", () => done({ code: null, signal: null }));
      child.once("close", (code, signal) => done({ code, signal }));
    });
    this.exited.finally(() => process.off("exit", stop));
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (line.trim() !== "") this.lastLine = line.trim();
      onLog?.(line);
    });
    this.endpoint = this.#readEndpoint();
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  kill(signal: "SIGTERM" | "SIGKILL"): void {
    this.#process.kill(signal);
  }

  #readEndpoint(): Promise<string> {
    return new Promise((done, fail) => {
      createInterface({ input: this.#process.stdout }).on("line", (line) => {
        const endpoint = parseEndpoint(line);
        if (endpoint !== undefined) done(endpoint);
      });
      this.exited.then(({ code, signal }) => fail(exitError(code, signal, this.lastLine)));
    });
  }
}

function running(child: Child, endpoint: string, dataDir: string): LocalServer {
  const stop = async ({
    timeoutMs = 10_000,
  }: {
    timeoutMs?: number | undefined;
  } = {}): Promise<ServerExit> => {
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.kill("SIGTERM");
    try {
      return await child.exited;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    endpoint,
    pid: child.pid,
    dataDir,
    exited: child.exited,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

function notReady(timeoutMs: number, lastLine: string): TimeoutError {
  const detail = lastLine && `; its last line of log: ${lastLine}`;
  return new TimeoutError(`the server was not ready within ${timeoutMs} ms${detail}`, { timeoutMs });
}

function serverArgs(options: LocalServerOptions, dataDir: string): string[] {
  const { host = "127.0.0.1", port = 0, importRoots = [], maxConcurrentRuns } = options;
  return [
    ...["--data-dir", dataDir, "--host", host, "--port", String(port)],
    ...importRoots.flatMap((root) => ["--import-root", root]),
    ...(maxConcurrentRuns === undefined ? [] : ["--max-concurrent-runs", String(maxConcurrentRuns)]),
  ];
}

/** Returns `LGHREC_DATA_DIR`, or `lghrec` in `XDG_DATA_HOME`, or `lghrec` in `~/.local/share`. */
function defaultDataDir(env: NodeJS.ProcessEnv): string {
  return env.LGHREC_DATA_DIR || join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "lghrec");
}

function createDataDir(dataDir: string): string {
  const path = resolve(dataDir);
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch (cause) {
    const { code = "unknown reason" } = cause as { code?: string };
    throw new ConfigError(`the data directory cannot be created: ${path} (${code})`, {
      cause,
      hint: "choose another folder with dataDir or LGHREC_DATA_DIR",
      exitCode: 10,
    });
  }
}

function parseEndpoint(line: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    const endpoint = (parsed as { endpoint?: unknown } | null)?.endpoint;
    return typeof endpoint === "string" ? endpoint : undefined;
  } catch {
    return undefined;
  }
}
