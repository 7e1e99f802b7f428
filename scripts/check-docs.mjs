#!/usr/bin/env node
/**
 * Checks the Markdown pages of the repository: links, anchors, named paths and code blocks. See scripts/docs/blocks.mjs for the
 * rules of code blocks. `node scripts/check-docs.mjs [path ...]` checks only these pages.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { bootstrap } from "./bootstrap.mjs";
import { blockProblems } from "./docs/blocks.mjs";
import { linkProblems } from "./docs/links.mjs";
import { readPage } from "./docs/page.mjs";
import { at, ROOT } from "./lib/paths.mjs";
import { reportFailure } from "./lib/setup-error.mjs";

function allPages() {
  const args = ["ls-files", "-co", "--exclude-standard", "-z", "*.md"];
  const listed = execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).split("\0");
  // test/contract/lghrec.api.md is a report of the SDK's types, which has its own test.
  return listed.filter((path) => path !== "" && existsSync(at(path)) && !path.startsWith("test/"));
}

try {
  await bootstrap({ dev: true });
  const chosen = process.argv.slice(2);
  const pages = (chosen.length > 0 ? chosen : allPages()).map(readPage);
  const links = pages.flatMap((page) =>
    [...linkProblems(page)].map((problem) => ({ path: page.path, problem })),
  );
  const problems = [...links, ...(await blockProblems(pages))];
  for (const { path, problem } of problems) console.error(`${path}: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
} catch (error) {
  reportFailure(error);
}
