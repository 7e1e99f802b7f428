"""Entry point of `python -m lghrec_compute.worker <run folder>`."""

from __future__ import annotations

import sys

from lghrec_compute.worker.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
