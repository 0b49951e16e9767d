"""Run migrations on the connection that `schema.migrate` gives, within its transaction."""

from alembic import context

from quantumcore.server.store.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction is around all of it
)
context.run_migrations()
