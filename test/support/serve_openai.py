"""Serves the loopback OpenAI server until its standard input ends; prints its address first."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "python"))

from openai_server import OpenAiServer

if __name__ == "__main__":
    with OpenAiServer() as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
        sys.stdout.write(f"{server.answered}\n")
