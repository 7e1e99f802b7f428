import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { at } from "../lib/paths.mjs";
import { anchors, inlineCode, readPage, withoutCode } from "./page.mjs";

const SITE = "docs";
// TypeDoc generates these pages when the site is built, and the build checks the links to them.
const GENERATED = /^docs\/reference\/api(\/|$)/;
const CONFIG = "docs/.vitepress/config.ts";
// Inline code that names a file or a folder of the repository.
const PATH =
  /^(?:\.ci|\.github|compute-server|docker|docs|examples|proto|scripts|sdk|test)\/[\w.@/-]*[\w/-]$/;
const BUILT = /(^|\/)(dist|node_modules|\.venv)(\/|$)/;
const HTML =
  /^(a|b|br|code|details|div|em|h[1-6]|hr|i|img|kbd|li|ol|p|picture|source|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|ul)$/i;

/** Problems of the links, the named paths and the embedded HTML of a page, each with its line. */
export function* linkProblems(page) {
  for (const [index, line] of page.prose.entries()) {
    const where = `line ${index + 1}`;
    for (const target of targets(withoutCode(line))) {
      const problem = problemOf(target, page);
      if (problem) yield `${where}: link to ${target}: ${problem}`;
    }
    for (const code of inlineCode(line)) {
      if (PATH.test(code) && !BUILT.test(code) && !existsSync(at(code)))
        yield `${where}: there is no ${code}`;
    }
    if (page.path.startsWith(`${SITE}/`)) yield* vueProblems(withoutCode(line), where);
  }
  if (page.path.startsWith(`${SITE}/`) && !isInSidebar(page.path))
    yield `the sidebar in ${CONFIG} does not list it`;
}

function* targets(line) {
  for (const [, target] of line.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g)) yield target;
  for (const [, target] of line.matchAll(/^\s*\[[^\]]+\]:\s+(\S+)/g)) yield target;
  for (const [, target] of line.matchAll(/\s(?:href|src)="([^"]+)"/g)) yield target;
}

// VitePress compiles a page as a template of Vue.
function* vueProblems(text, where) {
  if (text.includes("{{")) yield `${where}: {{ outside of code is a template of Vue; put it in code`;
  for (const [, tag] of text.matchAll(/<\/?([a-zA-Z][\w-]*)(?=[\s/>])/g)) {
    if (!HTML.test(tag)) yield `${where}: <${tag}> outside of code is read as HTML; put it in code`;
  }
}

function problemOf(target, page) {
  if (/^(https?|mailto):/.test(target)) return undefined;
  const [path, anchor] = target.split("#");
  const file = path === "" ? page.path : resolveFile(decodeURI(path), page.path);
  if (file === undefined) return "there is no such file";
  if (GENERATED.test(file)) return undefined;
  if (page.path.startsWith(`${SITE}/`) && !file.startsWith(`${SITE}/`))
    return "it leaves docs/ and would be dead on the site; name the file in code instead";
  if (!anchor || !file.endsWith(".md")) return undefined;
  const known = anchors(readPage(file));
  return known.has(anchor) ? undefined : `no heading there has the anchor #${anchor}`;
}

/** The path of the file that a link names, relative to the root of the repository. */
function resolveFile(target, from) {
  const isSite = from.startsWith(`${SITE}/`);
  const path = target.startsWith("/")
    ? join(isSite ? SITE : ".", target)
    : normalize(join(dirname(from), target));
  if (GENERATED.test(path)) return path;
  const pages = isSite
    ? [`${path}.md`, path.replace(/\.html$/, ".md"), join(path, "index.md"), path]
    : [path];
  return pages.find(
    (candidate) => existsSync(at(candidate)) && (!isSite || statSync(at(candidate)).isFile()),
  );
}

function isInSidebar(path) {
  const page = path.slice(SITE.length + 1).replace(/\.md$/, "");
  return page === "index" || readFileSync(at(CONFIG), "utf8").includes(`"${page}"`);
}
