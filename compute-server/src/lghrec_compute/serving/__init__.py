"""Answers from stored models inside the server: embeddings mapped from disk, exact lists, NumPy alone.

Knows no torch, no wire and no room of science. The server imports it with the first question, as NumPy and
pyarrow take longer to load than the server takes to start.
"""

import os

# One thread a question: the cores belong to runs, and BLAS threads that wait for a core spin. No effect on a
# process that has loaded NumPy before.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from lghrec_compute.serving.models import Models
from lghrec_compute.serving.served import Scored, Served, UserList

__all__ = ["Models", "Scored", "Served", "UserList"]
