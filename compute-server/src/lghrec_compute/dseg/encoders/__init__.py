"""The parts of a text encoder: its folder, its tokens, its batches, and the two ways to run it."""
