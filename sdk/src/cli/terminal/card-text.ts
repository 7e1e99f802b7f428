/** Texts of items as a person reads them: they come from anywhere, so nothing of them may steer a terminal. */

import type { ItemCard, ItemPreview } from "../../index.js";
import { table } from "./table.js";

const WIDTH = 100;
const INDENT = "  ";

const LEGEND = '[= "..."] word for word in the text   [~ "..."] nearly   [? "..."] not in it';

/** A card under headings; the quotes of the reasoning carry a mark each, which needs no colour. */
export function cardText(card: ItemCard): string {
  const flags = card.flags.length > 0 ? ` (${card.flags.map(harmless).join(", ")})` : "";
  const near = card.neighbors.map(({ item, similarity, title }) => [
    similarity.toFixed(3),
    harmless(item),
    harmless(title),
  ]);
  return [
    `item ${harmless(card.item)}: ${card.status}${flags}`,
    ...section("text", card.text || "none"),
    ...section("reasoning", markedQuotes(card) || "none"),
    ...(card.quotes.length > 0 ? [`${INDENT}${LEGEND}`] : []),
    ...section("keywords", card.keywords.join(", ") || "none"),
    "",
    "nearest",
    ...(near.length > 0 ? indented(table(["COSINE", "ITEM", "TITLE"], near)) : [`${INDENT}none`]),
    "",
    "made by",
    ...indented(provenance(card)),
  ].join("\n");
}

/** One item of a preview. */
export function previewText({ item, text, reasoning, keywords, status, grounded }: ItemPreview): string {
  const found = reasoning === "" ? "" : grounded ? ", grounded" : ", not grounded";
  return [
    `item ${harmless(item)}: ${status}${found}`,
    ...section("text", text || "none"),
    ...section("reasoning", reasoning || "none"),
    ...section("keywords", keywords.join(", ") || "none"),
  ].join("\n");
}

/** `[= "quote"]` is found word for word, `[~ ...]` nearly, `[? ...]` not. */
function markedQuotes({ reasoning, quotes }: ItemCard): string {
  let [text, end] = ["", 0];
  for (const quote of quotes) {
    if (quote.start < end) continue; // a mark within a mark would say nothing
    const mark = quote.exact ? "=" : quote.fuzzy ? "~" : "?";
    text += `${reasoning.slice(end, quote.start)}[${mark} ${reasoning.slice(quote.start, quote.end)}]`;
    end = quote.end;
  }
  return text + reasoning.slice(end);
}

function provenance({ provenance: made }: ItemCard): string {
  const model = [made.model, made.modelRevision && `(${made.modelRevision})`].filter(Boolean).join(" ");
  const tokens = `${made.inputTokens} in, ${made.outputTokens} out, ${made.attempts} calls`;
  const facts: [string, string][] = [
    ["provider", made.provider],
    ["model", model],
    ["prompt", made.prompt],
    ["encoder", made.encoder],
    ["tokens", made.attempts > 0 ? tokens : ""],
    ["cache key", made.cacheKey],
    ["artifact", made.semanticIds?.id ?? ""],
  ];
  const lines = facts.filter(([, value]) => value !== "");
  return lines.map(([name, value]) => `${name.padEnd(9)}  ${harmless(value)}`).join("\n");
}

function section(title: string, text: string): string[] {
  return ["", title, ...harmless(text).split("\n").flatMap(wrap)];
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => INDENT + line);
}

/** Broken between words; a word that is too long stays whole. */
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

/** Without control characters, but for ends of lines, and without what turns the direction of writing. */
function harmless(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n").replaceAll("\t", " ");
  return lines.replace(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
