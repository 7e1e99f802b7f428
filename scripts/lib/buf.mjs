import { nodeTool, pathWith, ROOT } from "./paths.mjs";
import { capture, toolEnv } from "./step.mjs";

/** Runs buf in the repository root; its plugins are found among the installed npm tools. */
export function buf(args) {
  const env = toolEnv({ PATH: pathWith(nodeTool(".bin")) });
  return capture([process.execPath, nodeTool("@bufbuild", "buf", "bin", "buf"), ...args], { cwd: ROOT, env });
}
