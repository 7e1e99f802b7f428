"""Reasoning texts by a language model: requests, limits, retries, the cache, and the cost estimate."""
