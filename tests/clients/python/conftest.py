from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import grpc
import grpc_testing
import pytest
from google.protobuf.message import Message

from quantumcore.client.client import Client
from quantumcore.client.retry import RetryPolicy
from quantumcore.v1 import (
    admin_service_pb2,
    event_store_service_pb2,
    instrument_service_pb2,
    market_data_service_pb2,
    matching_service_pb2,
    order_service_pb2,
    risk_service_pb2,
)

FILES = (
    order_service_pb2,
    matching_service_pb2,
    instrument_service_pb2,
    admin_service_pb2,
    risk_service_pb2,
    market_data_service_pb2,
    event_store_service_pb2,
)
ANSWER_TIMEOUT_S = 10


class FakeVenue:
    """The far end of a client on the fake channel: a test plays the venue."""

    def __init__(self) -> None:
        services = [
            service for file in FILES for service in file.DESCRIPTOR.services_by_name.values()
        ]
        self.methods = {method.name: method for service in services for method in service.methods}
        self.clock = grpc_testing.strict_fake_time(1_000)
        self.channel = grpc_testing.channel(services, self.clock)
        self.pool = ThreadPoolExecutor(max_workers=4)
        self.metadata: Any = ()

    def client(self, **options: Any) -> Client:
        options.setdefault("retry", RetryPolicy(attempts=3, jitter=0.0))
        return Client("venue:1", token="secret", channel=self.channel, clock=self.clock, **options)

    def run(self, function: Callable[..., Any], *args: Any, **named: Any) -> Future[Any]:
        return self.pool.submit(function, *args, **named)

    def answer(self, name: str, response: Message | None = None) -> Any:
        request, rpc = self.take(name)
        rpc.terminate(response, (), grpc.StatusCode.OK, "")
        return request

    def fail(
        self, name: str, code: grpc.StatusCode, text: str = "", trailing: tuple[Any, ...] = ()
    ) -> Any:
        request, rpc = self.take(name)
        rpc.terminate(None, trailing, code, text)
        return request

    def take(self, name: str) -> tuple[Any, Any]:
        self.metadata, request, rpc = self.channel.take_unary_unary(self.methods[name])
        rpc.send_initial_metadata(())
        return request, rpc

    def take_stream(self, name: str) -> tuple[Any, Any]:
        self.metadata, request, rpc = self.channel.take_unary_stream(self.methods[name])
        rpc.send_initial_metadata(())
        return request, rpc

    def take_incoming(self, name: str) -> Any:
        self.metadata, rpc = self.channel.take_stream_unary(self.methods[name])
        rpc.send_initial_metadata(())
        return rpc

    def take_both_ways(self, name: str) -> Any:
        self.metadata, rpc = self.channel.take_stream_stream(self.methods[name])
        rpc.send_initial_metadata(())
        return rpc


@pytest.fixture
def venue() -> Iterator[FakeVenue]:
    fake = FakeVenue()
    yield fake
    fake.pool.shutdown(wait=False, cancel_futures=True)
