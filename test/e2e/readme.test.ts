import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { repository } from "./support.js";

const readme = readFileSync(join(repository, "README.md"), "utf8");

/** The code blocks of one language in a section. */
function blocks(section: string, language: string): string[] {
  const text = readme.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? "";
  const found = text.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```/gm);
  return [...found].filter(([, name]) => name === language).map(([, , body]) => body ?? "");
}

/** A port that is free now. */
function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().on("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === "object" ? done(address.port) : fail()));
    });
  });
}

/** Runs the lines in one shell, as a person types them, and returns the output of each line. */
function inOneShell(
  lines: readonly string[],
  { cwd, endpoint }: { cwd: string; endpoint: string },
): Promise<{ code: number | null; outputs: string[] }> {
  const mark = "---- end of line ----";
  // A new session, so that the server of a session that fails can be stopped with everything it started.
  const shell = spawn("bash", ["-s"], {
    cwd,
    detached: true,
    env: { ...process.env, CI: "true", LGHREC_ENDPOINT: endpoint },
  });
  let output = "";
  for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (chunk) => (output += chunk));
  shell.stdin.end(`set -e\n${lines.map((line) => `${line}\necho '${mark}'\n`).join("")}`);
  return new Promise((done) => {
    shell.on("exit", (code) => {
      if (code !== 0 && shell.pid !== undefined) process.kill(-shell.pid, "SIGTERM");
      done({ code, outputs: output.split(`${mark}\n`) });
    });
  });
}

describe("README", () => {
  it("shows the spec files of the repository", () => {
    const [specs = ""] = blocks("Terminal", "yaml");
    const documents = parseAllDocuments(specs);
    expect(documents).toHaveLength(2);
    for (const document of documents) {
      const path = document.toString().match(/^# (examples\/specs\/\S+\.yaml)$/m)?.[1] ?? "";
      expect(document.toJS(), path).toEqual(parse(readFileSync(join(repository, path), "utf8")));
    }
  });

  describe("terminal session", () => {
    let folder: string;
    let lines: string[];
    let outputs: string[];

    beforeAll(async () => {
      mkdirSync(join(repository, "lghrec-output"), { recursive: true });
      folder = mkdtempSync(join(repository, "lghrec-output", "readme-"));
      const port = String(await freePort());
      const [session = ""] = blocks("Terminal", "sh");
      const own = folder.slice(repository.length + 1);
      const written = session.trimEnd().split("\n");
      lines = written.map((line) => line.replaceAll("7300", port).replaceAll("lghrec-output", own));
      const ended = await inOneShell(lines, { cwd: repository, endpoint: `http://127.0.0.1:${port}` });
      outputs = ended.outputs;
      expect(ended.code, outputs.join("\n")).toBe(0);
    }, 600_000);

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const outputOf = (command: string) => outputs[lines.findIndex((line) => line.includes(command))] ?? "";

    it("runs every line", () => {
      expect(lines.length).toBeGreaterThan(8);
      // One part for each line, and what follows the last mark.
      expect(outputs).toHaveLength(lines.length + 1);
    });

    it("reports the metrics of the test split", () => {
      expect(outputOf("lghrec evaluate")).toMatch(/ndcg@20\s+0\.[2-9]\d+/);
    });

    it("recommends five items to each of two users", () => {
      const rows = outputOf("lghrec recommend").split("\n");
      expect(rows.filter((row) => /^[12]\s/.test(row)).length).toBeGreaterThanOrEqual(2);
    });

    it("lists the runs that it started", () => {
      const list = outputOf("lghrec runs list");
      for (const kind of ["preprocess", "train", "evaluate", "export"]) expect(list).toContain(kind);
    });
  });
});
