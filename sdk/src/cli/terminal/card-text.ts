/** Formats texts of items for the terminal. The texts are untrusted, so control characters are removed. */

import type { ItemCard, ItemPreview } from "../../index.js";
import { table } from "./table.js";

const WIDTH = 100;
const INDENT = "  ";

const LEGEND =
  '[= "..."] word for word in the text   [~ "..."] with small differences   [? "..."] not in the text';

/** Formats a card with headings. A mark before each quote of the reasoning shows whether the text contains it. */
export function cardText(card: ItemCard): string {
  const flags = card.flags.length > 0 ? ` (${card.flags.map(printable).join(", ")})` : "";
  const near = card.neighbors.map(({ item, similarity, title }) => [
    similarity.toFixed(3),
    printable(item),
    printable(title),
  ]);
  return [
    `item ${printable(card.item)}: ${card.status}${flags}`,
    ...section("text", card.text || "none"),
    ...section("reasoning", markedQuotes(card) || "none"),
    ...(card.quotes.length > 0 ? [`${INDENT}${LEGEND}`] : []),
    ...section("keywords", card.keywords.join(", ") || "none"),
    "",
    "nearest items",
    ...(near.length > 0 ? indented(table(["COSINE", "ITEM", "TITLE"], near)) : [`${INDENT}none`]),
    "",
    "provenance",
    ...indented(provenanceText(card)),
  ].join("\n");
}

/** Formats one item of a preview. */
export function previewText({ item, text, reasoning, keywords, status, grounded }: ItemPreview): string {
  const grounding = reasoning === "" ? "" : grounded ? ", grounded" : ", not grounded";
  return [
    `item ${printable(item)}: ${status}${grounding}`,
    ...section("text", text || "none"),
    ...section("reasoning", reasoning || "none"),
    ...section("keywords", keywords.join(", ") || "none"),
  ].join("\n");
}

/** Marks the quotes: `[= "quote"]` is in the text word for word, `[~ ...]` with differences, `[? ...]` is not. */
function markedQuotes({ reasoning, quotes }: ItemCard): string {
  let [text, end] = ["", 0];
  for (const quote of quotes) {
    if (quote.start < end) continue; // a mark within a mark would be unreadable
    const mark = quote.exact ? "=" : quote.fuzzy ? "~" : "?";
    text += `${reasoning.slice(end, quote.start)}[${mark} ${reasoning.slice(quote.start, quote.end)}]`;
    end = quote.end;
  }
  return text + reasoning.slice(end);
}

function provenanceText({ provenance }: ItemCard): string {
  const { attempts, inputTokens, outputTokens, modelRevision } = provenance;
  const model = [provenance.model, modelRevision && `(${modelRevision})`].filter(Boolean).join(" ");
  const tokens = `${inputTokens} in, ${outputTokens} out, ${attempts} calls`;
  const facts: [string, string][] = [
    ["provider", provenance.provider],
    ["model", model],
    ["prompt", provenance.prompt],
    ["encoder", provenance.encoder],
    ["tokens", attempts > 0 ? tokens : ""],
    ["cache key", provenance.cacheKey],
    ["artifact", provenance.semanticIds?.id ?? ""],
  ];
  const lines = facts.filter(([, value]) => value !== "");
  return lines.map(([name, value]) => `${name.padEnd(9)}  ${printable(value)}`).join("\n");
}

function section(title: string, text: string): string[] {
  return ["", title, ...printable(text).split("\n").flatMap(wrap)];
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => INDENT + line);
}

/** Breaks a line between words. A word that is longer than a line is not broken. */
function wrap(line: string): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && current.length + word.length >= WIDTH) {
      lines.push(INDENT + current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, INDENT + current];
}

/** Replaces control characters except line breaks, and characters that change the direction of writing. */
function printable(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n").replaceAll("\t", " ");
  return lines.replace(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
