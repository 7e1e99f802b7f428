"""The control plane: takes requests, owns the database, starts workers and reads what they tell.

Imports no torch and no science room, so that it answers within a second of starting.
"""
