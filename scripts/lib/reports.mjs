import { readFileSync } from "node:fs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** What a test run's report says; all zero if it wrote none.
 * @returns {Counts} */
export function readCounts(kind, path) {
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
  return kind === "vitest" ? fromVitest(JSON.parse(text)) : fromJUnit(text);
}

function fromVitest(report) {
  const skipped = report.numPendingTests + report.numTodoTests;
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped };
}

function fromJUnit(xml) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [suite] of xml.matchAll(/<testsuite\s[^>]*>/g)) {
    const number = (name) => Number(suite.match(new RegExp(`\\s${name}="(\\d+)"`))?.[1] ?? 0);
    const failed = number("failures") + number("errors");
    counts.failed += failed;
    counts.skipped += number("skipped");
    counts.passed += number("tests") - failed - number("skipped");
  }
  return counts;
}

/** Sums the counts of all stages; a stage that failed without a failed test counts as one. */
export function total(results) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { ok, counts } of results) {
    sum.passed += counts.passed;
    sum.skipped += counts.skipped;
    sum.failed += ok ? counts.failed : Math.max(1, counts.failed);
  }
  return sum;
}
