import { expect, expectTypeOf, it } from "vitest";
import type { RunEventType } from "../../../sdk/src/api/run.js";
import { type RunEvent, RunEventSchema } from "../../../sdk/src/gen/lghrec/v1/run_event_pb.js";

it("gives every event of the contract its own name as `type`, and adds only the client's gap", () => {
  expectTypeOf<Exclude<RunEventType, "gap">>().toEqualTypeOf<NonNullable<RunEvent["body"]["case"]>>();
});

it("names every event after the first word of its message", () => {
  const body = RunEventSchema.oneofs.find((oneof) => oneof.name === "body");
  for (const field of body?.fields ?? []) {
    expect(field.message?.name.toLowerCase().startsWith(field.name)).toBe(true);
  }
  expect(body?.fields.length).toBe(8);
});
