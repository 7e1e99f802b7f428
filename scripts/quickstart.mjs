#!/usr/bin/env node
/** Installs what is missing, then runs examples/quickstart.ts with the given arguments. */
import { pathToFileURL } from "node:url";
import { bootstrap } from "./bootstrap.mjs";
import { at, nodeTool } from "./lib/paths.mjs";
import { runNode } from "./lib/run-node.mjs";
import { reportFailure } from "./lib/setup-error.mjs";

try {
  await bootstrap();
  const tsx = pathToFileURL(nodeTool("tsx", "dist", "loader.mjs")).href;
  await runNode(["--import", tsx, at("examples", "quickstart.ts"), ...process.argv.slice(2)]);
} catch (error) {
  reportFailure(error);
}
