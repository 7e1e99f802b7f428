#!/usr/bin/env node
/**
 * Builds the documentation site from docs/ and from the sources of the SDK.
 *
 *   node scripts/docs.mjs       builds docs/.vitepress/dist, a folder that any web server can serve
 *   node scripts/docs.mjs dev   serves the pages on this machine and reloads them after each change
 *
 * The API reference is generated into docs/reference/api by TypeDoc. Neither folder is committed.
 */
import { rmSync } from "node:fs";
import { bootstrap } from "./bootstrap.mjs";
import { at, nodeTool } from "./lib/paths.mjs";
import { runNode } from "./lib/run-node.mjs";
import { reportFailure, SetupError } from "./lib/setup-error.mjs";
import { capture, step } from "./lib/step.mjs";

const DOCS = at("docs");

// TypeDoc reads TypeScript 6, which only the workspace of the documentation installs.
async function generateApi() {
  rmSync(at("docs", "reference", "api"), { recursive: true, force: true });
  const typedoc = at("docs", "node_modules", "typedoc", "bin", "typedoc");
  await step("API reference", async () => {
    const { code, output } = await capture([process.execPath, typedoc, "--options", "typedoc.json"], {
      cwd: DOCS,
    });
    if (code !== 0) throw new SetupError("TypeDoc failed", { cure: "see the messages above", output });
  });
}

try {
  const command = process.argv[2] ?? "build";
  if (!["build", "dev"].includes(command))
    throw new SetupError(`unknown command ${command}, expected build or dev`, {
      cure: "run npm run docs or npm run docs:dev",
      exitCode: 2,
    });
  await bootstrap({ python: false, sdk: false });
  await generateApi();
  await runNode([nodeTool("vitepress", "bin", "vitepress.js"), command, DOCS, ...process.argv.slice(3)]);
} catch (error) {
  reportFailure(error);
}
