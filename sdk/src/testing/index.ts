/**
 * Fake servers for tests of code that uses the client.
 *
 * @module lghrec/testing
 */

export type {
  FakeCall,
  FakeControl,
  FakeItem,
  FakeOptions,
  FakeStatus,
  Fault,
  Plan,
  Script,
  SentEvent,
  StatusName,
  WireFake,
  WireOptions,
} from "./fake.js";
export { createFakeServer, type MemoryFake } from "./memory.js";
export { startWireFake } from "./wire-fake.js";
