import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { nodeTool } from "./paths.mjs";

/** Runs a TypeScript example in a process of its own and takes over its exit code. */
export function runExample(path, args) {
  const tsx = pathToFileURL(nodeTool("tsx", "dist", "loader.mjs")).href;
  const child = spawn(process.execPath, ["--import", tsx, path, ...args], { stdio: "inherit" });
  // Ctrl-C reaches the child too; this process waits for it to tidy up.
  const ignore = () => {};
  const forward = () => child.kill("SIGTERM");
  process.on("SIGINT", ignore).on("SIGTERM", forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore).off("SIGTERM", forward);
      process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
      resolve();
    });
  });
}
