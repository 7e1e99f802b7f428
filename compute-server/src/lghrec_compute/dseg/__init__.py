"""DSEG, the deep semantic embedding language_model: item text -> reasoning -> semantic id (paper, section 2.1).

Knows items by number and text only: no interactions, no model, no run.
"""
