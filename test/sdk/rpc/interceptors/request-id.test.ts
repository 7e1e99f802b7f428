import { expect, it } from "vitest";
import { describeBoth, rejection, TRAIN } from "../../support/fakes.js";

describeBoth("request id", (start) => {
  it("is sent with every call and is part of errors", async () => {
    const { client, control } = await start();
    const error = await rejection(client.runs.get("none"));
    expect(error).toMatchObject({ requestId: control.calls[0]?.headers.get("x-request-id") });
  });

  it("is the idempotency key of a start call", async () => {
    const { client, control } = await start();
    await client.train(TRAIN, { idempotencyKey: "ci 7" });
    expect(control.calls[0]?.headers.get("x-request-id")).toBe("ci 7");
  });

  it("is sent in addition to the headers of the client and of the call", async () => {
    const { connect, control } = await start();
    await connect({ headers: { "x-team": "a", "x-job": "1" } }).serverInfo({ headers: { "x-job": "2" } });
    const { headers } = control.calls[0] ?? {};
    expect([headers?.get("x-team"), headers?.get("x-job")]).toEqual(["a", "2"]);
    expect(headers?.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});
