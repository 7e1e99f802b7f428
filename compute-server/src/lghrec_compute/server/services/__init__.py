"""The servicers: each method reads a request, calls one thing, answers."""
