"""Statements by which the database itself refuses to change or remove what is stored.

An event can be deleted only up to the sequence of a row in `retention_grant`, which exists within
the transaction of a removal. The feed's position never goes back and never goes away.
"""

from collections.abc import Iterable, Iterator

REFUSAL = "events are append-only"
POSITION_REFUSAL = "the position of the feed only goes on"
REMOVALS = "event_removals"
GRANTED = "SELECT 1 FROM retention_grant WHERE old.sequence <= until_sequence"


def statements(dialect: str, event_tables: Iterable[str]) -> Iterator[str]:
    """Yield the statements that protect freshly made tables, by the name of the dialect."""
    tables = list(event_tables)
    yield from _sqlite(tables) if dialect == "sqlite" else _postgresql(tables)


def append_only(dialect: str, table: str) -> Iterator[str]:
    """Yield the statements by which nobody changes or removes a row of a table."""
    if dialect == "sqlite":
        for name, when in (("never_change", "UPDATE"), ("never_go", "DELETE")):
            yield (
                f"CREATE TRIGGER {table}_{name} BEFORE {when} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    yield _trigger(table, "never_change", "UPDATE OR DELETE", "events_never_change")
    yield _trigger(table, "never_empty", "TRUNCATE", "events_never_change", "STATEMENT")


def _sqlite(event_tables: list[str]) -> Iterator[str]:
    for table in (*event_tables, REMOVALS):
        yield (
            f"CREATE TRIGGER {table}_never_change BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
    for table in event_tables:
        yield (
            f"CREATE TRIGGER {table}_never_go BEFORE DELETE ON {table} "
            f"WHEN NOT EXISTS ({GRANTED}) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
    yield (
        f"CREATE TRIGGER {REMOVALS}_never_go BEFORE DELETE ON {REMOVALS} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
    yield (
        "CREATE TRIGGER feed_position_goes_on BEFORE UPDATE ON feed_position "
        "WHEN new.sequence < old.sequence OR new.block_number <= old.block_number "
        f"BEGIN SELECT RAISE(ABORT, '{POSITION_REFUSAL}'); END"
    )
    yield (
        "CREATE TRIGGER feed_position_never_goes BEFORE DELETE ON feed_position "
        f"BEGIN SELECT RAISE(ABORT, '{POSITION_REFUSAL}'); END"
    )


def _postgresql(event_tables: list[str]) -> Iterator[str]:
    yield _function("events_never_change", f"RAISE EXCEPTION '{REFUSAL}';")
    yield _function(
        "events_go_by_grant_only",
        f"IF EXISTS ({GRANTED}) THEN RETURN old; END IF; RAISE EXCEPTION '{REFUSAL}';",
    )
    yield _function(
        "feed_position_goes_on",
        "IF TG_OP = 'UPDATE' AND new.sequence >= old.sequence "
        "AND new.block_number > old.block_number THEN RETURN new; END IF; "
        f"RAISE EXCEPTION '{POSITION_REFUSAL}';",
    )
    for table in (*event_tables, REMOVALS):
        yield _trigger(table, "never_change", "UPDATE", "events_never_change")
        yield _trigger(table, "never_empty", "TRUNCATE", "events_never_change", "STATEMENT")
    for table in event_tables:
        yield _trigger(table, "never_go", "DELETE", "events_go_by_grant_only")
    yield _trigger(REMOVALS, "never_go", "DELETE", "events_never_change")
    yield _trigger("feed_position", "goes_on", "UPDATE OR DELETE", "feed_position_goes_on")
    yield _trigger("feed_position", "never_empty", "TRUNCATE", "events_never_change", "STATEMENT")


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _trigger(table: str, name: str, when: str, function: str, each: str = "ROW") -> str:
    return (
        f"CREATE TRIGGER {table}_{name} BEFORE {when} ON {table} "
        f"FOR EACH {each} EXECUTE FUNCTION {function}()"
    )
