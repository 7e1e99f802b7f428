/** A set-up step that failed, with what the user can do about it. */
export class SetupError extends Error {
  /**
   * @param {string} message What went wrong, in one line.
   * @param {{ cure: string, exitCode?: number, output?: string }} details
   *   `output` is the failed tool's own; its last lines are shown. Exit codes are those of the CLI:
   *   10 disk, 11 Python, else 1.
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

/** Prints a failure to stderr and sets the exit code; anything but a SetupError is thrown again. */
export function reportFailure(error) {
  if (!(error instanceof SetupError)) throw error;
  const lines = error.output.trimEnd().split("\n").filter(Boolean).slice(-SHOWN_LINES);
  for (const line of lines) console.error(`    ${line}`);
  console.error(`error: ${error.message}`);
  console.error(`  cure: ${error.cure}`);
  process.exitCode = error.exitCode;
}
