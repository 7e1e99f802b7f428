/** What a server's exit code means. */

import { ConfigError, type LghrecError, ServerError } from "../errors.js";

const MEANINGS: Readonly<Record<number, { what: string; hint: string }>> = {
  2: { what: "the server refused its settings", hint: "correct the options named" },
  9: { what: "the port is in use", hint: "choose another port, or 0 for a free one" },
  10: {
    what: "the data directory cannot be used",
    hint: "free space, fix its permissions, stop the server that uses it, or set dataDir or LGHREC_DATA_DIR",
  },
};

/** The error for a server that ended before it was ready; `lastLine` is what it said last on stderr. */
export function exitError(code: number | null, signal: string | null, lastLine: string): LghrecError {
  const said = lastLine && `: ${lastLine}`;
  const meaning = code === null ? undefined : MEANINGS[code];
  if (code !== null && meaning !== undefined) {
    return new ConfigError(`${meaning.what}${said}`, { hint: meaning.hint, exitCode: code });
  }
  const how = code === null ? `was killed by ${signal}` : `ended with code ${code}`;
  return new ServerError(`the server ${how} before it was ready${said}`, {
    hint: "pass onLog to see its whole log",
  });
}
