import { nodeTool, pathWith, ROOT } from "./paths.mjs";
import { capture, toolEnv } from "./step.mjs";

/** Runs buf in the root of the repository. Its plugins are among the installed npm tools. */
export function buf(args) {
  const env = toolEnv({ PATH: pathWith(nodeTool(".bin")) });
  return capture([process.execPath, nodeTool("@bufbuild", "buf", "bin", "buf"), ...args], { cwd: ROOT, env });
}
