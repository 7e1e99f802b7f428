/**
 * Starts a server on this machine, for scripts, notebooks and tests.
 *
 * @module lghrec/local
 */

export { findPython, type PythonEnvironment } from "./python.js";
export { type LocalServer, type LocalServerOptions, type ServerExit, startLocalServer } from "./server.js";
