/** Lists and hashes the files of an upload. */

import { createHash } from "node:crypto";
import { createReadStream, type Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { SkippedFiles } from "../api/datasets.js";
import { IntegrityError, InvalidArgumentError } from "../errors.js";

/** Limit of the contract. */
const MAX_FILES = 10_000;
const READ_BYTES = 1024 * 1024;

export interface LocalFile {
  /** Relative path with forward slashes, which the server stores. */
  readonly path: string;
  /** Path of the file on this machine. */
  readonly source: string;
  readonly sizeBytes: number;
}

export interface Listing {
  /** Last part of the path that the caller gave. */
  readonly name: string;
  /** Sorted by path in the order of UTF-16 units, which is the same on every machine. */
  readonly files: readonly LocalFile[];
  readonly skipped: SkippedFiles;
}

/**
 * Lists a single file, or the files below a folder. The path itself may be a symbolic link or a hidden file.
 *
 * @throws InvalidArgumentError for a path that does not exist or cannot be read, and for a folder with no files or with
 *   too many.
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
      hint: "give the path of a file or a folder",
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

/** Collects the files below a folder, and counts the entries that it leaves out. */
class Walk {
  readonly files: LocalFile[] = [];
  readonly skipped = { hidden: 0, symlinks: 0, special: 0 };
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
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
      throw new InvalidArgumentError(`cannot upload ${this.#path}: more than ${MAX_FILES} files`, {
        hint: "upload an archive, or fewer files",
      });
    }
    const { size } = await stat(source).catch((cause: unknown) => this.refuse(cause));
    this.files.push({ path, source, sizeBytes: size });
  }

  refuse(cause: unknown): never {
    const { code, message } = cause as NodeJS.ErrnoException;
    const what = code === "ENOENT" ? "the file or folder does not exist" : message;
    throw new InvalidArgumentError(`cannot upload ${this.#path}: ${what}`, {
      cause,
      hint: "check the path and its permissions",
    });
  }
}

/**
 * Returns the SHA-256 of a file, 64 hexadecimal digits.
 *
 * @throws IntegrityError if the size of the file has changed since it was listed.
 */
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
  if (done !== file.sizeBytes) throw changedFile(file);
  return hash.digest("hex");
}

/** The error for a file whose content changed after the upload began. */
export function changedFile({ path }: LocalFile): IntegrityError {
  return new IntegrityError(`${path} changed during the upload`, {
    hint: "upload again when no program writes to the file",
  });
}
