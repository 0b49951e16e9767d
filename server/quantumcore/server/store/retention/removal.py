"""Remove events from a store: the one way that its triggers let pass."""

from sqlalchemy import Engine, delete, insert
from sqlalchemy.exc import DBAPIError

from quantumcore.server.store.errors import RemovalRefused
from quantumcore.server.store.retention.classes import removable_types
from quantumcore.server.store.retention.plan import Stretch
from quantumcore.server.store.sql.engine import WRITES
from quantumcore.server.store.sql.store import translated
from quantumcore.server.store.sql.tables import EVENT_TABLES, event_tombstones, retention_grant

NO_RIGHT = "42501"  # insufficient_privilege


def remove(
    engine: Engine, stretch: Stretch, *, time_ns: int, principal_id: int, archive: str = ""
) -> None:
    """Remove one stretch and leave its tombstone, in one transaction: all of it or nothing.

    Raise RemovalRefused where the store has other events there than the stretch says, or where
    this role of the database may not remove.
    """
    with translated(), engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        try:
            with connection.begin():
                until = stretch.until_sequence
                connection.execute(insert(retention_grant).values(id=1, until_sequence=until))
                removed = sum(
                    connection.execute(
                        delete(table).where(
                            table.c.sequence.between(stretch.first_sequence, until),
                            table.c.event_type.in_(removable_types(stretch.event_class)),
                        )
                    ).rowcount
                    for table in EVENT_TABLES.values()
                )
                if removed != stretch.event_count:
                    raise RemovalRefused(
                        f"the store has {removed} events to remove from sequence "
                        f"{stretch.first_sequence} to {until}, {stretch.event_count} were archived"
                    )
                connection.execute(
                    insert(event_tombstones).values(
                        **stretch._asdict(),
                        time_ns=time_ns,
                        principal_id=principal_id,
                        archive=archive,
                    )
                )
                connection.execute(delete(retention_grant))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == NO_RIGHT:
                raise RemovalRefused(
                    "the venue's role of the database may not remove events: name a role that "
                    "may in retention.store"
                ) from error
            raise
