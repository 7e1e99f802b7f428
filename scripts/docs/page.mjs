import { readFileSync } from "node:fs";
import { at } from "../lib/paths.mjs";

/**
 * @typedef {object} Block A fenced code block.
 * @property {number} line Line number of the opening fence, from 1.
 * @property {string} language The first word after the fence; empty if there is none.
 * @property {string[]} flags The other words after the fence.
 * @property {string[]} lines
 */

/**
 * Splits a Markdown page into its fenced code blocks and its prose.
 *
 * @returns {{ path: string, blocks: Block[], prose: string[] }} `prose` has as many lines as the page; the lines of
 *   code blocks and comments are empty in it.
 */
export function readPage(path) {
  const lines = readFileSync(at(path), "utf8").split("\n");
  const blocks = [];
  const prose = [];
  let open;
  for (const [index, line] of lines.entries()) {
    const fence = line.match(/^\s*(`{3,}|~{3,})(.*)$/);
    if (open && fence?.[1].startsWith(open.fence) && fence[2].trim() === "") open = undefined;
    else if (open) open.block.lines.push(line.slice(Math.min(open.indent, line.search(/\S|$/))));
    else if (fence) {
      const [language = "", ...flags] = fence[2].trim().split(/\s+/);
      open = {
        fence: fence[1],
        indent: line.indexOf(fence[1]),
        block: { line: index + 1, language, flags, lines: [] },
      };
      blocks.push(open.block);
    } else {
      prose.push(line);
      continue;
    }
    prose.push("");
  }
  return { path, blocks, prose: withoutComments(prose) };
}

const withoutComments = (lines) =>
  lines
    .join("\n")
    .replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ""))
    .split("\n");

/** A line of prose without its inline code. */
export const withoutCode = (line) => line.replace(/(`+)[\s\S]*?\1/g, "");

/** The texts of the inline code of a line. */
export const inlineCode = (line) => [...line.matchAll(/(`+)([\s\S]*?)\1/g)].map(([, , text]) => text.trim());

/** The texts of the headings, without their Markdown. */
function headings(page) {
  const found = page.prose.flatMap((line) => line.match(/^#{1,6}\s+(.+?)\s*#*$/)?.[1] ?? []);
  return found.map((text) => text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, ""));
}

/** The anchors of a page on its site: VitePress for the pages below docs/, a Git host for the others. */
export function anchors(page) {
  const slug = page.path.startsWith("docs/") ? vitepressSlug : hostSlug;
  const seen = new Map();
  const explicit = page.prose.flatMap((line) =>
    [...line.matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id]) => id),
  );
  const custom = page.prose.flatMap((line) => line.match(/^#{1,6}.*\{#([\w-]+)\}\s*$/)?.[1] ?? []);
  const fromHeadings = headings(page).map((text) => {
    const name = slug(text);
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  });
  return new Set([...explicit, ...custom, ...fromHeadings]);
}

const hostSlug = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");

// The rule of @mdit-vue/shared, which VitePress uses.
const vitepressSlug = (text) =>
  text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[\s~`!@#$%^&*()\-_+=[\]{}|\\;:"'“”‘’<>,.?/]+/g, "-")
    .replace(/-{2,}/g, "-")
    .replace(/^-+|-+$/g, "")
    .replace(/^(\d)/, "_$1")
    .toLowerCase();
