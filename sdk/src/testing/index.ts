/** `lghrec/testing`: fakes of the server for tests of code that uses the client. */

export type { FakeCall, FakeOptions } from "./backend.js";
export type { FakeControl } from "./control.js";
export type { Fault } from "./faults.js";
export { createFakeServer, type MemoryFake } from "./memory.js";
export type { SentEvent } from "./messages.js";
export type { Plan, Script } from "./script.js";
export type { FakeStatus, StatusName } from "./status.js";
export { startWireFake, type WireFake, type WireOptions } from "./wire-fake.js";
