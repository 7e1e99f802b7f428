import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { envelope, fakeServer, folderWith, lines, run, start } from "./support.js";

const FILES = { "ratings.csv": "u,i\n1,2\n", "items.csv": "i,title\n2,Two\n", ".secret": "no" };

describe("lghrec datasets upload", () => {
  it("prints only the id to stdout, and the progress to stderr", async () => {
    const fake = await fakeServer();
    const folder = folderWith(FILES);
    const args = ["datasets", "upload", folder, "--name", "clicks", "--endpoint", fake.endpoint];
    const done = await run(args);
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(fake.control.uploadedBytes(done.stdout.trim(), "ratings.csv")).toBeDefined();
    expect(done.stderr).toContain("left out: 1 hidden");
    expect(done.stderr).toContain("clicks: 2 files, 22 B");
    expect(done.stderr).toMatch(/^send .* 100% 22\/22 B/m);
    expect(done.stderr).not.toContain("\r");
    const again = await run([...args, "--output", "json", "--quiet"]);
    expect(again.stderr).toBe("");
    expect(envelope(again)).toMatchObject({
      command: "datasets upload",
      result: { id: done.stdout.trim(), kind: "source", name: "clicks", sizeBytes: 22 },
      error: null,
    });
  });

  it("continues after an interruption, in the same call and in the next one", async () => {
    const fake = await fakeServer();
    const file = join(folderWith({ "big.csv": "x".repeat(600_000) }), "big.csv");
    const args = ["datasets", "upload", file, "--endpoint", fake.endpoint];
    fake.control.inject({ method: "UploadFile", afterBytes: 100_000, drop: true });
    fake.control.inject({ method: "UploadFile", afterBytes: 50_000, drop: true });
    expect((await run(args)).code).toBe(0);
    const offsets = fake.control.calls.flatMap(({ upload }) => (upload ? [upload.offset] : []));
    expect(offsets).toEqual([0, 100_000, 150_000]);
  });

  it("exits with 2 for a missing path, 6 for a missing server and 10 for a full disk", async () => {
    const fake = await fakeServer();
    const folder = folderWith(FILES);
    const upload = (path: string, endpoint = fake.endpoint) =>
      run(["datasets", "upload", path, "--endpoint", endpoint, "--output", "json"]);
    const none = await upload(join(folder, "none"));
    expect(none.code).toBe(2);
    expect(envelope(none).error).toMatchObject({ code: "invalid_argument" });
    expect(none.stderr).toContain("the file or folder does not exist");
    const nobody = await upload(folder, "http://127.0.0.1:1");
    expect(nobody.code).toBe(6);
    expect(nobody.stderr).toContain("the same command continues from there");
    fake.control.inject({
      method: "BeginUpload",
      error: { status: "resource_exhausted", reason: "DISK_FULL" },
    });
    expect((await upload(folder)).code).toBe(10);
  });

  it("exits with 130 on Ctrl-C, and continues in the next call", async () => {
    const fake = await fakeServer();
    const folder = folderWith({ "big.csv": "x".repeat(600_000) });
    const args = ["datasets", "upload", folder, "--endpoint", fake.endpoint];
    fake.control.inject({ method: "UploadFile", afterBytes: 100_000, silent: true });
    const running = start(args);
    await running.says("send ");
    running.child.kill("SIGINT");
    const done = await running.finished;
    expect(done.code).toBe(130);
    expect(done.stderr).toContain("received bytes are kept");
    expect((await run(args)).code).toBe(0);
    expect(fake.control.calls.findLast(({ upload }) => upload)?.upload?.offset).toBe(100_000);
  });
});

describe("lghrec datasets list, get and delete", () => {
  it("show the data sets, newest first, and delete one", async () => {
    const fake = await fakeServer();
    const [one, two] = ["one", "two"].map((name) => fake.control.addDataset(name, { "a.csv": name }));
    const at = ["--endpoint", fake.endpoint];
    const text = (await run(["datasets", "list", ...at])).stdout.split("\n");
    expect(text[0]).toMatch(/^ID +NAME +FILES +SIZE +CREATED$/);
    expect(text[1]).toMatch(new RegExp(`^${two?.id} +two +1 +3 B +\\S+Z$`));
    const records = lines(await run(["datasets", "list", "--limit", "1", ...at, "--output", "ndjson"]));
    expect(records.map(({ type, id }) => [type, id])).toEqual([
      ["dataset", two?.id],
      ["summary", undefined],
    ]);
    const shown = await run(["datasets", "get", one?.id ?? "", ...at]);
    expect(shown.stdout).toMatch(/^name +one$/m);
    expect(shown.stdout).toMatch(/^a\.csv +3 B +[0-9a-f]{64}$/m);
    expect((await run(["datasets", "delete", one?.id ?? "", ...at])).stdout).toBe(`deleted ${one?.id}\n`);
    for (const command of ["get", "delete"]) {
      const gone = await run(["datasets", command, one?.id ?? "", ...at, "--output", "json"]);
      expect(gone.code).toBe(2);
      expect(envelope(gone).error).toMatchObject({ code: "not_found", reason: "DATASET_UNKNOWN" });
    }
  });

  it("delete reports that a run reads the files", async () => {
    const fake = await fakeServer();
    const { id } = fake.control.addDataset("one", { a: "1" });
    const error = {
      status: "failed_precondition",
      reason: "DATASET_IN_USE",
      message: "run-1 reads it",
    } as const;
    fake.control.inject({ method: "DeleteDataset", error });
    const done = await run(["datasets", "delete", id, "--endpoint", fake.endpoint, "--output", "json"]);
    expect(done.code).toBe(2);
    expect(envelope(done).error).toMatchObject({ code: "conflict", reason: "DATASET_IN_USE" });
  });

  it.each(["list", "get 1", "delete 1"])("%s exits with 6 without a server", async (command) => {
    const args = ["datasets", ...command.split(" "), "--endpoint", "http://127.0.0.1:1", "--output", "json"];
    const done = await run(args);
    expect(done.code).toBe(6);
    expect(envelope(done).error).toMatchObject({ code: "connection" });
  });
});
