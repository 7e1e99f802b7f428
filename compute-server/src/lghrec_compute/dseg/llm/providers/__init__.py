"""The engines that run a language model, one per file."""
