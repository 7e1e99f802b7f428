import { credentials, type ServiceError } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { RunServiceClient, TrainServiceClient, type WatchRunResponse } from "../../../sdk/src/grpc/index.js";
import { connect, later, TRAIN, until, wireFake } from "../support/fakes.js";

it("the raw stubs watch and cancel a run that the client started", async () => {
  const fake = await wireFake({ script: () => ({ outcome: "hold" }) });
  const run = await connect({ endpoint: fake.endpoint }).train(TRAIN);
  const raw = new RunServiceClient(new URL(fake.endpoint).host, credentials.createInsecure());
  later(() => raw.close());
  const bodies: (string | undefined)[] = [];
  raw.watchRun({ runId: run.id, afterSeq: 1n }).on("data", ({ message }: WatchRunResponse) => {
    if (message?.$case === "event") bodies.push(message.value.body?.$case);
  });
  await until(() => bodies.length === 1);
  await new Promise((done) => raw.cancelRun({ runId: run.id, mode: 1, reason: "raw" }, done));
  await until(() => bodies.includes("finished"));
  expect(bodies).toEqual(["state", "state", "log", "finished"]);
  expect((await run.info()).state).toBe("cancelled");
});

it("the raw stubs get the same status and details as the client", async () => {
  const fake = await wireFake();
  fake.control.inject({ error: { status: "invalid_argument", reason: "FIELD_INVALID", message: "no" } });
  const raw = new TrainServiceClient(new URL(fake.endpoint).host, credentials.createInsecure());
  later(() => raw.close());
  const request = { requestId: "r", labels: {}, validateOnly: false, rerun: 0 };
  const error = await new Promise<ServiceError | null>((done) => raw.startTrain(request as never, done));
  expect(error).toMatchObject({ code: 3, details: "no" });
  expect(String(error?.metadata.get("grpc-status-details-bin")[0])).toContain("lghrec.v1.ErrorDetail");
});
