"""The worker process of a run. It reads the job, runs the pipeline and writes all events to a journal.

The worker never opens the server's database and does not use the wire format. It continues when the server
stops.
"""
