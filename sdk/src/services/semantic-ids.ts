/** `client.semanticIds`: item cards, estimates, previews and providers of semantic ids. */

import type { ArtifactsApi } from "../api/client.js";
import type { EstimateResult, ItemStatus, PreviewResult } from "../api/preprocess.js";
import type { CardProvenance, ItemCard, QuoteSpan, SemanticIdsApi } from "../api/semantic-ids.js";
import { idOf, missingField, toRef } from "../convert/base.js";
import {
  type ItemCard as CardMessage,
  type CardProvenance as ProvenanceMessage,
  SemanticService,
} from "../gen/lghrec/v1/semantic_pb.js";
import type { Rpc } from "../rpc/rpc.js";
import { runPromise } from "../runs/handle.js";
import { submitStage } from "../runs/submit.js";

export function createSemanticIdsApi(rpc: Rpc, artifacts: ArtifactsApi): SemanticIdsApi {
  return {
    async card(artifact, item, options) {
      const artifactId = idOf(artifact);
      const request = { artifactId, item };
      const { card } = await rpc.unary(SemanticService.method.getItemCard, request, options);
      if (card === undefined) throw missingField("the card of the item");
      return toCard(card);
    },
    estimate: (spec, options) =>
      runPromise<"preprocess", EstimateResult>(
        rpc,
        artifacts,
        "preprocess",
        submitStage(rpc, "estimate", spec, options),
      ),
    preview: (spec, options) =>
      runPromise<"preprocess", PreviewResult>(
        rpc,
        artifacts,
        "preprocess",
        submitStage(rpc, "preview", spec, options),
      ),
    async providers(options) {
      const { providers } = await rpc.unary(SemanticService.method.listProviders, {}, options);
      return providers.map(({ provider, endpoint, model, available, reason }) => ({
        provider,
        endpoint,
        model,
        available,
        reason,
      }));
    },
  };
}

function toCard(card: CardMessage): ItemCard {
  const { item, text, reasoning } = card;
  if (card.provenance === undefined) throw missingField("the provenance of a card");
  return {
    item,
    text,
    reasoning,
    quotes: toSpans(reasoning, card.quotes),
    keywords: [...card.keywords],
    neighbors: card.neighbors.map((n) => ({ item: n.item, similarity: n.similarity, title: n.title })),
    status: card.status as ItemStatus,
    flags: [...card.flags],
    provenance: toProvenance(card.provenance),
  };
}

/** Converts offsets from code points, which the wire counts, to UTF-16 units, which JavaScript counts. */
function toSpans(reasoning: string, spans: CardMessage["quotes"]): QuoteSpan[] {
  const units: number[] = [];
  let unit = 0;
  for (const character of reasoning) {
    units.push(unit);
    unit += character.length;
  }
  const offset = (codePoint: number) => units[codePoint] ?? reasoning.length;
  const found = spans.map(({ start, end, exact, fuzzy }) => ({
    start: offset(start),
    end: offset(end),
    exact,
    fuzzy,
  }));
  return found.sort((a, b) => a.start - b.start);
}

function toProvenance(message: ProvenanceMessage): CardProvenance {
  const { semanticIds } = message;
  return {
    provider: message.provider,
    model: message.model,
    modelRevision: message.modelRevision,
    prompt: message.prompt,
    encoder: message.encoder,
    cacheKey: message.cacheKey,
    attempts: message.attempts,
    inputTokens: message.inputTokens,
    outputTokens: message.outputTokens,
    ...(semanticIds && { semanticIds: toRef<"semantic_ids">(semanticIds) }),
  };
}
