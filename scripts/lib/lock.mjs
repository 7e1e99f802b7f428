import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 200;

/**
 * Runs `work` while this process holds the lock directory `path`. If another process holds it, waits.
 *
 * The directory is created under another name, with the process id of its owner inside, and then renamed. So no process
 * ever sees a lock without an owner. A lock whose owner no longer runs is removed.
 */
export async function withLock(path, work) {
  await acquire(path);
  const release = () => rmSync(path, { recursive: true, force: true });
  const onExit = () => release();
  process.on("exit", onExit);
  try {
    return await work();
  } finally {
    process.off("exit", onExit);
    release();
  }
}

async function acquire(path) {
  let reported = false;
  while (!tryAcquire(path)) {
    const owner = ownerOf(path);
    if (owner !== undefined && !alive(owner)) {
      breakLock(path, owner);
      continue;
    }
    if (!reported && owner !== undefined) console.error(`waiting for another set-up (process ${owner})`);
    reported ||= owner !== undefined;
    await sleep(POLL_MS);
  }
}

function tryAcquire(path) {
  const candidate = mkdtempSync(`${path}-`);
  writeFileSync(join(candidate, "owner"), String(process.pid));
  try {
    renameSync(candidate, path);
    return true;
  } catch {
    rmSync(candidate, { recursive: true, force: true });
    return false;
  }
}

// Two waiting processes may see the same dead owner. A process that has moved a lock with another owner moves it back.
function breakLock(path, deadOwner) {
  const trash = mkdtempSync(`${path}-`);
  const moved = join(trash, "lock");
  try {
    renameSync(path, moved);
    if (ownerOf(moved) !== deadOwner) renameSync(moved, path);
  } catch {
    // Another process was faster.
  } finally {
    rmSync(trash, { recursive: true, force: true });
  }
}

function ownerOf(path) {
  try {
    return Number(readFileSync(join(path, "owner"), "utf8"));
  } catch {
    return undefined;
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
