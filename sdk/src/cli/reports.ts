/** Reports for pipelines: JUnit XML, a Markdown summary, and annotations for GitHub Actions. */

import { appendFile, writeFile } from "node:fs/promises";
import type { RunInfo } from "../index.js";
import type { LocatedViolation } from "./exit-codes.js";
import { type GateOutcome, metricsOf } from "./gates.js";

export interface Report {
  readonly info: RunInfo;
  readonly gates: readonly GateOutcome[];
}

/** Writes the requested reports, and in GitHub Actions its summary and outputs. */
export async function writeReports(
  report: Report,
  flags: { junit?: string; summary?: string },
): Promise<void> {
  if (flags.junit !== undefined) await writeFile(flags.junit, junit(report));
  if (flags.summary !== undefined) await writeFile(flags.summary, markdown(report));
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY, GITHUB_OUTPUT } = process.env;
  if (!GITHUB_ACTIONS) return;
  if (GITHUB_STEP_SUMMARY) await appendFile(GITHUB_STEP_SUMMARY, markdown(report));
  if (GITHUB_OUTPUT) await appendFile(GITHUB_OUTPUT, outputs(report.info));
}

/** Annotates wrong fields in the files of a pull request. Writes to stderr, since stdout is for data only. */
export function annotate(violations: readonly LocatedViolation[]): void {
  if (!process.env.GITHUB_ACTIONS) return;
  for (const { path, description, file, line } of violations) {
    const position = [file && `file=${file}`, line && `line=${line}`].filter(Boolean).join(",");
    const message = `${path}: ${description}`.replaceAll("%", "%25").replaceAll("\n", "%0A");
    process.stderr.write(`::error ${position}::${message}\n`);
  }
}

/** Returns one test suite with a case for the run and a case for each requirement. */
function junit({ info, gates }: Report): string {
  const name = `lghrec ${info.kind}`;
  const cases = [
    testCase(
      `run ${info.id}`,
      info.state === "succeeded" ? undefined : (info.failure?.message ?? info.state),
    ),
    ...gates.map(({ gate, actual, met }) =>
      testCase(gate.text, met ? undefined : `got ${actual ?? "no such metric"}`),
    ),
  ];
  const failures = cases.filter((text) => text.includes("<failure")).length;
  const counts = `tests="${cases.length}" failures="${failures}"`;
  const suite = `<testsuite name="${escapeXml(name)}" ${counts} time="${seconds(info)}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suite}\n${cases.join("\n")}\n</testsuite>\n</testsuites>\n`;
}

function testCase(name: string, failure: string | undefined): string {
  const open = `  <testcase classname="lghrec" name="${escapeXml(name)}"`;
  if (failure === undefined) return `${open}/>`;
  return `${open}><failure message="${escapeXml(failure)}"/></testcase>`;
}

function escapeXml(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  // XML allows no control characters, even escaped.
  const visible = text.replace(/[\p{Cc}]/gu, " ");
  return visible.replace(/[&<>"]/g, (character) => names[character] ?? character);
}

function markdown({ info, gates }: Report): string {
  const lines = [`### lghrec ${info.kind}: ${info.state}`, "", `Run \`${info.id}\`, ${seconds(info)} s`, ""];
  const metrics = Object.entries(metricsOf(info.result));
  if (metrics.length > 0) lines.push("| metric | value |", "| --- | ---: |");
  for (const [name, value] of metrics) lines.push(`| ${name} | ${Number(value.toPrecision(6))} |`);
  if (gates.length > 0) lines.push("", "| requirement | value | |", "| --- | ---: | --- |");
  for (const { gate, actual, met } of gates) {
    lines.push(`| \`${gate.text}\` | ${actual ?? "none"} | ${met ? "met" : "not met"} |`);
  }
  if (info.failure) lines.push("", "```", info.failure.message, "```");
  return `${lines.join("\n")}\n\n`;
}

function outputs(info: RunInfo): string {
  const lines = [`run_id=${info.id}`, `state=${info.state}`];
  for (const [name, value] of Object.entries(metricsOf(info.result))) {
    lines.push(`${name.replace(/\W/g, "_")}=${value}`);
  }
  return `${lines.join("\n")}\n`;
}

function seconds({ startTime, endTime }: RunInfo): string {
  return startTime && endTime ? ((endTime.getTime() - startTime.getTime()) / 1000).toFixed(1) : "0";
}
