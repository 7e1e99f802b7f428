/** `recommend` and `similar`: print lists of a trained model, without a run. */

import type { LghrecClient } from "../../index.js";
import { type GlobalFlags, runCommand } from "../command.js";
import { asJson } from "../comparison.js";
import { UsageError } from "../exit-codes.js";
import { isArtifactId } from "../flags.js";
import { table } from "../terminal/table.js";

export interface ListFlags extends GlobalFlags {
  readonly k?: number;
  readonly json?: boolean;
}

export function recommend(
  modelOrRun: string,
  users: readonly string[],
  flags: ListFlags & { includeSeen?: boolean },
): Promise<void> {
  return runCommand("recommend", asJson(flags), async (context) => {
    const client = await context.client();
    const model = await modelOf(client, modelOrRun);
    const { k, includeSeen } = flags;
    const lists = await client.recommend({ model, users, k, includeSeen });
    for (const list of lists) context.output.record({ type: "recommendation", ...list });
    const lines = lists.flatMap(({ user, items, known }) =>
      known
        ? items.map(({ item, score }, index) => [user, String(index + 1), item, score.toFixed(4)])
        : [[user, "-", "unknown to this model", ""]],
    );
    const result = context.output.options.format === "ndjson" ? { count: lists.length } : lists;
    return { result, text: table(["USER", "RANK", "ITEM", "SCORE"], lines) };
  });
}

export function similar(modelOrRun: string, item: string, flags: ListFlags): Promise<void> {
  return runCommand("similar", asJson(flags), async ({ client: connect }) => {
    const client = await connect();
    const items = await client.similarItems({ model: await modelOf(client, modelOrRun), item, k: flags.k });
    const lines = items.map(({ item: other, score }, index) => [String(index + 1), other, score.toFixed(4)]);
    return { result: items, text: table(["RANK", "ITEM", "COSINE"], lines) };
  });
}

async function modelOf(client: LghrecClient, id: string): Promise<string> {
  if (isArtifactId(id)) return id;
  const { state, kind, result } = await client.runs.get(id);
  if (result?.kind === "train") return result.model.id;
  throw new UsageError(`run ${id} has no model: it is a ${kind} run and ${state}`, {
    hint: "expected the id of a model, or of a train run that has succeeded",
  });
}
