"""The tasks of an audit process that keep events and let them go."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from quantumcore.server.store.retention.apply import Application, outcome
from quantumcore.server.store.retention.holds import active_holds
from quantumcore.server.store.retention.plan import planned
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.v1.event_store_service_pb2 import ApplyRetentionResponse, GetRetentionResponse


def plan(task: dict[str, Any]) -> Iterator[Message]:
    """Work out what retention would remove of each class; nothing is changed."""
    with closing(SqlEventStore(open_engine(task["store"]))) as store:
        holds = active_holds(store)
        plans = planned(store, _keep_days(task), now_ns=task["now_ns"], holds=holds)
        yield GetRetentionResponse(outcomes=map(outcome, plans))


def apply(task: dict[str, Any]) -> Iterator[Message]:
    """Apply retention to each class asked for."""
    engine = open_engine(task["store"])
    with closing(SqlEventStore(engine)) as store:
        application = Application(
            engine,
            store,
            Path(task["archive"]),
            now_ns=task["now_ns"],
            principal_id=task["principal_id"],
            holds=active_holds(store),
        )
        outcomes = [application.apply(*policy) for policy in _keep_days(task).items()]
        yield ApplyRetentionResponse(outcomes=outcomes)


def _keep_days(task: dict[str, Any]) -> dict[int, int]:
    return {int(event_class): days for event_class, days in task["keep_days"].items()}
