/** Recommendations of a fake server. */

import type { ScoredItem } from "../api/recommend.js";
import type { RecommendRequest, SimilarItemsRequest } from "../gen/lghrec/v1/recommend_pb.js";
import type { FakeItem } from "./fake.js";
import { statusError } from "./status.js";

const DEFAULT_K = 10;

export class FakeRecommendations {
  readonly #users = new Map<string, readonly FakeItem[]>();
  readonly #similar = new Map<string, readonly ScoredItem[]>();

  addUser(model: string, user: string, items: readonly FakeItem[]): void {
    this.#users.set(keyOf(model, user), items);
  }

  addSimilar(model: string, item: string, items: readonly ScoredItem[]): void {
    this.#similar.set(keyOf(model, item), items);
  }

  /** Returns the lists of users. `check` throws for an unknown model. */
  recommend({ model, users, k = DEFAULT_K, includeSeen }: RecommendRequest, check: () => unknown) {
    check();
    return {
      users: users.map((user) => {
        const items = this.#users.get(keyOf(model, user));
        const listed = items?.filter(({ seen }) => includeSeen || !seen) ?? [];
        return { user, items: listed.slice(0, k).map(toMessage), known: items !== undefined };
      }),
    };
  }

  /** Returns similar items. Throws for an unknown item. `check` throws for an unknown model. */
  similarItems({ model, item, k = DEFAULT_K }: SimilarItemsRequest, check: () => unknown) {
    check();
    const items = this.#similar.get(keyOf(model, item));
    if (items !== undefined) return { items: items.slice(0, k).map(toMessage) };
    throw statusError({ status: "not_found", reason: "ITEM_UNKNOWN", message: `no item ${item}` });
  }
}

function toMessage({ item, score }: ScoredItem): ScoredItem {
  return { item, score };
}

function keyOf(model: string, id: string): string {
  return `${model} ${id}`;
}
