"""One process, one run: reads a job, runs its pipeline, tells everything through a journal.

Never opens the server's database and knows nothing of the wire. What it does outlives the server.
"""
