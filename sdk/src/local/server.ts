/** Starts and stops a server on this machine. Runs in progress survive a stop: the next server finds them. */

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

export interface LocalServerOptions extends PythonOptions {
  /** Where runs and artifacts live. Else `LGHREC_DATA_DIR`, else `lghrec` under the user's data folder. */
  dataDir?: string | undefined;
  /** Address to listen at; 127.0.0.1. */
  host?: string | undefined;
  /** 0 takes a free one; 0. */
  port?: number | undefined;
  /** Folders on this machine that preprocess may read from; server default. */
  importRoots?: readonly string[] | undefined;
  /** Server default. */
  maxConcurrentRuns?: number | undefined;
  /** Added to the environment of the server. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Gets each line of the server's log; left out, the log goes nowhere. */
  onLog?: ((line: string) => void) | undefined;
  /** Limit for the start, in milliseconds; 30,000. */
  timeoutMs?: number | undefined;
  /** Breaks off the start; it then rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
}

/** How a server ended; `code` is null when a signal killed it. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface LocalServer extends AsyncDisposable {
  /** For `createClient`, for example `http://127.0.0.1:40233`. */
  readonly endpoint: string;
  readonly pid: number;
  readonly dataDir: string;
  /** Resolves when the server ends, for whatever reason. */
  readonly exited: Promise<ServerExit>;
  /** SIGTERM, then waits; killed after `timeoutMs` (10,000). Runs in progress go on. */
  stop(options?: { timeoutMs?: number | undefined }): Promise<ServerExit>;
}

/**
 * Starts a server and waits until it is ready. It is stopped when this process exits.
 *
 * Raises `ConfigError` with `exitCode` 11 when Python or the server's package is missing or too old, 9 when the
 * port is in use, 10 when the data directory cannot be used, 2 for bad settings; `TimeoutError` when it does not
 * get ready; `ServerError` when it ends for another reason.
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
    const dataDir = makeDataDir(options.dataDir ?? defaultDataDir({ ...process.env, ...env }));
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
  /** Resolves with the one line it prints when it is ready; rejects when it ends before. */
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
    const patience = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.kill("SIGTERM");
    try {
      return await child.exited;
    } finally {
      clearTimeout(patience);
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
  const said = lastLine && `; it said: ${lastLine}`;
  return new TimeoutError(`the server was not ready within ${timeoutMs} ms${said}`, { timeoutMs });
}

function serverArgs(options: LocalServerOptions, dataDir: string): string[] {
  const { host = "127.0.0.1", port = 0, importRoots = [], maxConcurrentRuns } = options;
  return [
    ...["--data-dir", dataDir, "--host", host, "--port", String(port)],
    ...importRoots.flatMap((root) => ["--import-root", root]),
    ...(maxConcurrentRuns === undefined ? [] : ["--max-concurrent-runs", String(maxConcurrentRuns)]),
  ];
}

/** `LGHREC_DATA_DIR`, else `lghrec` under `XDG_DATA_HOME`, else under `~/.local/share`. */
function defaultDataDir(env: NodeJS.ProcessEnv): string {
  return env.LGHREC_DATA_DIR || join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "lghrec");
}

function makeDataDir(dataDir: string): string {
  const path = resolve(dataDir);
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch (cause) {
    const { code = "unknown reason" } = cause as { code?: string };
    throw new ConfigError(`the data directory cannot be made: ${path} (${code})`, {
      cause,
      hint: "choose another with dataDir or LGHREC_DATA_DIR",
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
