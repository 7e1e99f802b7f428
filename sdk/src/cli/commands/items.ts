/** `items show`: shows the text behind one semantic id, and its origin. */

import { type GlobalFlags, runCommand } from "../command.js";
import { cardText } from "../terminal/card-text.js";

export function showItem(artifact: string, item: string, flags: GlobalFlags): Promise<void> {
  return runCommand("items show", flags, async ({ client }) => {
    const { semanticIds } = await client();
    const card = await semanticIds.card(artifact, item);
    return { result: card, text: cardText(card) };
  });
}
