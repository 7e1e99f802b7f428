/** `client.recommend` and `client.similarItems`: lists that the server computes at once, without a run. */

import type { CallOptions } from "../api/options.js";
import type { ScoredItem, UserItems } from "../api/recommend.js";
import { idOf } from "../convert/base.js";
import { type ScoredItem as ItemMessage, RecommendService } from "../gen/lghrec/v1/recommend_pb.js";
import type { Rpc } from "../rpc/rpc.js";
import type { RecommendRequest, SimilarItemsRequest } from "../specs/gen/recommend.js";

export async function recommend(
  rpc: Rpc,
  { model, users, k, includeSeen }: RecommendRequest,
  options?: CallOptions,
): Promise<UserItems[]> {
  const request = {
    model: idOf(model),
    users: [...users],
    ...(k !== undefined && { k }),
    ...(includeSeen !== undefined && { includeSeen }),
  };
  const response = await rpc.unary(RecommendService.method.recommend, request, options);
  return response.users.map(({ user, items, known }) => ({ user, items: items.map(toItem), known }));
}

export async function similarItems(
  rpc: Rpc,
  { model, item, k }: SimilarItemsRequest,
  options?: CallOptions,
): Promise<ScoredItem[]> {
  const request = { model: idOf(model), item, ...(k !== undefined && { k }) };
  const { items } = await rpc.unary(RecommendService.method.similarItems, request, options);
  return items.map(toItem);
}

function toItem({ item, score }: ItemMessage): ScoredItem {
  return { item, score };
}
