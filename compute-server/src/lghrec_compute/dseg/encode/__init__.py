"""The text encoder: its folder, its token windows, the two ways to run it, and the transform of vectors."""
