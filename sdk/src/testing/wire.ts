/**
 * The fake server on a port. It uses another gRPC library and another codec than the client, `@grpc/grpc-js` and the stubs
 * of ts-proto, so that both sides do not share a defect.
 */

import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import {
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import * as stubs from "../grpc/index.js";
import { FakeBackend, type Incoming, SERVICES } from "./backend.js";
import { controlOf } from "./control.js";
import type { WireFake, WireOptions } from "./fake.js";
import { TcpProxy } from "./proxy.js";
import { statusDetails } from "./status.js";

const DEFINITIONS: Readonly<Record<string, ServiceDefinition>> = {
  PreprocessService: stubs.PreprocessServiceService,
  TrainService: stubs.TrainServiceService,
  EvaluateService: stubs.EvaluateServiceService,
  ExportService: stubs.ExportServiceService,
  RunService: stubs.RunServiceService,
  ArtifactService: stubs.ArtifactServiceService,
  DatasetService: stubs.DatasetServiceService,
  SemanticService: stubs.SemanticServiceService,
  RecommendService: stubs.RecommendServiceService,
  SystemService: stubs.SystemServiceService,
};

export async function serve(options: WireOptions): Promise<WireFake> {
  let proxy: TcpProxy | undefined;
  const backend = new FakeBackend(options, () => proxy?.drop());
  const server = new Server();
  for (const desc of SERVICES) addService(server, backend, desc);
  const port = await bind(server, options.tls);
  proxy = await TcpProxy.start(port);
  const relay = proxy;
  const close = async () => {
    server.forceShutdown();
    await relay.close();
  };
  return {
    endpoint: `${options.tls ? "https" : "http"}://127.0.0.1:${relay.port}`,
    control: controlOf(backend),
    dropConnections: () => relay.drop(),
    blackHole: (on) => relay.blackHole(on),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function bind(server: Server, tls: WireOptions["tls"]): Promise<number> {
  const credentials = tls
    ? ServerCredentials.createSsl(
        tls.clientCa ? Buffer.from(tls.clientCa) : null,
        [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }],
        tls.clientCa !== undefined,
      )
    : ServerCredentials.createInsecure();
  return new Promise((done, fail) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error ? fail(error) : done(port)));
  });
}

function addService(server: Server, backend: FakeBackend, desc: DescService): void {
  const definition = DEFINITIONS[desc.name];
  if (definition === undefined) throw new TypeError(`no stubs for ${desc.name}`);
  const handlers = desc.methods.map((method) => {
    const codec = definition[method.localName];
    if (codec === undefined) throw new TypeError(`no stub for ${method.name}`);
    return [method.localName, handler(backend, method, codec)];
  });
  server.addService(definition, Object.fromEntries(handlers));
}

type Codec = MethodDefinition<unknown, unknown>;

function handler(backend: FakeBackend, method: DescMethod, codec: Codec) {
  if (method.methodKind === "client_streaming") return clientStream(backend, method, codec);
  return method.methodKind === "unary" ? unary(backend, method, codec) : stream(backend, method, codec);
}

function unary(backend: FakeBackend, method: DescMethod, codec: Codec): handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    backend.unary(method, decode(method, codec, call.request), incoming(call)).then(
      (response) => callback(null, encode(method, codec, response)),
      (error: unknown) => callback(toStatus(error)),
    );
  };
}

function stream(
  backend: FakeBackend,
  method: DescMethod,
  codec: Codec,
): handleServerStreamingCall<unknown, unknown> {
  return async (call) => {
    try {
      for await (const message of backend.stream(
        method,
        decode(method, codec, call.request),
        incoming(call),
      )) {
        if (!call.write(encode(method, codec, message))) await drained(call);
      }
      call.end();
    } catch (error) {
      call.emit("error", toStatus(error));
    }
  };
}

function clientStream(
  backend: FakeBackend,
  method: DescMethod,
  codec: Codec,
): handleClientStreamingCall<unknown, unknown> {
  return (call, callback) => {
    const requests = async function* () {
      for await (const request of call) yield decode(method, codec, request);
    };
    backend.clientStream(method, requests(), incoming(call)).then(
      (response) => callback(null, encode(method, codec, response)),
      (error: unknown) => callback(toStatus(error)),
    );
  };
}

/** Waits until the stream can be written again. A client that has left does not read, so `cancelled` ends the wait too. */
function drained(call: ServerWritableStream<unknown, unknown>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off("drain", done);
      call.off("cancelled", done);
      resolve();
    };
    call.once("drain", done);
    call.once("cancelled", done);
    if (call.cancelled) done();
  });
}

/** The properties that all kinds of calls share. */
interface AnyCall {
  readonly metadata: Metadata;
  on(event: "cancelled", listener: () => void): unknown;
}

function incoming(call: AnyCall): Incoming {
  const controller = new AbortController();
  call.on("cancelled", () => controller.abort());
  const entries = Object.entries(call.metadata.getMap()).map(([key, value]) => [key, String(value)] as const);
  return { headers: new Map(entries), signal: controller.signal };
}

function decode(method: DescMethod, codec: Codec, request: unknown): Message {
  return fromBinary(method.input, codec.requestSerialize(request));
}

function encode(method: DescMethod, codec: Codec, response: Message): unknown {
  return codec.responseDeserialize(Buffer.from(toBinary(method.output, response)));
}

function toStatus(thrown: unknown) {
  const error = ConnectError.from(thrown);
  const metadata = new Metadata();
  const details = statusDetails(error);
  if (details !== undefined) metadata.set("grpc-status-details-bin", Buffer.from(details));
  return Object.assign(new Error(error.rawMessage), {
    code: error.code as number,
    details: error.rawMessage,
    metadata,
  });
}
