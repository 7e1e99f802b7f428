"""Runs the steps on the connection the store hands over, inside its transaction."""

from alembic import context

from lghrec_compute.server.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,  # SQLite has it, once transactions are started by hand
)
with context.begin_transaction():
    context.run_migrations()
