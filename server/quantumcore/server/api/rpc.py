"""Turn service objects into gRPC handlers, from the contract's descriptors.

Every rpc of the contract is answered. A service object implements an rpc by a method with its
name in snake case; what no object implements answers UNIMPLEMENTED. All rpcs pass the same door:
the caller is authenticated, bytes that are no message of the type end in INVALID_ARGUMENT, and
failures become a status with details. A method marked `@raw` takes and returns bytes.
"""

import importlib
import pkgutil
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias, TypeVar
from uuid import uuid4

import grpc
import structlog
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

import quantumcore.v1 as contract
from quantumcore.server.api.auth import Identities, Identity
from quantumcore.server.api.errors import Malformed, NotSupported, RpcFailure

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Method: TypeAlias = Callable[..., Awaitable[Any]]
UnaryHandler: TypeAlias = Callable[[bytes, Context], Awaitable[bytes]]
StreamHandler: TypeAlias = Callable[[Any, Context], Awaitable[Any]]
F = TypeVar("F", bound=Method)

END_OF_MESSAGES: object = vars(grpc.aio)["EOF"]

log = structlog.get_logger("quantumcore.api")


class Rpc(NamedTuple):
    """One rpc of the contract."""

    service: ServiceDescriptor
    descriptor: MethodDescriptor
    request_type: type[Message]
    response_type: type[Message]

    @property
    def path(self) -> str:
        """Return the path that clients call."""
        return f"/{self.service.full_name}/{self.descriptor.name}"

    @property
    def method_name(self) -> str:
        """Return the name of the Python method that implements it."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.descriptor.name).lower()


class Call:
    """One rpc under way: who calls, and what is sent and received on its streams."""

    __slots__ = ("_begun", "context", "identity")

    def __init__(self, context: Context, identity: Identity) -> None:
        self.context = context
        self.identity = identity
        self._begun = False

    async def begin(self) -> None:
        """Tell the client that its stream is accepted, before there is anything to send."""
        if not self._begun:
            self._begun = True
            await self.context.send_initial_metadata(())

    async def write(self, data: bytes) -> None:
        """Send one encoded response message; wait until gRPC takes more."""
        self._begun = True
        await self.context.write(data)

    async def messages(self) -> AsyncIterator[bytes]:
        """Yield the encoded request messages until the client has sent all."""
        while (data := await self.context.read()) is not END_OF_MESSAGES:
            yield data

    def seconds_left(self, at_most_s: float) -> float:
        """Return how long the caller will wait, bounded."""
        left: float | None = self.context.time_remaining()
        return at_most_s if left is None else max(0.0, min(left, at_most_s))


def raw(method: F) -> F:
    """Mark a method that takes the encoded request and returns the encoded response."""
    method.takes_raw_bytes = True  # type: ignore[attr-defined]
    return method


def contract_rpcs() -> Iterator[Rpc]:
    """Yield every rpc of the contract, in order of file and definition."""
    for module in pkgutil.iter_modules(contract.__path__, f"{contract.__name__}."):
        if module.name.endswith("_service_pb2"):
            file = importlib.import_module(module.name).DESCRIPTOR
            for service in file.services_by_name.values():
                for method in service.methods:
                    request = GetMessageClass(method.input_type)
                    yield Rpc(service, method, request, GetMessageClass(method.output_type))


def parse(request_type: type[Message], data: bytes) -> Any:
    """Decode a message; raise Malformed."""
    try:
        return request_type.FromString(data)
    except DecodeError as error:
        raise Malformed(request_type.DESCRIPTOR.full_name, str(error)) from None


class Door:
    """What every rpc passes: authentication, decoding, and the mapping of failures."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    def handlers(self, services: Mapping[str, object]) -> "list[grpc.GenericRpcHandler[Any, Any]]":
        """Return the handlers of all rpcs; `services` are found by the service's short name.

        A tuple of objects implements a service together; the first that has an rpc answers it.
        """
        methods: dict[str, dict[str, grpc.RpcMethodHandler[Any, Any]]] = {}
        for rpc in contract_rpcs():
            found = services.get(rpc.service.name)
            parts = found if isinstance(found, tuple) else (found,)
            methods_found = (getattr(part, rpc.method_name, None) for part in parts)
            method: Method | None = next(filter(None, methods_found), None)
            of_service = methods.setdefault(rpc.service.full_name, {})
            of_service[rpc.descriptor.name] = self._handler(rpc, method)
        return [
            grpc.method_handlers_generic_handler(name, handlers)
            for name, handlers in methods.items()
        ]

    def _handler(self, rpc: Rpc, method: Method | None) -> "grpc.RpcMethodHandler[Any, Any]":
        streams_in = rpc.descriptor.client_streaming
        streams_out = rpc.descriptor.server_streaming
        if method is None:
            method = _unimplemented_stream(rpc) if streams_in else _unimplemented(rpc)
        if streams_in and streams_out:
            return grpc.stream_stream_rpc_method_handler(self._stream_in(method))
        if streams_in:
            return grpc.stream_unary_rpc_method_handler(self._gathered(method))
        if streams_out:
            return grpc.unary_stream_rpc_method_handler(self._stream_out(rpc, method))
        if getattr(method, "takes_raw_bytes", False):
            return grpc.unary_unary_rpc_method_handler(self._raw_unary(method))
        return grpc.unary_unary_rpc_method_handler(self._unary(rpc, method))

    def _raw_unary(self, method: Method) -> UnaryHandler:
        async def answer(data: bytes, context: Context) -> bytes:
            try:
                response: bytes = await method(data, Call(context, self._caller(context)))
            except Exception as error:  # noqa: BLE001 - every failure becomes a status
                _report(error, context)
                return b""
            return response

        return answer

    def _unary(self, rpc: Rpc, method: Method) -> UnaryHandler:
        async def answer(data: bytes, context: Context) -> bytes:
            try:
                call = Call(context, self._caller(context))
                response: Message = await method(parse(rpc.request_type, data), call)
                return response.SerializeToString()
            except Exception as error:  # noqa: BLE001 - every failure becomes a status
                _report(error, context)
                return b""

        return answer

    def _stream_out(self, rpc: Rpc, method: Method) -> StreamHandler:
        async def serve(data: bytes, context: Context) -> None:
            try:
                call = Call(context, self._caller(context))
                await method(parse(rpc.request_type, data), call)
            except Exception as error:  # noqa: BLE001 - every failure becomes a status
                _report(error, context)

        return serve

    def _stream_in(self, method: Method) -> StreamHandler:
        async def serve(_messages: object, context: Context) -> None:
            try:
                await method(Call(context, self._caller(context)))
            except Exception as error:  # noqa: BLE001 - every failure becomes a status
                _report(error, context)

        return serve

    def _gathered(self, method: Method) -> StreamHandler:
        async def serve(_messages: object, context: Context) -> bytes:
            try:
                response: Message = await method(Call(context, self._caller(context)))
                return response.SerializeToString()
            except Exception as error:  # noqa: BLE001 - every failure becomes a status
                _report(error, context)
                return b""

        return serve

    def _caller(self, context: Context) -> Identity:
        return self._identities.of_call(context)


def _report(error: Exception, context: Context) -> None:
    """End the rpc with the failure's status; a defect is logged under a number."""
    if not isinstance(error, RpcFailure):
        number = uuid4().hex[:12]
        log.error("defect", incident=number, exc_info=error)
        error = RpcFailure(f"a defect of the server, reported as {number}")
    error.report(context)


def _unimplemented(rpc: Rpc) -> Method:
    async def refuse(_request: Message, _call: Call) -> None:
        raise NotSupported(f"{rpc.descriptor.full_name} is in the contract, not in this release")

    return refuse


def _unimplemented_stream(rpc: Rpc) -> Method:
    async def refuse(call: Call) -> None:
        async for data in call.messages():
            parse(rpc.request_type, data)
            break
        raise NotSupported(f"{rpc.descriptor.full_name} is in the contract, not in this release")

    return refuse
