/** Item cards and providers of a fake server. */

import type { ItemCard, ProviderStatus } from "../api/semantic-ids.js";
import { specToMessage } from "../convert/spec-to-message.js";
import { type ItemCard as CardMessage, ItemCardSchema } from "../gen/lghrec/v1/semantic_pb.js";
import { statusError } from "./status.js";

export const PROVIDERS: readonly ProviderStatus[] = ["extractive", "raw_text"].map((provider) => ({
  provider,
  endpoint: "",
  model: "",
  available: true,
  reason: "",
}));

export class FakeCards {
  readonly #cards = new Map<string, CardMessage>();

  add(artifactId: string, card: ItemCard): void {
    this.#cards.set(keyOf(artifactId, card.item), toCardMessage(card));
  }

  /** Returns a card. `artifact` throws for an unknown artifact. */
  get(artifactId: string, item: string, artifact: () => unknown): CardMessage {
    const card = this.#cards.get(keyOf(artifactId, item));
    if (card !== undefined) return card;
    artifact();
    throw statusError({ status: "not_found", reason: "ITEM_UNKNOWN", message: `no item ${item}` });
  }
}

function keyOf(artifactId: string, item: string): string {
  return `${artifactId} ${item}`;
}

function toCardMessage(card: ItemCard): CardMessage {
  const codePoints = (offset: number) => [...card.reasoning.slice(0, offset)].length;
  const quotes = card.quotes.map(({ start, end, exact, fuzzy }) => ({
    start: codePoints(start),
    end: codePoints(end),
    exact,
    fuzzy,
  }));
  return specToMessage(ItemCardSchema, { ...card, quotes }, "card");
}
