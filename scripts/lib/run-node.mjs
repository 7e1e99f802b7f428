import { spawn } from "node:child_process";

/** Runs Node with these arguments in a new process, and exits later with the exit code of that process. */
export function runNode(args) {
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  // Ctrl-C also reaches the child. This process waits until the child has cleaned up.
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
