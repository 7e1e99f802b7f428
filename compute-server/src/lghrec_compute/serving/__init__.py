"""Recommendations of stored models inside the server: embeddings mapped from disk, exact lists, NumPy only.

This package imports neither torch nor gRPC. The server imports it with the first request, because NumPy and
pyarrow take longer to load than the server takes to start.
"""

import os

# One thread per request: the cores belong to runs, and BLAS threads that wait for a core spin. This has no
# effect on a process that has already loaded NumPy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from lghrec_compute.serving.models import Models
from lghrec_compute.serving.served import Scored, Served, UserList

__all__ = ["Models", "Scored", "Served", "UserList"]
