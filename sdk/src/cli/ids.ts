/** Artifacts, uploads among them, are named by a SHA-256; runs and paths are not. */
export function isArtifactId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}
