"""From files of interactions to a prepared data set: read, filter, split, store. Knows no model, no run."""
