"""Texts of items: the prompt, the schema of an answer, its checks and repairs, and quality figures."""
