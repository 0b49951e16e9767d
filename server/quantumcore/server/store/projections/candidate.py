"""A projection made anew beside the one that is read, and put in its place when it is as far.

Tables and checkpoint of a candidate carry its version in their names, so that several versions can
stand side by side. Nobody reads them; the switch gives them the names that are read, and removes
what had these before, in one transaction.
"""

from sqlalchemy import Connection, MetaData, Table, delete, insert, select, update
from sqlalchemy.sql import quoted_name

from quantumcore.server.store.projections.projection import Projection
from quantumcore.server.store.sql.projection_tables import projection_checkpoint


def checkpoint_name(projection: Projection) -> str:
    """Return under which name a candidate's checkpoint is kept."""
    return f"{projection.name}_v{projection.version}"


def candidate_of(projection: Projection) -> Projection:
    """Return the projection as it is made on tables of its own."""
    return projection.on([_beside(table, projection.version) for table in projection.tables])


def begin(connection: Connection, projection: Projection) -> None:
    """Make the tables of a candidate, unless they are there: then it is gone on with."""
    if sequence_of(connection, projection) is not None:
        return
    for table in candidate_of(projection).tables:
        table.drop(connection, checkfirst=True)
        table.create(connection)
    connection.execute(
        insert(projection_checkpoint).values(
            name=checkpoint_name(projection), version=projection.version, sequence=0
        )
    )


def sequence_of(connection: Connection, projection: Projection) -> int | None:
    """Return how far a candidate is; None where there is none."""
    table = projection_checkpoint
    statement = select(table.c.sequence).where(table.c.name == checkpoint_name(projection))
    return connection.execute(statement).scalar_one_or_none()


def switch(connection: Connection, projection: Projection) -> bool:
    """Let a candidate take the place of what is read; return False where that is further.

    The checkpoint of what is read is locked, so that nothing is projected meanwhile. Without a
    candidate another process has switched already.
    """
    table = projection_checkpoint
    held = select(table.c.sequence).where(table.c.name == projection.name).with_for_update()
    read = connection.execute(held).scalar_one_or_none()
    reached = sequence_of(connection, projection)
    if reached is None:
        return True
    if (read or 0) > reached:
        return False
    _keep_names(connection)
    for live, made in zip(projection.tables, candidate_of(projection).tables, strict=True):
        _take_place(connection, live, made)
    connection.execute(delete(table).where(table.c.name == projection.name))
    connection.execute(
        update(table)
        .where(table.c.name == checkpoint_name(projection))
        .values(name=projection.name)
    )
    return True


def _take_place(connection: Connection, live: Table, made: Table) -> None:
    """Remove a table and give its name, and the names of its indexes, to another."""
    rights = _rights(connection, live)
    live.drop(connection)
    connection.exec_driver_sql(f"ALTER TABLE {made.name} RENAME TO {live.name}")
    if connection.dialect.name == "sqlite":  # which renames no index
        for index in made.indexes:
            connection.exec_driver_sql(f"DROP INDEX {index.name}")
        for index in live.indexes:
            index.create(connection)
        return
    for new, old in zip(_names(made), _names(live), strict=True):
        connection.exec_driver_sql(f"ALTER INDEX {new} RENAME TO {old}")
    for grantee, right in rights:
        quote = connection.dialect.identifier_preparer.quote
        quoted = "PUBLIC" if grantee is None else quote(grantee)
        connection.exec_driver_sql(f"GRANT {right} ON {live.name} TO {quoted}")


def _keep_names(connection: Connection) -> None:
    """Let views of the operator's go on naming what is read."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")


def _rights(connection: Connection, table: Table) -> list[tuple[str | None, str]]:
    """Return who but its owner may do what with a table of PostgreSQL; None: everybody."""
    if connection.dialect.name == "sqlite":
        return []
    rows = connection.exec_driver_sql(
        "SELECT CASE grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(grantee) END, privilege_type "
        "FROM pg_class, aclexplode(relacl) WHERE oid = %s::regclass AND grantee <> relowner",
        (table.name,),
    )
    return [(row[0], row[1]) for row in rows]


def _names(table: Table) -> list[str]:
    """Return the names of a table's indexes, that of its key first, in the order of its making."""
    key = table.primary_key.name or f"{table.name}_pkey"
    return [str(key), *sorted(str(index.name) for index in table.indexes)]


def _beside(table: Table, version: int) -> Table:
    """Return a table of the same columns whose names end with the version."""
    made = table.to_metadata(MetaData(), name=f"{table.name}_v{version}")
    if made.primary_key.name:
        made.primary_key.name = quoted_name(f"{made.primary_key.name}_v{version}", None)
    for index in made.indexes:
        index.name = quoted_name(f"{index.name}_v{version}", None)
    return made
