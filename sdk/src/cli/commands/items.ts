/** `items show`: everything behind one semantic id. */

import { type GlobalFlags, runCommand } from "../command.js";
import { cardText } from "../terminal/card-text.js";

export function showItem(artifact: string, item: string, flags: GlobalFlags): Promise<void> {
  return runCommand("items show", flags, async ({ client }) => {
    const { semanticIds } = await client();
    const card = await semanticIds.card(artifact, item);
    return { result: card, text: cardText(card) };
  });
}
