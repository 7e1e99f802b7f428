"""The folder of Alembic. Each file in versions/ is one step of the schema."""
