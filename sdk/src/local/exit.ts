/** Errors for the exit codes of a server. */

import { ConfigError, type LghrecError, ServerError } from "../errors.js";

const MEANINGS: Readonly<Record<number, { what: string; hint: string }>> = {
  2: { what: "the server rejected its settings", hint: "correct the options that the message names" },
  9: { what: "the port is in use", hint: "choose another port, or 0 for a free one" },
  10: {
    what: "the data directory cannot be used",
    hint: "free space, correct its permissions, stop the server that uses it, or set dataDir or LGHREC_DATA_DIR",
  },
};

/** Returns the error for a server that ended before it was ready. `lastLine` is the last line of its stderr. */
export function exitError(code: number | null, signal: string | null, lastLine: string): LghrecError {
  const detail = lastLine && `: ${lastLine}`;
  const meaning = code === null ? undefined : MEANINGS[code];
  if (code !== null && meaning !== undefined) {
    return new ConfigError(`${meaning.what}${detail}`, { hint: meaning.hint, exitCode: code });
  }
  const how = code === null ? `was killed by ${signal}` : `ended with code ${code}`;
  return new ServerError(`the server ${how} before it was ready${detail}`, {
    hint: "pass onLog to receive its whole log",
  });
}
