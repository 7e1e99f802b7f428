import { parseAllDocuments } from "yaml";
import { commandProblems } from "./commands.mjs";
import { pythonProblems } from "./python.mjs";
import { typescriptProblems } from "./typescript.mjs";

const NO_CHECK = /^\s*(\/\/|#)\s*no-check: \S/;

/** @typedef {import("./page.mjs").Block} Block */

/**
 * Problems of the code blocks of all pages.
 *
 * - every block names its language;
 * - `json`, `ndjson` and `yaml` parse;
 * - `ts` compiles against the sources of the SDK, and `yaml` with the name of a spec (`yaml train`) has its type;
 * - `python` parses, and the names that it imports from the server exist;
 * - `sh` and `console` use commands and options that exist.
 *
 * @returns {Promise<{ path: string, problem: string }[]>}
 */
export async function blockProblems(pages) {
  const blocks = pages.flatMap((page) => page.blocks.map((block) => ({ ...block, path: page.path })));
  const problems = blocks.flatMap((block) =>
    [...ownProblems(block)].map((problem) => ({
      path: block.path,
      problem: `line ${block.line}: ${problem}`,
    })),
  );
  const checked = blocks.filter((block) => !block.flags.includes("no-check"));
  const others = [typescriptProblems(checked), pythonProblems(checked), commandProblems(checked, pages)];
  return [...problems, ...(await Promise.all(others)).flat()];
}

function* ownProblems({ language, flags, lines }) {
  if (language === "") yield "a code block without a language";
  if (flags.includes("no-check")) {
    if (!NO_CHECK.test(lines[0] ?? ""))
      yield 'a block marked no-check starts with a comment "no-check: <reason>"';
    return;
  }
  const text = lines.join("\n");
  if (language === "json") yield* errorOf(() => JSON.parse(text));
  if (language === "ndjson") for (const line of lines.filter(Boolean)) yield* errorOf(() => JSON.parse(line));
  if (language === "yaml")
    for (const document of parseAllDocuments(text)) yield* document.errors.map(firstLine);
}

function* errorOf(parse) {
  try {
    parse();
  } catch (error) {
    yield firstLine(error);
  }
}

const firstLine = (error) => error.message.split("\n")[0];
