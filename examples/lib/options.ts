import { join } from "node:path";
import { parseArgs } from "node:util";

/** Options that every example reads from its command line. */
export interface Options {
  readonly dataDir: string;
  readonly out: string;
  /** Maximum number of epochs. Undefined means the default of the server. */
  readonly epochs: number | undefined;
}

/** Reads `--data-dir`, `--epochs` and `--out`. Throws for an unknown option or a wrong number. */
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
    throw new Error(`--epochs must be a whole number above 0, got ${values.epochs}`);
  }
  return { dataDir: values["data-dir"], out: values.out, epochs };
}
