import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createClient, type LghrecClient } from "lghrec";
import { type LocalServer, startLocalServer } from "lghrec/local";
import { afterAll, afterEach } from "vitest";
import { type Checkerboard, writeCheckerboard } from "../support/checkerboard.js";

export const repository = resolve(import.meta.dirname, "../..");

/** A folder that is gone after the tests of this file. */
export function scratch(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "lghrec e2e ")));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface World {
  readonly root: string;
  readonly dataDir: string;
  /** Import root of the server. */
  readonly imports: string;
  readonly server: LocalServer;
  readonly client: LghrecClient;
}

/** A real server on a free port with a data directory of its own, and a client of it. */
export async function startWorld(root: string): Promise<World> {
  const dataDir = join(root, "data");
  const imports = join(root, "imports");
  const server = await startLocalServer({ dataDir, importRoots: [imports] });
  const client = createClient({ endpoint: server.endpoint });
  return { root, dataDir, imports, server, client };
}

/** Prepares a small generated data set with texts. */
export function prepare(world: World, name = "board", sizes: Partial<Checkerboard> = {}) {
  const path = writeCheckerboard(world.imports, name, sizes);
  return world.client
    .preprocess({
      source: { path, format: "recbole" },
      filter: { kCore: 2 },
      semantic: { textSource: "extractive", encoder: "minilm" },
    })
    .wait();
}

/** Process id of the worker of a run, once it has said who it is. */
export async function workerPid(world: World, runId: string): Promise<number> {
  const path = join(world.dataDir, "runs", runId, "worker.json");
  while (!existsSync(path)) await new Promise((done) => setTimeout(done, 20));
  return JSON.parse(readFileSync(path, "utf8")).pid;
}

const running = new Set<ChildProcess>();

// A program that outlives a test that timed out would keep its server, and with it the data directory.
afterEach(() => {
  for (const child of running) child.kill();
});

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; its environment knows no endpoint but the one given. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Finished> {
  const { LGHREC_ENDPOINT: _, GITHUB_ACTIONS: __, ...inherited } = process.env;
  const child = spawn(file, args, {
    cwd: options.cwd ?? repository,
    env: { ...inherited, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.on("close", () => running.delete(child));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}

/** Runs the command line. */
export function lghrec(world: World | undefined, ...args: string[]): Promise<Finished> {
  const endpoint = world ? ["--endpoint", world.server.endpoint] : [];
  return runProgram(process.execPath, [join(repository, "sdk/dist/cli/main.js"), ...args, ...endpoint]);
}

/** All values of an async iterable. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of source) values.push(value);
  return values;
}
