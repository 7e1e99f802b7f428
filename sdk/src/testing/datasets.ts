/** Uploaded data sets of a fake server. Received bytes are kept, also of incomplete uploads. */

import { crc32 } from "node:zlib";
import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type BeginUploadRequest,
  type Dataset,
  DatasetSchema,
  type ListDatasetsRequest,
  type UploadChunk,
  type UploadFileRequest,
  type UploadHeader,
} from "../gen/lghrec/v1/dataset_pb.js";
import { sha256 } from "./artifacts.js";
import { statusError } from "./status.js";

const MAX_CHUNK_BYTES = 256 * 1024;

interface Upload {
  readonly message: Dataset;
  /** Received bytes of each file. */
  readonly received: Map<string, Uint8Array>;
  complete: boolean;
}

/** Observes the files of an upload, and limits how many bytes of a chunk are kept. */
export interface Receiver {
  begin(path: string, offset: number): void;
  /** Returns how many of these bytes are kept. */
  accept(bytes: number): number;
  /** Called if not all bytes were kept. It never returns normally. */
  cut(): Promise<never>;
}

export class FakeDatasets {
  readonly #uploads = new Map<string, Upload>();
  /** Ids of complete data sets, oldest first. */
  readonly #complete: string[] = [];

  begin({ name, files }: Pick<BeginUploadRequest, "name" | "files">) {
    const named = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
    const id = sha256(JSON.stringify(named.map((f) => [f.path, String(f.sizeBytes), f.sha256])));
    const upload = this.#uploads.get(id) ?? this.#create(id, name, named);
    if (this.#pending(upload).length === 0) this.#finish(upload);
    return { datasetId: id, complete: upload.complete, pending: this.#pending(upload) };
  }

  /** Receives the bytes of one file, and keeps the bytes before a fault. */
  async receive(requests: AsyncIterable<UploadFileRequest>, receiver: Receiver) {
    let header: UploadHeader | undefined;
    let upload: Upload | undefined;
    for await (const { message } of requests) {
      if (message.case === "header") {
        header = message.value;
        upload = this.#open(header);
        receiver.begin(header.path, Number(header.offset));
      } else if (message.case === "chunk" && header !== undefined && upload !== undefined) {
        this.#check(message.value, upload.received.get(header.path)?.length ?? 0);
        const kept = receiver.accept(message.value.data.length);
        append(upload.received, header.path, message.value.data.subarray(0, kept));
        if (kept < message.value.data.length) await receiver.cut();
      }
    }
    if (header === undefined || upload === undefined) throw invalid("the first message is not a header");
    this.#checkHash(upload, header.path);
    if (this.#pending(upload).length === 0) this.#finish(upload);
    const bytes = upload.received.get(header.path)?.length ?? 0;
    return { receivedBytes: BigInt(bytes), complete: upload.complete };
  }

  get(id: string): Dataset {
    const upload = this.#uploads.get(id);
    if (upload?.complete) return upload.message;
    throw statusError({ status: "not_found", reason: "DATASET_UNKNOWN", message: `no data set ${id}` });
  }

  /** Returns one page, newest first. The token is the number of data sets before the page. */
  page({ pageSize, pageToken }: ListDatasetsRequest): { datasets: Dataset[]; nextPageToken: string } {
    const all = this.#complete.map((id) => this.get(id)).reverse();
    const start = Number(pageToken || 0);
    const end = start + (pageSize || 50);
    return { datasets: all.slice(start, end), nextPageToken: end < all.length ? String(end) : "" };
  }

  delete(id: string): void {
    this.get(id);
    this.#uploads.delete(id);
    this.#complete.splice(this.#complete.indexOf(id), 1);
  }

  bytes(id: string, path: string): Uint8Array | undefined {
    return this.#uploads.get(id)?.received.get(path);
  }

  add(name: string, contents: Readonly<Record<string, Uint8Array | string>>): Dataset {
    const files = Object.entries(contents).map(([path, content]) => ({ path, bytes: Buffer.from(content) }));
    const { datasetId } = this.begin({
      name,
      files: files.map(({ path, bytes }) => ({
        $typeName: "lghrec.v1.DatasetFile",
        path,
        sizeBytes: BigInt(bytes.length),
        sha256: sha256(bytes),
      })),
    });
    const upload = this.#uploads.get(datasetId) as Upload;
    for (const { path, bytes } of files) upload.received.set(path, bytes);
    this.#finish(upload);
    return upload.message;
  }

  #create(id: string, name: string, files: BeginUploadRequest["files"]): Upload {
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0n);
    const createTime = timestampFromDate(new Date());
    const message = create(DatasetSchema, { id, name, sizeBytes, files, createTime });
    const upload = { message, received: new Map<string, Uint8Array>(), complete: false };
    this.#uploads.set(id, upload);
    return upload;
  }

  #pending({ message, received }: Upload) {
    return message.files
      .map(({ path, sizeBytes }) => ({ path, sizeBytes, receivedBytes: received.get(path)?.length ?? 0 }))
      .filter(({ sizeBytes, receivedBytes }) => receivedBytes < Number(sizeBytes))
      .map(({ path, receivedBytes }) => ({ path, receivedBytes: BigInt(receivedBytes) }));
  }

  #finish(upload: Upload): void {
    if (upload.complete) return;
    upload.complete = true;
    this.#complete.push(upload.message.id);
  }

  #open({ datasetId, path, offset }: UploadHeader): Upload {
    const upload = this.#uploads.get(datasetId);
    if (upload === undefined) {
      throw statusError({
        status: "not_found",
        reason: "DATASET_UNKNOWN",
        message: `no upload ${datasetId}`,
      });
    }
    const received = upload.received.get(path)?.length ?? 0;
    if (Number(offset) > received) throw invalid(`offset ${offset} is past the ${received} bytes received`);
    upload.received.set(path, (upload.received.get(path) ?? new Uint8Array()).subarray(0, Number(offset)));
    return upload;
  }

  #check({ offset, data, crc32: expected }: UploadChunk, received: number): void {
    if (Number(offset) !== received) throw invalid(`chunk at ${offset} does not follow ${received} bytes`);
    if (data.length > MAX_CHUNK_BYTES) throw invalid(`chunk of ${data.length} bytes`);
    if (crc32(data) !== expected) throw invalid(`chunk at ${offset} has another checksum`);
  }

  #checkHash({ message, received }: Upload, path: string): void {
    const file = message.files.find((candidate) => candidate.path === path);
    const bytes = received.get(path) ?? new Uint8Array();
    if (file === undefined) throw invalid(`no file ${path} was announced`);
    if (BigInt(bytes.length) < file.sizeBytes || sha256(bytes) === file.sha256) return;
    received.delete(path);
    const message_ = `${path} has another hash than was announced`;
    throw statusError({ status: "data_loss", reason: "HASH_MISMATCH", message: message_ });
  }
}

function append(received: Map<string, Uint8Array>, path: string, bytes: Uint8Array): void {
  received.set(path, Buffer.concat([received.get(path) ?? new Uint8Array(), bytes]));
}

function invalid(message: string) {
  return statusError({ status: "invalid_argument", reason: "FIELD_INVALID", message });
}
