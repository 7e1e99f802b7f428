"""Serves recommendations of stored models inside the server: embeddings mapped from disk, exact lists, only
NumPy.

It imports neither torch nor grpc nor a package of the science code. The server imports it with the first
request, because NumPy and pyarrow need more time to load than the server needs to start.
"""

import os

# One thread per request: the cores belong to runs, and waiting BLAS threads use a whole core. The setting has
# no effect on a process that has already loaded NumPy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from lghrec_compute.serving.model import ScoredItem, ServedModel, UserList
from lghrec_compute.serving.models import Models

__all__ = ["Models", "ScoredItem", "ServedModel", "UserList"]
