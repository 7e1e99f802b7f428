import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { at, nodeTool } from "../lib/paths.mjs";
import { capture } from "../lib/step.mjs";

// Ignored by git, and below docs/package.json, which makes the files ES modules. Two checks may run at the same time.
const FOLDER = at("docs", ".vitepress", "cache", `check-${process.pid}`);
const SPEC_TYPES = {
  preprocess: "PreprocessSpec",
  train: "TrainSpec",
  evaluate: "EvaluateSpec",
  export: "ExportSpec",
};

/** Type errors of the `ts` blocks, and of the `yaml` blocks that name a spec. */
export async function typescriptProblems(blocks) {
  const files = [...programs(blocks), ...specs(blocks)];
  if (files.length === 0) return [];
  try {
    writeProject(files);
    const tsc = [process.execPath, nodeTool("typescript", "bin", "tsc"), "-p", FOLDER];
    const { code, output } = await capture(tsc);
    const errors = output.split("\n").flatMap((line) => problemOf(line, files));
    if (code !== 0 && errors.length === 0) errors.push({ path: "docs", problem: output.trim() });
    return errors;
  } finally {
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

// A block without imports continues the block before it on the page. Each line keeps its number on the page.
function programs(blocks) {
  const files = [];
  for (const block of blocks.filter(({ language }) => language === "ts")) {
    const last = files.at(-1);
    const continues = last?.path === block.path && !block.lines.some((line) => /^import\b/.test(line));
    const file = continues ? last : { path: block.path, lines: [] };
    if (!continues) files.push(file);
    for (const [index, line] of block.lines.entries()) file.lines[block.line + index] = line;
  }
  return files.map((file) => ({
    ...file,
    text: `${Array.from(file.lines, (line) => line ?? "").join("\n")}\nexport {};\n`,
  }));
}

function specs(blocks) {
  return blocks.flatMap((block) => {
    const type = block.language === "yaml" ? SPEC_TYPES[block.flags[0]] : undefined;
    if (!type) return [];
    const value = JSON.stringify(parse(block.lines.join("\n")));
    // All on the line of the fence: an error of the type names that line.
    const text = `${"\n".repeat(block.line - 1)}import type { ${type} } from "lghrec"; export const spec: ${type} = ${value};\n`;
    return [{ path: block.path, text }];
  });
}

function writeProject(files) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [index, { text }] of files.entries()) writeFileSync(join(FOLDER, `block${index}.ts`), text);
  const { exports } = JSON.parse(readFileSync(at("sdk", "package.json"), "utf8"));
  const sources = Object.entries(exports).flatMap(([name, { types }]) =>
    types
      ? [[join("lghrec", name), [at("sdk", types.replace("dist/", "src/").replace(/\.d\.ts$/, ".ts"))]]]
      : [],
  );
  const compilerOptions = {
    noEmit: true,
    noUnusedLocals: false,
    rootDir: at(),
    paths: Object.fromEntries(sources),
  };
  const names = files.map((_, index) => `block${index}.ts`);
  const project = { extends: at("tsconfig.base.json"), compilerOptions, files: names };
  writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(project));
}

function problemOf(line, files) {
  const match = line.match(/block(\d+)\.ts\((\d+),\d+\): (.*)$/);
  if (!match) return /^\S+\(\d+,\d+\): error/.test(line) ? [{ path: "docs", problem: line }] : [];
  return [{ path: files[Number(match[1])].path, problem: `line ${match[2]}: ${match[3]}` }];
}
