"""DSEG, the deep semantic embedding generator: item text -> reasoning text -> semantic id (paper, section
2.1).

`text/` builds descriptions and checks reasoning texts, `llm/` generates them with a language model, `encode/`
turns them into vectors. This package knows items only by number and text: no interactions, no backbone, no
run.
"""
