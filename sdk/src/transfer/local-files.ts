/** The files that an upload of a path is made of. */

import { createHash } from "node:crypto";
import { createReadStream, type Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { SkippedFiles } from "../api/datasets.js";
import { IntegrityError, InvalidArgumentError } from "../errors.js";

/** The contract's own limit. */
const MAX_FILES = 10_000;
const READ_BYTES = 1024 * 1024;

export interface LocalFile {
  /** Relative, with forward slashes: the name on the server. */
  readonly path: string;
  /** Where it lies. */
  readonly source: string;
  readonly sizeBytes: number;
}

export interface Listing {
  /** The last part of the path given. */
  readonly name: string;
  /** By path, in the order of UTF-16 units, which is the same on every machine. */
  readonly files: readonly LocalFile[];
  readonly skipped: SkippedFiles;
}

/**
 * A file as it is, or the files below a folder. What the caller names is followed and taken whatever it is called.
 *
 * Raises `InvalidArgumentError` for a path that is not there or cannot be read, without files or with too many.
 */
export async function listFiles(path: string): Promise<Listing> {
  const root = resolve(path);
  const walk = new Walk(path);
  const found = await stat(root).catch((cause: unknown) => walk.refuse(cause));
  const name = basename(root);
  if (!found.isDirectory()) {
    const files = [{ path: name, source: root, sizeBytes: found.size }];
    if (found.isFile()) return { name, files, skipped: walk.skipped };
    throw new InvalidArgumentError(`cannot upload ${path}: it is neither a file nor a folder`, {
      hint: "name a file or a folder",
    });
  }
  await walk.folder(root, "");
  if (walk.files.length === 0) {
    throw new InvalidArgumentError(`cannot upload ${path}: the folder has no files`, {
      hint: "hidden files and symbolic links are left out",
    });
  }
  const files = walk.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { name, files, skipped: walk.skipped };
}

class Walk {
  readonly files: LocalFile[] = [];
  readonly skipped = { hidden: 0, symlinks: 0, special: 0 };
  readonly #given: string;

  constructor(given: string) {
    this.#given = given;
  }

  async folder(source: string, prefix: string): Promise<void> {
    const entries = await readdir(source, { withFileTypes: true }).catch((cause: unknown) =>
      this.refuse(cause),
    );
    for (const entry of entries) await this.#entry(entry, join(source, entry.name), prefix + entry.name);
  }

  async #entry(entry: Dirent, source: string, path: string): Promise<void> {
    if (entry.name.startsWith(".")) this.skipped.hidden++;
    else if (entry.isSymbolicLink()) this.skipped.symlinks++;
    else if (entry.isDirectory()) await this.folder(source, `${path}/`);
    else if (!entry.isFile()) this.skipped.special++;
    else await this.#file(source, path);
  }

  async #file(source: string, path: string): Promise<void> {
    if (this.files.length === MAX_FILES) {
      throw new InvalidArgumentError(`cannot upload ${this.#given}: more than ${MAX_FILES} files`, {
        hint: "upload an archive, or fewer files",
      });
    }
    const { size } = await stat(source).catch((cause: unknown) => this.refuse(cause));
    this.files.push({ path, source, sizeBytes: size });
  }

  refuse(cause: unknown): never {
    const { code, message } = cause as NodeJS.ErrnoException;
    const what = code === "ENOENT" ? "there is no such file or folder" : message;
    throw new InvalidArgumentError(`cannot upload ${this.#given}: ${what}`, {
      cause,
      hint: "check the path, and that you may read it",
    });
  }
}

/** 64 hexadecimal digits. Raises `IntegrityError` if the file has not the size it had when it was listed. */
export async function hashFile(
  file: LocalFile,
  signal: AbortSignal,
  onBytes: (done: number) => void,
): Promise<string> {
  const hash = createHash("sha256");
  let done = 0;
  for await (const chunk of createReadStream(file.source, { highWaterMark: READ_BYTES })) {
    signal.throwIfAborted();
    hash.update(chunk as Buffer);
    done += (chunk as Buffer).length;
    onBytes(done);
  }
  if (done !== file.sizeBytes) throw changed(file);
  return hash.digest("hex");
}

/** The file is another one than it was when the upload began. */
export function changed({ path }: LocalFile): IntegrityError {
  return new IntegrityError(`${path} changed while it was uploaded`, {
    hint: "upload again once nothing writes to it",
  });
}
