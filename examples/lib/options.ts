import { join } from "node:path";
import { parseArgs } from "node:util";

/** What every example takes from its command line. */
export interface Options {
  readonly dataDir: string;
  readonly out: string;
  /** At most this many; undefined leaves it to the server. */
  readonly epochs: number | undefined;
}

/** Reads `--data-dir`, `--epochs` and `--out`; an unknown option or a bad number ends the process. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      "data-dir": { type: "string", default: join(import.meta.dirname, "../../.lghrec") },
      out: { type: "string", default: "lghrec-output" },
      epochs: { type: "string" },
    },
  });
  const epochs = values.epochs === undefined ? undefined : Number(values.epochs);
  if (epochs !== undefined && !(Number.isInteger(epochs) && epochs > 0)) {
    throw new Error(`--epochs is not a whole number from 1, got ${values.epochs}`);
  }
  return { dataDir: values["data-dir"], out: values.out, epochs };
}
