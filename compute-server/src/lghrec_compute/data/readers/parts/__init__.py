"""Shared parts of the readers: the rules for bad input, streams, tables, lines of JSON, Parquet files."""
