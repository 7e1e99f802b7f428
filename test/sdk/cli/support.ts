import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startWireFake, type WireFake, type WireOptions } from "lghrec/testing";
import { onTestFinished } from "vitest";

const MAIN = resolve(import.meta.dirname, "../../../sdk/dist/cli/main.js");

export const TRAIN = `dataset: ${"a".repeat(64)}\nbackbone: { name: lightccf }\n`;
export const EVALUATE = `model: ${"b".repeat(64)}\n`;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
  /** Resolves when stderr or stdout contains the text. */
  says(text: string): Promise<void>;
}

/** Starts the compiled command line. Its environment has only PATH and HOME of this machine. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin = ""): Running {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH, HOME, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdin.end(stdin);
  const finished = new Promise<Finished>((done) => {
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
  const says = async (text: string) => {
    while (!`${stdout}${stderr}`.includes(text)) {
      if (child.exitCode !== null) throw new Error(`ended without writing ${text}: ${stdout}${stderr}`);
      await new Promise((done) => setTimeout(done, 10));
    }
  };
  return { child, finished, says };
}

export const run = (args: readonly string[], env?: NodeJS.ProcessEnv, stdin?: string): Promise<Finished> =>
  start(args, env, stdin).finished;

/** Starts a fake server that is closed at the end of the test. */
export async function fakeServer(options: WireOptions = {}): Promise<WireFake> {
  const fake = await startWireFake(options);
  onTestFinished(() => fake.close());
  return fake;
}

/** Creates a folder with the given files, which is deleted at the end of the test. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "lghrec cli "));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Writes a spec file and returns its path. */
export const specFile = (content: string): string => join(folderWith({ "spec.yaml": content }), "spec.yaml");

/** Parses stdout of `--output json`: one object, for success and for failure. */
export function envelope({ stdout }: Finished): {
  schemaVersion: number;
  command: string;
  run: Record<string, unknown> | null;
  result: Record<string, unknown> | null;
  error: Record<string, unknown> | null;
} {
  return JSON.parse(stdout);
}

/** Parses the lines of `--output ndjson`. */
export function lines({ stdout }: Finished): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}
