/** The id of what a user names by its id, or by an object that carries it. */
export function idOf(named: string | { readonly id: string }): string {
  return typeof named === "string" ? named : named.id;
}
