"""From files of interactions to a prepared data set: locate, read, filter, split, store.

`readers/` has one file per format. This package knows no backbone and no run.
"""
