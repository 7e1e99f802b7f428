/**
 * Downloads the files of an artifact. Bytes are written to a `.part` file, whose name contains the expected hash. An
 * interrupted download continues from that file, also in another process. A file appears under its name only when it is
 * complete.
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

/**
 * Downloads the files of `artifact` into the folder `dest`.
 *
 * @throws IntegrityError for bytes with another hash than the artifact lists.
 * @throws NotFoundError for a file that the artifact does not have.
 */
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
    const message = `artifact ${artifact.id} was not downloaded within ${timeoutMs} ms; call again to continue`;
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

/** The download of one file. */
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
    if (await this.#isComplete()) return this.#options.onBytes(this.#file.sizeBytes);
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

  async #isComplete(): Promise<boolean> {
    const found = await stat(this.#path).catch(() => undefined);
    if (found?.size !== this.#file.sizeBytes) return false;
    return (await hashFile(this.#path, this.#options.signal)).digest("hex") === this.#file.sha256;
  }

  /** Continues with the bytes that an earlier download wrote. */
  async #resume(): Promise<void> {
    const found = await stat(this.#part).catch(() => undefined);
    if (found === undefined || found.size === 0 || found.size > this.#file.sizeBytes) return;
    this.#hash = await hashFile(this.#part, this.#options.signal);
    this.#done = found.size;
    this.#options.onBytes(this.#done);
  }

  /** Fetches the rest of the file. Reconnects after errors, and gives up only after several attempts without new bytes. */
  async #fetchAll(handle: FileHandle): Promise<void> {
    const { retry, logger } = this.#rpc.settings;
    let failures = 0;
    while (this.#done < this.#file.sizeBytes) {
      const before = this.#done;
      try {
        await this.#fetch(handle);
        if (this.#done < this.#file.sizeBytes) throw this.#integrityError(`ended after ${this.#done} bytes`);
      } catch (error) {
        this.#options.signal.throwIfAborted();
        failures = this.#done > before ? 1 : failures + 1;
        if (!LghrecError.is(error) || !isRetryable(error) || failures >= retry.maxAttempts) throw error;
        const waitMs = retryAfterMs(error) ?? backoffMs(failures, retry);
        logger.warn?.("resuming the download", {
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
        throw this.#integrityError(`continued at byte ${offset}, expected ${this.#done}`);
      await handle.write(chunk, 0, chunk.length, this.#done);
      this.#hash.update(chunk);
      this.#done += chunk.length;
      onBytes(this.#done);
    }
  }

  async #check(): Promise<void> {
    const got = this.#hash.digest("hex");
    if (got === this.#file.sha256 && this.#done === this.#file.sizeBytes) return;
    await rm(this.#part, { force: true }); // otherwise every later download would continue from damaged bytes
    throw this.#integrityError(`has SHA-256 ${got}, expected ${this.#file.sha256}`);
  }

  #integrityError(what: string): IntegrityError {
    return new IntegrityError(`${this.#file.path} of artifact ${this.#artifact.id} ${what}`);
  }
}

function wantedFiles(artifact: ArtifactInfo, wanted: readonly string[] | undefined): readonly ArtifactFile[] {
  if (wanted === undefined) return artifact.files;
  return wanted.map((path) => {
    const file = artifact.files.find((candidate) => candidate.path === path);
    if (file !== undefined) return file;
    const paths = artifact.files.map((candidate) => candidate.path).join(", ");
    throw new NotFoundError(`artifact ${artifact.id} has no file ${path}, expected one of ${paths}`);
  });
}

/** Returns the absolute path of a file below `dest`. A path from the wire must not lead out of that folder. */
function inside(dest: string, path: string): string {
  const root = resolve(dest);
  const full = resolve(root, path);
  if (full.startsWith(root.endsWith(sep) ? root : root + sep)) return full;
  throw new IntegrityError(`the artifact lists a file outside its folder: ${path}`, {
    hint: "do not use this artifact; the server is faulty or malicious",
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
