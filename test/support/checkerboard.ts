import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Sizes of a generated data set: even users take only even items, odd users only odd ones. */
export interface Checkerboard {
  users: number;
  items: number;
  /** Items each user has taken; at most half of all items. */
  perUser: number;
}

const SMALL: Checkerboard = { users: 60, items: 40, perUser: 12 };

/**
 * Writes a checkerboard as RecBole atomic files into `<folder>/<name>/` and returns that folder.
 * Which of its half a user takes walks round, so the right ranking is known and the files never change.
 */
export function writeCheckerboard(folder: string, name: string, sizes: Partial<Checkerboard> = {}): string {
  const { users, items, perUser } = { ...SMALL, ...sizes };
  const target = join(folder, name);
  mkdirSync(target, { recursive: true });
  const rows = ["user_id:token\titem_id:token\trating:float\ttimestamp:float"];
  for (let user = 0; user < users; user++) {
    for (let step = 0; step < perUser; step++) {
      const item = 2 * ((user * 7 + step * 3) % (items / 2)) + (user % 2);
      rows.push(`u${user}\ti${item}\t${1 + (step % 5)}\t${1000 + step}`);
    }
  }
  writeFileSync(join(target, `${name}.inter`), `${rows.join("\n")}\n`);
  writeFileSync(join(target, `${name}.item`), `${itemRows(items).join("\n")}\n`);
  return target;
}

function itemRows(items: number): string[] {
  const rows = ["item_id:token\tmovie_title:token_seq\tclass:token_seq"];
  for (let item = 0; item < items; item++) {
    const half = item % 2 === 0 ? "quiet mountain drama" : "loud city comedy";
    rows.push(`i${item}\tStory ${item} of a ${half}\t${half}`);
  }
  return rows;
}
