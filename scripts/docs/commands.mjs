import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { at } from "../lib/paths.mjs";
import { select } from "../test/select.mjs";
import { inlineCode } from "./page.mjs";

/**
 * Commands in `sh` and `console` blocks, and in inline code, that do not exist or have an unknown option.
 *
 * `lghrec` is compared with the program of the SDK, `npm run` with the scripts of package.json, and `node <file>` with
 * the files of the repository. In a `console` block only lines that start with "$ " are commands.
 */
export async function commandProblems(blocks, pages) {
  const program = await loadProgram();
  const scripts = JSON.parse(readFileSync(at("package.json"), "utf8")).scripts;
  const fromBlocks = blocks.flatMap(commandsOfBlock);
  const fromProse = pages.flatMap(({ path, prose }) =>
    prose.flatMap((line, index) =>
      inlineCode(line)
        .filter((code) => /^(npx )?(lghrec|npm (run|test)) /.test(code))
        .map((text) => ({ path, line: index + 1, text, isMention: true })),
    ),
  );
  return [...fromBlocks, ...fromProse].flatMap(({ path, line, text, isMention = false }) =>
    simpleCommands(text)
      .flatMap((words) => problemOf(words, { program, scripts, isMention }) ?? [])
      .map((problem) => ({ path, problem: `line ${line}: ${problem}` })),
  );
}

async function loadProgram() {
  const { createProgram } = await import(
    pathToFileURL(at("sdk", "dist", "cli", "program", "program.js")).href
  );
  return createProgram();
}

function commandsOfBlock({ path, line, language, lines }) {
  if (language !== "sh" && language !== "console") return [];
  const commands = [];
  let heredoc;
  for (const [index, raw] of lines.entries()) {
    if (heredoc) {
      if (raw.trim() === heredoc) heredoc = undefined;
      continue;
    }
    const previous = commands.at(-1);
    if (previous?.text.endsWith("\\")) {
      previous.text = `${previous.text.slice(0, -1)} ${raw.trim()}`;
      continue;
    }
    if (language === "console" && !raw.startsWith("$ ")) continue;
    const text = raw.replace(/^\$ /, "").trim();
    heredoc = text.match(/<<-?\s*['"]?(\w+)/)?.[1];
    commands.push({ path, line: line + index + 1, text });
  }
  return commands;
}

// "<id of a run>" stands for a word that the reader fills in, and is no redirection.
const PLACEHOLDER = /<[a-z][\w .-]*>/gi;
const FILLED = "PLACEHOLDER";

/** Splits a line of shell code into commands, and each into its words. Quotes group words; comments end the line. */
function simpleCommands(text) {
  const commands = [[]];
  for (const [token, double, single] of text
    .replace(PLACEHOLDER, FILLED)
    .matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|&&|\|\||[|;&()]|#.*$|[^\s"'|;&()]+/g)) {
    if (/^(&&|\|\||[|;&()])$/.test(token)) commands.push([]);
    else if (token.startsWith("#")) break;
    else commands.at(-1).push(double ?? single ?? token);
  }
  return commands.map(withoutRedirects).filter((words) => words.length > 0);
}

// Assignments before a command and redirections of its output are no words of the command.
function withoutRedirects(words) {
  const first = words.findIndex((word) => !/^\w+=/.test(word));
  const rest = first < 0 ? [] : words.slice(first);
  return rest.filter(
    (word, index) => !/^\d?[<>]/.test(word) && !/^\d?[<>]{1,2}$/.test(rest[index - 1] ?? ""),
  );
}

function problemOf(words, context) {
  const [name, ...rest] = words[0] === "npx" ? words.slice(1) : words;
  if (name === "lghrec") return lghrecProblem(context.program, rest, context);
  if (name === "node" && /\.m?js$/.test(rest[0] ?? "") && !existsSync(at(rest[0])))
    return `there is no ${rest[0]}`;
  if (name !== "npm" || (rest[0] !== "run" && rest[0] !== "test")) return undefined;
  const script = rest[0] === "test" ? "test" : rest.find((word, index) => index > 0 && !word.startsWith("-"));
  if (!(script in context.scripts)) return `package.json has no script ${script}`;
  const separator = rest.indexOf("--");
  if (script === "test" && separator > 0) return testProblem(rest.slice(separator + 1));
  return script === "lghrec" && separator > 0
    ? lghrecProblem(context.program, rest.slice(separator + 1), context)
    : undefined;
}

// Options and their values are left to `npm test -- --help`.
function testProblem(words) {
  const first = words.findIndex((word) => word.startsWith("-"));
  const names = first < 0 ? words : words.slice(0, first);
  try {
    select(
      names.filter((name) => name !== FILLED),
      at(),
    );
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** The first word that the command line would refuse; undefined if there is none. */
function lghrecProblem(program, words, { isMention }) {
  let command = program;
  const positionals = [];
  const queue = [...words];
  while (queue.length > 0) {
    const word = queue.shift();
    const subcommand = positionals.length === 0 && command.commands.find((each) => each.name() === word);
    if (subcommand) command = subcommand;
    else if (/^-{1,2}[a-z]/.test(word)) {
      const problem = optionProblem(command, word, queue);
      if (problem) return problem;
    } else positionals.push(word);
  }
  return isMention && positionals.length === 0 ? undefined : argumentProblem(command, positionals, isMention);
}

function optionProblem(command, word, queue) {
  const [flag, inline] = word.split(/=(.*)/s);
  if (["--help", "-h", "--version", "-V"].includes(flag)) return undefined;
  const known = chainOf(command).flatMap((each) => each.options);
  const option = known.find((each) => each.long === flag || each.short === flag);
  if (!option) return `${nameOf(command)} has no option ${flag}`;
  if (!option.required || inline !== undefined) return undefined;
  const value = queue.shift();
  if (value === undefined) return `${nameOf(command)} ${flag} needs a value`;
  const isPlaceholder = value.includes("$") || value === FILLED;
  if (option.argChoices && !isPlaceholder && !option.argChoices.includes(value))
    return `${nameOf(command)} ${flag} is one of ${option.argChoices.join(", ")}, not ${value}`;
  return undefined;
}

function argumentProblem(command, positionals, isMention) {
  if (command.commands.length > 0)
    return positionals.length > 0 ? `${nameOf(command)} has no command ${positionals[0]}` : undefined;
  const expected = command.registeredArguments;
  const required = expected.filter((each) => each.required).length;
  if (!isMention && positionals.length < required)
    return `${nameOf(command)} needs <${expected[positionals.length].name()}>`;
  const isVariadic = expected.at(-1)?.variadic ?? false;
  if (!isVariadic && positionals.length > expected.length)
    return `${nameOf(command)} takes no argument ${positionals.at(-1)}`;
  return undefined;
}

const chainOf = (command) => (command ? [command, ...chainOf(command.parent)] : []);
const nameOf = (command) =>
  chainOf(command)
    .map((each) => each.name())
    .reverse()
    .join(" ");
