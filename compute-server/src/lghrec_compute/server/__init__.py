"""The server process: accepts requests, keeps the database, starts workers and reads their journals.

It imports neither torch nor a scientific package, so that it responds within a second of its start. `runs/`
holds the life of a run, `uploads/` uploaded data sets, `services/` the gRPC services, `wire/` the conversion
between messages and Python, `store/` the database.
"""
