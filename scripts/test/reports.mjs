import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { ROOT } from "../lib/paths.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ name: string, seconds: number }} TestTime */

/**
 * Reads the report of a test suite: the counts, and the time of each test with its fixtures.
 *
 * @returns {{ counts: Counts, times: TestTime[] }} Zeros and no times if the runner wrote no report.
 */
export function readReport(runner, path) {
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { counts: { passed: 0, failed: 0, skipped: 0 }, times: [] };
  }
  return runner === "vitest" ? fromVitest(JSON.parse(text)) : fromJUnit(text);
}

function fromVitest(report) {
  const skipped = report.numPendingTests + report.numTodoTests;
  const counts = { passed: report.numPassedTests, failed: report.numFailedTests, skipped };
  return { counts, times: report.testResults.flatMap(timesOfFile) };
}

// Vitest does not report the time of hooks, so a server that `beforeAll` starts is not included.
function timesOfFile({ name, assertionResults }) {
  const file = relative(ROOT, name);
  return assertionResults.map(({ fullName, duration }) => ({
    name: `${file}: ${fullName}`,
    seconds: (duration ?? 0) / 1000,
  }));
}

function fromJUnit(xml) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [suite] of xml.matchAll(/<testsuite\s[^>]*>/g)) {
    const number = (name) => Number(attribute(suite, name) ?? 0);
    const failed = number("failures") + number("errors");
    counts.failed += failed;
    counts.skipped += number("skipped");
    counts.passed += number("tests") - failed - number("skipped");
  }
  const cases = [...xml.matchAll(/<testcase\s[^>]*>/g)].map(([element]) => ({
    name: `${fileOf(attribute(element, "classname") ?? "")}: ${attribute(element, "name")}`,
    seconds: Number(attribute(element, "time") ?? 0),
  }));
  return { counts, times: cases };
}

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function attribute(element, name) {
  const value = element.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1];
  return value?.replace(/&(\w+);/g, (whole, entity) => ENTITIES[entity] ?? whole);
}

// pytest writes the path of a file outside its root folder as "...test.compute.graph.test_graph".
const fileOf = (classname) => `${classname.replace(/^\.+/, "").replaceAll(".", "/")}.py`;

/** The sums of the counts of all stages. A stage that fails without a failed test counts as one failure. */
export function total(results) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { ok, counts } of results) {
    sum.passed += counts.passed;
    sum.skipped += counts.skipped;
    sum.failed += ok ? counts.failed : Math.max(1, counts.failed);
  }
  return sum;
}

/** The slowest tests of all stages, the slowest first. */
export function slowest(results, number) {
  const times = results.flatMap((result) => result.times);
  return times.sort((left, right) => right.seconds - left.seconds).slice(0, number);
}
