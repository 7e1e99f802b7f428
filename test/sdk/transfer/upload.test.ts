import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import {
  ConnectionError,
  IntegrityError,
  InvalidArgumentError,
  NotFoundError,
  ResourceExhaustedError,
  type SkippedFiles,
  TimeoutError,
  type UploadProgress,
} from "../../../sdk/src/index.js";
import type { FakeControl } from "../../../sdk/src/testing/index.js";
import { describeBoth, describeInMemory, later, rejection } from "../support/fakes.js";

/** One megabyte whose period differs from the size of the chunks. */
const BYTES = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * 31 + (i >> 8)) % 251);

function folderWith(files: Readonly<Record<string, Uint8Array | string>>): string {
  const root = mkdtempSync(join(tmpdir(), "lghrec upload "));
  later(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const sends = ({ calls }: FakeControl) => calls.flatMap(({ upload }) => (upload ? [upload] : []));
const methods = ({ calls }: FakeControl) => calls.map(({ method }) => method);

/** Returns pseudo-random whole numbers below `limit`, the same in each run of the tests. */
function numbers(count: number, limit: number): number[] {
  let state = 7;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  });
}

describeBoth("datasets.upload", (start) => {
  it("uploads a folder in a fixed order, and reports its progress", async () => {
    const { client, control } = await start();
    const root = folderWith({
      "items/titles.csv": "id,title\n",
      "clicks.csv": BYTES,
      "B.csv": "b",
      empty: "",
    });
    const progress: UploadProgress[] = [];
    const ref = await client.datasets.upload(root, { name: "mine", onProgress: (p) => progress.push(p) });
    expect(ref).toMatchObject({ kind: "source", name: "mine", sizeBytes: 1_000_013 });
    expect(ref.files.map(({ path }) => path)).toEqual(["B.csv", "clicks.csv", "empty", "items/titles.csv"]);
    expect(Buffer.from(control.uploadedBytes(ref.id, "clicks.csv") ?? []).equals(BYTES)).toBe(true);
    for (const phase of ["hash", "send"] as const) {
      const done = progress.filter((p) => p.phase === phase).map((p) => p.done);
      expect(done).toEqual([...done].sort((a, b) => a - b));
      expect(done.at(-1)).toBe(1_000_013);
    }
    expect(progress.every(({ total }) => total === 1_000_013)).toBe(true);
  });

  it("uploads one file under its own name", async () => {
    const { client, control } = await start();
    const ref = await client.datasets.upload(join(folderWith({ "clicks.tsv": "1\t2\n" }), "clicks.tsv"));
    expect(ref.name).toBe("clicks.tsv");
    expect(ref.files.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([["clicks.tsv", 4]]);
    expect(Buffer.from(control.uploadedBytes(ref.id, "clicks.tsv") ?? []).toString()).toBe("1\t2\n");
  });

  it("sends the same bytes once, from any client and with any name of the folder", async () => {
    const { client, control, connect } = await start();
    const first = await client.datasets.upload(folderWith({ a: BYTES, b: "b" }), { name: "first" });
    const before = control.calls.length;
    const again = await connect().datasets.upload(folderWith({ b: "b", a: BYTES }), { name: "second" });
    expect(again).toEqual(first);
    expect(methods(control).slice(before)).toEqual(["BeginUpload", "GetDataset"]);
  });

  it("continues from the received bytes after each of twenty interruptions, and sends none of them again", async () => {
    const { client, control } = await start();
    const cuts = numbers(20, 90_000);
    for (const afterBytes of cuts) control.inject({ method: "UploadFile", afterBytes, drop: true });
    const ref = await client.datasets.upload(folderWith({ "clicks.csv": BYTES }));
    expect(Buffer.from(control.uploadedBytes(ref.id, "clicks.csv") ?? []).equals(BYTES)).toBe(true);
    // each stream begins where the previous one was cut, so acknowledged bytes are never sent twice
    const starts = [0];
    for (const cut of cuts) starts.push((starts.at(-1) ?? 0) + cut);
    expect(sends(control).map(({ offset }) => offset)).toEqual(starts);
    expect(sends(control).at(-1)?.bytes).toBe(BYTES.length - (starts.at(-1) ?? 0));
  });

  it("continues in another process, also between files", async () => {
    const { client, control, connect } = await start({}, { retry: false });
    const root = folderWith({ a: "a".repeat(10), b: "b".repeat(20), c: "c".repeat(30) });
    control.inject({ method: "UploadFile", error: { status: "resource_exhausted", reason: "DISK_FULL" } });
    expect(await rejection(client.datasets.upload(root))).toBeInstanceOf(ResourceExhaustedError);
    control.inject({ method: "UploadFile", afterBytes: 10, drop: true });
    expect(await rejection(client.datasets.upload(root))).toBeInstanceOf(ConnectionError);
    const progress: UploadProgress[] = [];
    await connect().datasets.upload(root, { onProgress: (p) => p.phase === "send" && progress.push(p) });
    expect(progress.map(({ file, done }) => [file, done])).toEqual([
      ["b", 30],
      ["c", 60],
    ]);
  });

  it("gives up after the maximum number of consecutive failures", async () => {
    const { client, control } = await start();
    control.inject({ method: "UploadFile", times: 99, drop: true });
    expect(await rejection(client.datasets.upload(folderWith({ a: "1" })))).toBeInstanceOf(ConnectionError);
    expect(methods(control).filter((method) => method === "UploadFile")).toHaveLength(5);
  });

  it("does not retry if the server rejects the upload", async () => {
    const { client, control } = await start();
    control.inject({ method: "UploadFile", error: { status: "invalid_argument", reason: "FIELD_INVALID" } });
    const error = await rejection(client.datasets.upload(folderWith({ a: BYTES })));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(methods(control)).toEqual(["BeginUpload", "UploadFile"]);
  });

  it("throws IntegrityError for a file that changes before or during the transfer", async () => {
    const { client, control } = await start();
    const root = folderWith({ a: BYTES });
    const change = (write: () => void) => ({
      onProgress: ({ phase, done, total }: UploadProgress) => phase === "hash" && done === total && write(),
    });
    const shorter = change(() => writeFileSync(join(root, "a"), BYTES.subarray(0, 10)));
    expect(await rejection(client.datasets.upload(root, shorter as never))).toBeInstanceOf(IntegrityError);
    writeFileSync(join(root, "a"), BYTES);
    const other = change(() => writeFileSync(join(root, "a"), BYTES.toReversed()));
    expect(await rejection(client.datasets.upload(root, other as never))).toMatchObject({
      name: "IntegrityError",
      reason: "HASH_MISMATCH",
    });
    writeFileSync(join(root, "a"), BYTES);
    const ref = await client.datasets.upload(root);
    expect(Buffer.from(control.uploadedBytes(ref.id, "a") ?? []).equals(BYTES)).toBe(true);
  });

  it("throws the error that a callback throws", async () => {
    const { client } = await start();
    for (const wanted of ["hash", "send"]) {
      const own = new Error(`in ${wanted}`);
      const onProgress = ({ phase }: UploadProgress) => {
        if (phase === wanted) throw own;
      };
      expect(await rejection(client.datasets.upload(folderWith({ a: BYTES }), { onProgress }))).toBe(own);
    }
  });

  it("sends the size that a file had at the beginning, even if it grows", async () => {
    const { client } = await start();
    const root = folderWith({ log: BYTES });
    const grow = ({ phase }: UploadProgress) => phase === "send" && appendFileSync(join(root, "log"), "more");
    const ref = await client.datasets.upload(root, { onProgress: grow as never });
    expect(ref.sizeBytes).toBe(BYTES.length);
  });

  it("ends with the reason of the signal while it hashes, sends or waits, and continues in the next call", async () => {
    const { client, control } = await start();
    const root = folderWith({ a: BYTES });
    for (const wanted of ["hash", "send"]) {
      const controller = new AbortController();
      const reason = new Error(`enough of ${wanted}`);
      const onProgress = ({ phase }: UploadProgress) => phase === wanted && controller.abort(reason);
      const options = { signal: controller.signal, onProgress: onProgress as never };
      expect(await rejection(client.datasets.upload(root, options))).toBe(reason);
    }
    const aborted = AbortSignal.abort(new Error("before"));
    const calls = control.calls.length;
    expect(await rejection(client.datasets.upload(root, { signal: aborted }))).toBe(aborted.reason);
    expect(control.calls.length).toBe(calls);
    const ref = await client.datasets.upload(root);
    expect(Buffer.from(control.uploadedBytes(ref.id, "a") ?? []).equals(BYTES)).toBe(true);
  });

  it("ends after timeoutMs", async () => {
    const { client, control } = await start();
    control.inject({ method: "UploadFile", afterBytes: 300_000, silent: true });
    const error = await rejection(client.datasets.upload(folderWith({ a: BYTES }), { timeoutMs: 100 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).message).toContain("call again to continue");
  });

  it("leaves out hidden files and links, and reports their number", async () => {
    const { client } = await start();
    const root = folderWith({ a: "1", ".hidden": "2", ".git/config": "3", "b/.DS_Store": "4", "b/c": "5" });
    symlinkSync(join(root, "a"), join(root, "link"));
    symlinkSync(root, join(root, "b/loop"));
    const skipped: SkippedFiles[] = [];
    const ref = await client.datasets.upload(root, { onSkipped: (s) => skipped.push(s) });
    expect(ref.files.map(({ path }) => path)).toEqual(["a", "b/c"]);
    expect(skipped).toEqual([{ hidden: 3, symlinks: 2, special: 0 }]);
  });
});

describeInMemory("datasets", (start) => {
  it("rejects a path without files before it calls the server", async () => {
    const { client, control } = await start();
    const [empty, hidden] = [folderWith({}), folderWith({ ".only": "x" })];
    for (const path of [join(empty, "none"), empty, hidden, "/dev/null"]) {
      const error = await rejection(client.datasets.upload(path));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect((error as Error).message).toContain(path);
    }
    expect(control.calls).toEqual([]);
  });

  it("are listed newest first over pages, fetched and deleted", async () => {
    const { client, control } = await start();
    const refs = Array.from({ length: 201 }, (_, i) => control.addDataset(`set ${i}`, { a: String(i) }));
    const listed: string[] = [];
    for await (const { id } of client.datasets.list()) listed.push(id);
    expect(listed).toEqual(refs.map(({ id }) => id).reverse());
    const [first] = refs;
    expect(await client.datasets.get(first?.id ?? "")).toEqual(first);
    await client.datasets.delete(first ?? "");
    const gone = await rejection(client.datasets.get(first ?? ""));
    expect(gone).toBeInstanceOf(NotFoundError);
    expect(gone).toMatchObject({ reason: "DATASET_UNKNOWN" });
  });

  it("can be used in a spec", async () => {
    const { client } = await start();
    const upload = await client.datasets.upload(folderWith({ a: "1" }));
    const columns = { user: "u", item: "i", rating: "stars" };
    const run = await client.preprocess({ source: { upload, format: "delimited", columns } });
    expect((await run.info()).spec.source).toEqual({ upload: upload.id, format: "delimited", columns });
  });
});
