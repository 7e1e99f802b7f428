"""Runs the steps on the connection of the store, inside its transaction."""

from alembic import context

from lghrec_compute.server.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,  # SQLite supports it if transactions are started explicitly
)
with context.begin_transaction():
    context.run_migrations()
