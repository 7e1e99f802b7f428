import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 200;

/**
 * Runs `work` while holding the lock directory `path`; waits for whoever holds it now.
 *
 * The directory is made elsewhere and renamed into place with the owner's process id inside, so it
 * is never seen without one. A lock whose owner is dead is taken over.
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
  let told = false;
  while (!tryAcquire(path)) {
    const owner = ownerOf(path);
    if (owner !== undefined && !alive(owner)) {
      breakLock(path, owner);
      continue;
    }
    if (!told && owner !== undefined) console.error(`waiting for another set-up (process ${owner})`);
    told ||= owner !== undefined;
    await sleep(POLL_MS);
  }
}

function tryAcquire(path) {
  const made = mkdtempSync(`${path}-`);
  writeFileSync(join(made, "owner"), String(process.pid));
  try {
    renameSync(made, path);
    return true;
  } catch {
    rmSync(made, { recursive: true, force: true });
    return false;
  }
}

// Two waiters may see the same dead owner; whoever finds that it moved a living lock puts it back.
function breakLock(path, deadOwner) {
  const grave = mkdtempSync(`${path}-`);
  const moved = join(grave, "lock");
  try {
    renameSync(path, moved);
    if (ownerOf(moved) !== deadOwner) renameSync(moved, path);
  } catch {
    // Another waiter was faster.
  } finally {
    rmSync(grave, { recursive: true, force: true });
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
