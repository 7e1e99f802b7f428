#!/usr/bin/env node
/** Installs what is missing, then runs the command line, like `npx lghrec`. */
import { pathToFileURL } from "node:url";
import { bootstrap } from "./bootstrap.mjs";
import { at } from "./lib/paths.mjs";
import { reportFailure } from "./lib/setup-error.mjs";

try {
  await bootstrap();
} catch (error) {
  reportFailure(error);
}
if (!process.exitCode) await import(pathToFileURL(at("sdk", "dist", "cli", "main.js")).href);
