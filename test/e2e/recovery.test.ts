import { createClient, RunFailedError } from "lghrec";
import { startLocalServer } from "lghrec/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepare, scratch, startWorld, type World, workerPid } from "./support.js";

let world: World;
let longTraining: Parameters<World["client"]["train"]>[0];

beforeAll(async () => {
  world = await startWorld(scratch());
  const prepared = await prepare(world);
  longTraining = {
    dataset: prepared.dataset,
    backbone: { name: "lightgcn", layers: 2 },
    embeddingDim: 8,
    batchSize: 16,
    epochs: 400,
    earlyStop: { patience: 10_000 },
  };
}, 120_000);

afterAll(async () => {
  world?.client.close();
  await world?.server.stop();
});

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("a server killed with -9", () => {
  it("does not stop the run; started again it goes on, and every event comes exactly once", async () => {
    const run = await world.client.train(longTraining, { reuse: false });
    const seqs: number[] = [];
    let worker = 0;
    for await (const event of run.events()) {
      seqs.push(event.seq);
      if (event.type === "metric" && event.step >= 3) break;
    }
    worker = await workerPid(world, run.id);
    process.kill(world.server.pid, "SIGKILL");
    expect(alive(worker)).toBe(true);
    world.client.close();

    const server = await startLocalServer({ dataDir: world.dataDir, importRoots: [world.imports] });
    const client = createClient({ endpoint: server.endpoint });
    world = { ...world, server, client };
    const last = seqs.at(-1) ?? 0;
    for await (const event of client.runs.attach(run.id).events({ after: last })) seqs.push(event.seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    const info = await client.runs.get(run.id);
    expect(info.state).toBe("succeeded");
    expect(info.headSeq).toBe(seqs.length);
    expect(await workerPid(world, run.id)).toBe(worker);
  }, 120_000);
});

describe("a worker killed with -9", () => {
  it("fails its run as worker_lost and names the newest checkpoint", async () => {
    const run = await world.client.train(longTraining, { reuse: false });
    for await (const event of run.events()) {
      if (event.type === "checkpoint") process.kill(await workerPid(world, run.id), "SIGKILL");
    }
    const error = await run.wait().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RunFailedError);
    expect((error as RunFailedError).failure).toMatchObject({ kind: "worker_lost" });
    expect((error as RunFailedError).failure.lastCheckpoint).toMatch(/\w/);
  }, 120_000);
});

describe("Run.cancel", () => {
  it("stops a running run at its next step and leaves no process", async () => {
    const run = await world.client.train(longTraining, { reuse: false });
    for await (const event of run.events()) if (event.type === "metric") break;
    const worker = await workerPid(world, run.id);
    await run.cancel();
    expect((await run.settled()).state).toBe("cancelled");
    expect(alive(worker)).toBe(false);
  }, 60_000);
});
