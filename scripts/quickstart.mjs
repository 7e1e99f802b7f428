#!/usr/bin/env node
/** Installs what is missing, then runs examples/quickstart.ts with the arguments given. */
import { bootstrap } from "./bootstrap.mjs";
import { at } from "./lib/paths.mjs";
import { runExample } from "./lib/run-example.mjs";
import { reportFailure } from "./lib/setup-error.mjs";

try {
  await bootstrap();
  await runExample(at("examples", "quickstart.ts"), process.argv.slice(2));
} catch (error) {
  reportFailure(error);
}
