/**
 * Downloads the files of an artifact. Bytes go to a `.part` file named after the hash they must have; a cut
 * download goes on from there, also in another process. A file appears under its name only when it is whole.
 */

import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import type { ArtifactFile, ArtifactInfo, DownloadOptions } from "../api/artifacts.js";
import { IntegrityError, LghrecError, NotFoundError, TimeoutError } from "../errors.js";
import { ArtifactService } from "../gen/lghrec/v1/artifact_pb.js";
import { LinkedAbort, sleep } from "../rpc/abort.js";
import { backoffMs, isRetryable } from "../rpc/interceptors/retry.js";
import type { Rpc } from "../rpc/rpc.js";
import { positive } from "../rpc/settings.js";
import { retryAfterMs } from "../rpc/wire-errors.js";

/** Raises `IntegrityError` for bytes with another hash, `NotFoundError` for a file it does not have. */
export async function download(
  rpc: Rpc,
  artifact: ArtifactInfo,
  dest: string,
  options: DownloadOptions,
): Promise<void> {
  const files = wantedFiles(artifact, options.files);
  const total = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const linked = new LinkedAbort(options.signal);
  const { timeoutMs } = options;
  if (timeoutMs !== undefined) {
    const message = `artifact ${artifact.id} was not downloaded within ${timeoutMs} ms; call again to go on`;
    linked.after(positive("timeoutMs", timeoutMs), () => new TimeoutError(message, { timeoutMs }));
  }
  try {
    let before = 0;
    for (const file of files) {
      const start = before;
      const onBytes = (done: number) => options.onProgress?.({ file: file.path, done: start + done, total });
      await new FileDownload(rpc, artifact, file, { dest, onBytes, signal: linked.signal }).run();
      before += file.sizeBytes;
    }
  } finally {
    linked.dispose();
  }
}

interface FileOptions {
  readonly dest: string;
  readonly signal: AbortSignal;
  onBytes(done: number): void;
}

class FileDownload {
  readonly #rpc: Rpc;
  readonly #artifact: ArtifactInfo;
  readonly #file: ArtifactFile;
  readonly #options: FileOptions;
  readonly #path: string;
  readonly #part: string;
  #hash: Hash = createHash("sha256");
  #done = 0;

  constructor(rpc: Rpc, artifact: ArtifactInfo, file: ArtifactFile, options: FileOptions) {
    this.#rpc = rpc;
    this.#artifact = artifact;
    this.#file = file;
    this.#options = options;
    this.#path = inside(options.dest, file.path);
    this.#part = `${this.#path}.${file.sha256.slice(0, 16)}.part`;
  }

  async run(): Promise<void> {
    if (await this.#isThere()) return this.#options.onBytes(this.#file.sizeBytes);
    await mkdir(dirname(this.#path), { recursive: true });
    await this.#resume();
    const handle = await open(this.#part, this.#done > 0 ? "r+" : "w");
    try {
      await this.#fetchAll(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await this.#check();
    await rename(this.#part, this.#path);
  }

  async #isThere(): Promise<boolean> {
    const found = await stat(this.#path).catch(() => undefined);
    if (found?.size !== this.#file.sizeBytes) return false;
    return (await hashFile(this.#path, this.#options.signal)).digest("hex") === this.#file.sha256;
  }

  /** Takes over what an earlier download left. */
  async #resume(): Promise<void> {
    const found = await stat(this.#part).catch(() => undefined);
    if (found === undefined || found.size === 0 || found.size > this.#file.sizeBytes) return;
    this.#hash = await hashFile(this.#part, this.#options.signal);
    this.#done = found.size;
    this.#options.onBytes(this.#done);
  }

  /** A connection that breaks is opened again where it broke, as long as bytes go on coming. */
  async #fetchAll(handle: FileHandle): Promise<void> {
    const { retry, logger } = this.#rpc.settings;
    let failures = 0;
    while (this.#done < this.#file.sizeBytes) {
      const before = this.#done;
      try {
        await this.#fetch(handle);
        if (this.#done < this.#file.sizeBytes) throw this.#damaged(`ended after ${this.#done} bytes`);
      } catch (error) {
        this.#options.signal.throwIfAborted();
        failures = this.#done > before ? 1 : failures + 1;
        if (!LghrecError.is(error) || !isRetryable(error) || failures >= retry.maxAttempts) throw error;
        const waitMs = retryAfterMs(error) ?? backoffMs(failures, retry);
        logger.warn?.("downloading on", {
          file: this.#file.path,
          offset: this.#done,
          waitMs,
          error: error.message,
        });
        await sleep(waitMs, this.#options.signal);
      }
    }
  }

  async #fetch(handle: FileHandle): Promise<void> {
    const { signal, onBytes } = this.#options;
    const request = { artifactId: this.#artifact.id, path: this.#file.path, offset: BigInt(this.#done) };
    const method = ArtifactService.method.downloadArtifact;
    for await (const { offset, chunk } of this.#rpc.stream(method, request, { signal })) {
      if (Number(offset) !== this.#done)
        throw this.#damaged(`went on at byte ${offset} instead of ${this.#done}`);
      await handle.write(chunk, 0, chunk.length, this.#done);
      this.#hash.update(chunk);
      this.#done += chunk.length;
      onBytes(this.#done);
    }
  }

  async #check(): Promise<void> {
    const got = this.#hash.digest("hex");
    if (got === this.#file.sha256 && this.#done === this.#file.sizeBytes) return;
    await rm(this.#part, { force: true }); // to go on from damaged bytes would fail for ever
    throw this.#damaged(`has SHA-256 ${got}, expected ${this.#file.sha256}`);
  }

  #damaged(what: string): IntegrityError {
    return new IntegrityError(`${this.#file.path} of artifact ${this.#artifact.id} ${what}`);
  }
}

function wantedFiles(artifact: ArtifactInfo, wanted: readonly string[] | undefined): readonly ArtifactFile[] {
  if (wanted === undefined) return artifact.files;
  return wanted.map((path) => {
    const file = artifact.files.find((candidate) => candidate.path === path);
    if (file !== undefined) return file;
    const there = artifact.files.map((candidate) => candidate.path).join(", ");
    throw new NotFoundError(`artifact ${artifact.id} has no file ${path}; it has ${there}`);
  });
}

/** A path from the wire must not lead out of the folder the user chose. */
function inside(dest: string, path: string): string {
  const root = resolve(dest);
  const full = resolve(root, path);
  if (full.startsWith(root.endsWith(sep) ? root : root + sep)) return full;
  throw new IntegrityError(`the artifact names a file outside its folder: ${path}`, {
    hint: "do not use this artifact; its server is broken or hostile",
  });
}

async function hashFile(path: string, signal: AbortSignal): Promise<Hash> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) {
    signal.throwIfAborted();
    hash.update(chunk as Buffer);
  }
  return hash;
}
