"""The gRPC server around the services: options, credentials, development services."""

from pathlib import Path
from typing import cast

import grpc
from grpc_channelz.v1 import channelz, channelz_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection

from quantumcore.server.api.rpc import contract_rpcs
from quantumcore.server.settings import MAX_BATCH_BYTES, TlsSettings

MAX_SEND_BYTES = 64 * 1024 * 1024


def options() -> list[tuple[str, int]]:
    """Return the channel arguments of the server.

    Window probing is off: with it a client that does not read is sent megabytes before writing
    blocks. A second server on the same port is refused instead of sharing it.
    """
    return [
        ("grpc.http2.bdp_probe", 0),
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", MAX_BATCH_BYTES),
        ("grpc.max_send_message_length", MAX_SEND_BYTES),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.keepalive_permit_without_calls", 1),
    ]


def server_credentials(tls: TlsSettings) -> grpc.ServerCredentials:
    """Read the certificate, its key, and the authorities of clients."""
    pair = (tls.private_key.read_bytes(), tls.certificate.read_bytes())
    authorities = _read(tls.client_authorities)
    return grpc.ssl_server_credentials(
        [pair], root_certificates=authorities, require_client_auth=authorities is not None
    )


def add_development_services(server: grpc.aio.Server) -> None:
    """Add reflection and channelz; only where the server listens on loopback."""
    names = {rpc.service.full_name for rpc in contract_rpcs()}
    names.add(health_pb2.DESCRIPTOR.services_by_name["Health"].full_name)
    names.add(channelz_pb2.DESCRIPTOR.services_by_name["Channelz"].full_name)
    reflection.enable_server_reflection((*sorted(names), reflection.SERVICE_NAME), server)
    channelz.add_channelz_servicer(cast("grpc.Server", server))


def _read(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()
