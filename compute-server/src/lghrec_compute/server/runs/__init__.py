"""Runs from their submission to their end: checks, the queue, worker processes, journals and watches."""
