import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  type DownloadProgress,
  IntegrityError,
  NotFoundError,
  TimeoutError,
} from "../../../sdk/src/index.js";
import { describeBoth, describeInMemory, later, rejection } from "../support/fakes.js";

/** One megabyte whose period differs from the size of the chunks. */
const BYTES = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * 31 + (i >> 8)) % 251);
const FILES = { "model/embeddings.bin": BYTES, "ids.json": "{}", "empty.txt": "" };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "lghrec download "));
  later(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const isWhole = (dest: string) => readFileSync(join(dest, "model/embeddings.bin")).equals(BYTES);
const names = (dest: string) => readdirSync(dest, { recursive: true }).map(String).sort();

describeBoth("artifacts.download", (start) => {
  it("writes every file, and reports its progress", async () => {
    const { client, control } = await start();
    const dest = folder();
    const progress: DownloadProgress[] = [];
    const artifact = control.addArtifact("model", FILES);
    const info = await client.artifacts.download(artifact, dest, { onProgress: (p) => progress.push(p) });
    expect(isWhole(dest)).toBe(true);
    expect(names(dest)).toEqual(["empty.txt", "ids.json", "model", "model/embeddings.bin"]);
    expect(info).toMatchObject({ id: artifact.id, kind: "model", sizeBytes: 1_000_005 });
    expect(info.files.map(({ path }) => path)).toEqual(Object.keys(FILES));
    expect(progress.at(-1)).toMatchObject({ done: 1_000_005, total: 1_000_005 });
    const done = progress.map((p) => p.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it("continues where a connection broke", async () => {
    const { client, control } = await start();
    const artifact = control.addArtifact("model", FILES);
    for (const afterMessages of [1, 3, 5])
      control.inject({ method: "DownloadArtifact", afterMessages, drop: true });
    const dest = folder();
    await client.artifacts.download(artifact, dest, { files: ["model/embeddings.bin"] });
    expect(isWhole(dest)).toBe(true);
    expect(control.calls.filter(({ method }) => method === "DownloadArtifact")).toHaveLength(4);
  });

  it("continues where an earlier process stopped, and skips complete files", async () => {
    const { client, control } = await start();
    const artifact = control.addArtifact("model", FILES);
    const dest = folder();
    const { files } = await client.artifacts.get(artifact.id);
    const sha256 = files.find(({ path }) => path.endsWith(".bin"))?.sha256;
    mkdirSync(join(dest, "model"));
    writeFileSync(
      join(dest, `model/embeddings.bin.${sha256?.slice(0, 16)}.part`),
      BYTES.subarray(0, 900_000),
    );
    const progress: number[] = [];
    await client.artifacts.download(artifact, dest, { onProgress: ({ done }) => progress.push(done) });
    expect(isWhole(dest)).toBe(true);
    expect(progress[0]).toBe(900_000);
    const before = control.calls.length;
    await client.artifacts.download(artifact, dest);
    expect(control.calls.slice(before).map(({ method }) => method)).toEqual(["GetArtifact"]);
  });

  it("replaces a file with other content", async () => {
    const { client, control } = await start();
    const dest = folder();
    mkdirSync(join(dest, "model"));
    writeFileSync(join(dest, "model/embeddings.bin"), Buffer.alloc(BYTES.length));
    await client.artifacts.download(control.addArtifact("model", FILES), dest);
    expect(isWhole(dest)).toBe(true);
  });

  it("rejects bytes with another hash, and deletes them", async () => {
    const { client, control } = await start();
    const artifact = control.addArtifact("model", { a: BYTES });
    const damaged = BYTES.slice();
    damaged[500_000] = (damaged[500_000] ?? 0) ^ 1;
    control.corruptArtifact(artifact.id, "a", damaged);
    const dest = folder();
    const error = await rejection(client.artifacts.download(artifact, dest));
    expect(error).toBeInstanceOf(IntegrityError);
    expect((error as Error).message).toContain("SHA-256");
    expect(names(dest)).toEqual([]);
    control.corruptArtifact(artifact.id, "a", BYTES);
    await client.artifacts.download(artifact, dest);
    expect(names(dest)).toEqual(["a"]);
  });

  it("rejects fewer or more bytes than expected", async () => {
    const { client, control } = await start();
    const artifact = control.addArtifact("model", { a: BYTES });
    for (const bytes of [BYTES.subarray(0, 10), Buffer.concat([BYTES, BYTES])]) {
      control.corruptArtifact(artifact.id, "a", bytes);
      const dest = folder();
      expect(await rejection(client.artifacts.download(artifact, dest))).toBeInstanceOf(IntegrityError);
      expect(existsSync(join(dest, "a"))).toBe(false);
    }
  });

  it.each(["../outside", "a/../../outside", "/etc/outside"])("does not write to %s", async (path) => {
    const { client, control } = await start();
    const dest = join(folder(), "inner");
    const artifact = control.addArtifact("model", { [path]: "x" });
    expect(await rejection(client.artifacts.download(artifact, dest))).toBeInstanceOf(IntegrityError);
    expect(existsSync(join(dest, "../outside"))).toBe(false);
  });

  it("ends with the reason of the signal, and continues in the next call", async () => {
    const { client, control } = await start();
    const artifact = control.addArtifact("model", FILES);
    const dest = folder();
    const controller = new AbortController();
    const reason = new Error("lid closed");
    const onProgress = ({ done }: DownloadProgress) => done > 300_000 && controller.abort(reason);
    const options = { signal: controller.signal, onProgress };
    expect(await rejection(client.artifacts.download(artifact, dest, options as never))).toBe(reason);
    expect(names(join(dest, "model"))).toEqual([expect.stringMatching(/\.part$/)]);
    await client.artifacts.download(artifact, dest);
    expect(isWhole(dest)).toBe(true);
  });

  it("ends after timeoutMs", async () => {
    const { client, control } = await start();
    const artifact = control.addArtifact("model", FILES);
    control.inject({ method: "DownloadArtifact", afterMessages: 1, silent: true });
    expect(await rejection(client.artifacts.download(artifact, folder(), { timeoutMs: 60 }))).toBeInstanceOf(
      TimeoutError,
    );
  });

  it("rejects unknown files and artifacts", async () => {
    const { client, control } = await start();
    const artifact = control.addArtifact("model", FILES);
    const dest = folder();
    expect(await rejection(client.artifacts.download(artifact, dest, { files: ["no"] }))).toBeInstanceOf(
      NotFoundError,
    );
    expect(await rejection(client.artifacts.download("f".repeat(64), dest))).toBeInstanceOf(NotFoundError);
    expect(names(dest)).toEqual([]);
  });
});

describeInMemory("artifacts.list", (start) => {
  it("lists all artifacts, or those of a kind, newest first", async () => {
    const { client, control } = await start();
    const [a, b] = [control.addArtifact("dataset", { a: "1" }), control.addArtifact("model", { b: "2" })];
    const ids = async (filter?: Parameters<typeof client.artifacts.list>[0]) => {
      const all: string[] = [];
      for await (const artifact of client.artifacts.list(filter)) all.push(artifact.id);
      return all;
    };
    expect(await ids()).toEqual([b.id, a.id]);
    expect(await ids({ kind: "dataset" })).toEqual([a.id]);
  });
});
