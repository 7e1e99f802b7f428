import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectSocket, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, ConnectionError, createClient } from "../../../sdk/src/index.js";
import { certificate, certificatePath, NAMED_TLS, privateKey, SERVER_TLS } from "../support/certs.js";
import { connect, describeBoth, later, rejection, TRAIN, until, wireFake } from "../support/fakes.js";

/** Runs `body` with a `client` in another process, and returns the exit code. */
async function script(endpoint: string, body: string): Promise<number> {
  const source = resolve(import.meta.dirname, "../../../sdk/src/index.ts");
  const tsx = resolve(import.meta.dirname, "../../../node_modules/tsx/dist/cli.mjs");
  const head = `import { createClient } from ${JSON.stringify(source)};`;
  const code = `${head} const client = createClient({ endpoint: ${JSON.stringify(endpoint)} }); ${body}`;
  const child = spawn(process.execPath, [tsx, "--input-type=module", "-e", code], { stdio: "pipe" });
  const [exitCode] = await once(child, "exit");
  return exitCode as number;
}

describe("transport", () => {
  it("uses TLS with an authority from text or from a file", async () => {
    const { endpoint } = await wireFake({ tls: SERVER_TLS });
    for (const ca of [certificate("ca"), certificatePath("ca.pem"), Buffer.from(certificate("ca"))]) {
      expect((await connect({ endpoint, tls: { ca } }).serverInfo()).apiRevision).toBe(1);
    }
  });

  it("accepts a server of another name with tls.serverName", async () => {
    const { endpoint } = await wireFake({ tls: NAMED_TLS });
    const client = connect({ endpoint, tls: { ca: certificate("ca"), serverName: "lghrec.test" } });
    expect((await client.serverInfo()).devices).toEqual(["cpu"]);
  });

  it("sends its own certificate", async () => {
    const { endpoint } = await wireFake({ tls: { ...SERVER_TLS, clientCa: certificate("ca") } });
    const tls = { ca: certificate("ca"), cert: certificate("client"), key: privateKey("client") };
    expect((await connect({ endpoint, tls }).serverInfo()).devices).toEqual(["cpu"]);
  });

  it("connects to a unix socket", async () => {
    const { endpoint } = await wireFake();
    const folder = mkdtempSync(join(tmpdir(), "lghrec socket "));
    later(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "server.sock");
    const relay = createServer((socket) => {
      const inner = connectSocket(Number(new URL(endpoint).port), "127.0.0.1");
      for (const end of [socket, inner]) end.on("error", () => {});
      socket.pipe(inner).pipe(socket);
    }).listen(path);
    later(() => relay.close());
    await once(relay, "listening");
    expect((await connect({ endpoint: `unix://${encodeURI(path)}` }).serverInfo()).devices).toEqual(["cpu"]);
  });

  it("detects a dead connection by its pings", async () => {
    const fake = await wireFake({ script: () => ({ outcome: "hold" }) });
    const keepalive = { intervalMs: 50, timeoutMs: 50 };
    const client = connect({ endpoint: fake.endpoint, keepalive, reconnectMs: 100, attemptTimeoutMs: 50 });
    const run = await client.train(TRAIN);
    const stream = run.events({ after: "now" });
    const waiting = rejection(stream.next());
    await until(() => fake.control.calls.some(({ method }) => method === "WatchRun"));
    fake.blackHole(true);
    expect(await waiting).toBeInstanceOf(ConnectionError);
  });

  it("works at once after the connection broke", async () => {
    const fake = await wireFake();
    const client = connect({ endpoint: fake.endpoint });
    await client.serverInfo();
    fake.dropConnections();
    expect((await client.serverInfo()).apiRevision).toBe(1);
  });

  it("does not keep the process alive while a client is idle", async () => {
    const { endpoint } = await wireFake();
    // Otherwise the process would never end.
    expect(await script(endpoint, "await client.serverInfo();")).toBe(0);
  });

  it("does not end the process with success while it retries", async () => {
    const code = await script(
      "http://no-such-host.invalid:1",
      "await client.waitForReady({ timeoutMs: 300 });",
    );
    expect(code).toBe(1);
  });

  it.each([
    ["an endpoint that is no URL", { endpoint: "127.0.0.1:7300" }],
    ["a scheme it does not speak", { endpoint: "ftp://host" }],
    ["a path in the endpoint", { endpoint: "http://host/path" }],
    ["TLS options for plaintext", { endpoint: "http://host:1", tls: { ca: "x" } }],
    ["a certificate that is not there", { endpoint: "https://host:1", tls: { ca: "no-such.pem" } }],
    ["a time that is none", { timeoutMs: 0 }],
    ["a time in words", { attemptTimeoutMs: "10s" as unknown as number }],
  ])("rejects %s", (_, options) => {
    expect(() => createClient(options)).toThrow(ConfigError);
  });
});

describeBoth("client.close", (start) => {
  it("ends open calls and rejects later calls", async () => {
    const { client, control } = await start({ script: () => ({ outcome: "hold" }) });
    const run = await client.train(TRAIN);
    const watching = rejection(run.wait());
    await until(() => control.calls.some(({ method }) => method === "WatchRun"));
    client.close();
    for (const error of [await watching, await rejection(client.serverInfo()), await rejection(run.info())]) {
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error).toMatchObject({ kind: "closed", retryable: false });
    }
    await until(() => control.calls.some(({ cancelled }) => cancelled));
    client.close();
  });

  it("is called at the end of an `await using` block", async () => {
    const { connect: join } = await start();
    const client = join();
    await client[Symbol.asyncDispose]();
    expect(await rejection(client.serverInfo())).toMatchObject({ kind: "closed" });
  });
});
