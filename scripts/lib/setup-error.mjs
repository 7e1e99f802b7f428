/** A set-up step that failed, with advice for the user. */
export class SetupError extends Error {
  /**
   * @param {string} message What is wrong, in one line.
   * @param {{ cure: string, exitCode?: number, output?: string }} details `output` is the output of the failed tool, and
   *   its last lines are shown. The exit codes are those of the command line: 2 usage, 10 disk, 11 Python, otherwise 1.
   */
  constructor(message, { cure, exitCode = 1, output = "" }) {
    super(message);
    this.name = "SetupError";
    this.cure = cure;
    this.exitCode = exitCode;
    this.output = output;
  }
}

const SHOWN_LINES = 20;

/** Prints a SetupError to stderr and sets the exit code. Throws every other error again. */
export function reportFailure(error) {
  if (!(error instanceof SetupError)) throw error;
  const lines = error.output.trimEnd().split("\n").filter(Boolean).slice(-SHOWN_LINES);
  for (const line of lines) console.error(`    ${line}`);
  console.error(`error: ${error.message}`);
  console.error(`  cure: ${error.cure}`);
  process.exitCode = error.exitCode;
}
