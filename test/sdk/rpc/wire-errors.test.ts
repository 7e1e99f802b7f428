import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  AuthError,
  ConflictError,
  ConnectionError,
  IncompatibleServerError,
  IntegrityError,
  InvalidArgumentError,
  LghrecError,
  NotFoundError,
  ResourceExhaustedError,
  ServerError,
  TimeoutError,
  UnavailableError,
} from "../../../sdk/src/index.js";
import { fromWire } from "../../../sdk/src/rpc/wire-errors.js";
import type { FakeStatus } from "../../../sdk/src/testing/index.js";
import { certificate, NAMED_TLS, SERVER_TLS } from "../support/certs.js";
import { connect, describeBoth, later, rejection, TRAIN, wireFake } from "../support/fakes.js";

const info = (options: Parameters<typeof connect>[0]) =>
  rejection(connect(options).serverInfo({ timeoutMs: 10_000 }));

/** Starts a program on a port that is not a gRPC server. */
async function listen(onSocket: (socket: Socket) => void): Promise<string> {
  const server = createServer(onSocket).listen(0, "127.0.0.1");
  later(() => server.close());
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function expectConnection(error: unknown, kind: ConnectionError["kind"]): Promise<void> {
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ kind, code: "connection" });
  expect((error as LghrecError).hint).toMatch(/^[^\n]+$/);
}

describe("a connection that fails", () => {
  it("is refused where nothing listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    const error = await info({ endpoint: `http://127.0.0.1:${port}` });
    await expectConnection(error, "refused");
    expect(error).toMatchObject({ attempts: 5 });
  });

  it("is refused at a missing unix socket", async () => {
    await expectConnection(await info({ endpoint: `unix://${join(tmpdir(), "no-such.sock")}` }), "refused");
  });

  it("is a name that cannot be resolved", async () => {
    const error = await info({ endpoint: "http://no-such-host.invalid:1" });
    await expectConnection(error, "dns");
    expect(error).toMatchObject({ attempts: 1 });
  });

  it("is TLS with an authority that is not trusted", async () => {
    const { endpoint } = await wireFake({ tls: SERVER_TLS });
    await expectConnection(await info({ endpoint }), "tls");
    await expectConnection(await info({ endpoint, tls: { ca: certificate("other") } }), "tls");
  });

  it("is TLS with another name", async () => {
    const { endpoint } = await wireFake({ tls: NAMED_TLS });
    await expectConnection(await info({ endpoint, tls: { ca: certificate("ca") } }), "tls");
  });

  it("is TLS without the client certificate that the server requires", async () => {
    const { endpoint } = await wireFake({ tls: { ...SERVER_TLS, clientCa: certificate("ca") } });
    await expectConnection(await info({ endpoint, tls: { ca: certificate("ca") } }), "tls");
  });

  it("is TLS to a plaintext port", async () => {
    const { endpoint } = await wireFake();
    await expectConnection(await info({ endpoint: endpoint.replace("http:", "https:") }), "tls");
  });

  it("is plaintext to a TLS port, which must not look like an abort", async () => {
    const { endpoint } = await wireFake({ tls: SERVER_TLS });
    await expectConnection(await info({ endpoint: endpoint.replace("https:", "http:") }), "protocol");
  });

  it("is a server of HTTP/1", async () => {
    const server = createHttp((_, response) => response.end("hello")).listen(0, "127.0.0.1");
    later(() => server.close());
    await once(server, "listening");
    const error = await info({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    await expectConnection(error, "protocol");
  });

  it("is a port that sends something else, or closes the connection", async () => {
    await expectConnection(
      await info({ endpoint: `http://${await listen((socket) => socket.end("220 mail ready\r\n"))}` }),
      "protocol",
    );
    const error = await info({ endpoint: `http://${await listen((socket) => socket.destroy())}` });
    expect(error).toBeInstanceOf(ConnectionError);
    expect(["protocol", "reset"]).toContain((error as ConnectionError).kind);
  });
});

describeBoth("a status of the server", (start) => {
  const cases: [FakeStatus, new (...args: never[]) => LghrecError, object][] = [
    [
      {
        status: "invalid_argument",
        reason: "FIELD_INVALID",
        violations: [{ path: "optimizer.learning_rate", description: "too large" }],
      },
      InvalidArgumentError,
      {
        message: "train spec: optimizer.learningRate: too large",
        violations: [{ path: "optimizer.learningRate", description: "too large" }],
      },
    ],
    [{ status: "not_found", reason: "ARTIFACT_UNKNOWN" }, NotFoundError, { reason: "ARTIFACT_UNKNOWN" }],
    [
      { status: "not_found", reason: "ITEM_UNKNOWN", metadata: { hint: "give its external id" } },
      NotFoundError,
      { hint: "give its external id" }, // the server's own advice is the better one
    ],
    [{ status: "data_loss", reason: "HASH_MISMATCH" }, IntegrityError, { reason: "HASH_MISMATCH" }],
    [
      { status: "already_exists", reason: "REQUEST_ID_REUSED" },
      ConflictError,
      { reason: "REQUEST_ID_REUSED" },
    ],
    [{ status: "failed_precondition", reason: "ILLEGAL_TRANSITION" }, ConflictError, {}],
    [{ status: "resource_exhausted", reason: "DISK_FULL" }, ResourceExhaustedError, { reason: "DISK_FULL" }],
    [{ status: "unauthenticated" }, AuthError, {}],
    [{ status: "permission_denied" }, AuthError, {}],
    [{ status: "unimplemented" }, IncompatibleServerError, {}],
    [
      { status: "internal", reason: "INTERNAL", metadata: { error_id: "e-7" } },
      ServerError,
      { errorId: "e-7" },
    ],
    [{ status: "internal", bare: true }, ServerError, {}],
  ];

  it.each(cases)("%j is an error of its own class", async (status, type, fields) => {
    const { client, control } = await start();
    control.inject({ method: "StartTrain", times: 9, error: { message: "said so", ...status } });
    const error = await rejection(client.train(TRAIN));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ message: expect.stringContaining("said so"), ...fields });
    expect(LghrecError.is(error)).toBe(true);
    expect((error as LghrecError).hint).toMatch(/^[^\n]+$/);
    expect((error as LghrecError).requestId).toBe(control.calls.at(-1)?.requestId);
  });

  it("UNAVAILABLE contains the time to wait", async () => {
    const { connect: join, control } = await start();
    control.inject({ error: { status: "unavailable", reason: "DRAINING", retryAfterMs: 20 } });
    const error = await rejection(join({ retry: false }).serverInfo());
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ reason: "DRAINING", retryAfterMs: 20, retryable: true });
  });
});

describe("fromWire", () => {
  it("keeps an error whose details are damaged", () => {
    const error = new ConnectError("no such run", Code.NotFound);
    error.details = [{ type: "lghrec.v1.ErrorDetail", value: new Uint8Array([255, 255, 255, 1]) }];
    expect(fromWire(error)).toBeInstanceOf(NotFoundError);
    error.details = [{ type: "another.Thing", value: new Uint8Array([1]) }];
    expect(fromWire(error)).toBeInstanceOf(NotFoundError);
  });

  it.each([
    ["ECONNREFUSED", Code.Unavailable, "refused"],
    ["EAI_AGAIN", Code.Unavailable, "dns"],
    ["ECONNRESET", Code.Aborted, "reset"],
    ["EPIPE", Code.Internal, "reset"],
    ["EHOSTUNREACH", Code.Internal, "unreachable"],
    ["ERR_HTTP2_SESSION_ERROR", Code.Internal, "reset"],
    ["ERR_HTTP2_ERROR", Code.Internal, "protocol"],
    ["SELF_SIGNED_CERT_IN_CHAIN", Code.Internal, "tls"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", Code.Internal, "tls"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", Code.Internal, "tls"],
    ["CERT_HAS_EXPIRED", Code.Internal, "tls"],
  ] as const)("recognises %s by its cause, with any status", (code, status, kind) => {
    const cause = Object.assign(new Error("from below"), { code });
    const error = fromWire(new ConnectError("above", status, undefined, undefined, cause));
    expect(error).toMatchObject({ code: "connection", kind, message: expect.stringContaining("from below") });
  });

  it("maps Canceled that the client did not cause to a broken connection", () => {
    const canceled = new ConnectError("canceled", Code.Canceled);
    expect(fromWire(canceled)).toMatchObject({ kind: "reset", retryable: true });
  });

  it("returns an error of this package that another error wraps", () => {
    const own = new TimeoutError("late");
    expect(fromWire(new ConnectError("wrapped", Code.Unknown, undefined, undefined, own))).toBe(own);
  });

  it("reads the errors of both address families", () => {
    const cause = new AggregateError([Object.assign(new Error("v6"), { code: "ECONNREFUSED" })]);
    expect(fromWire(new ConnectError("x", Code.Internal, undefined, undefined, cause))).toMatchObject({
      kind: "refused",
    });
  });
});
