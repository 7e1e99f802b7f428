"""Build the server from its parts, run it and stop it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import grpc

from lghrec.v1 import (
    artifact_pb2_grpc,
    dataset_pb2_grpc,
    evaluate_pb2_grpc,
    export_pb2_grpc,
    preprocess_pb2_grpc,
    recommend_pb2_grpc,
    run_pb2_grpc,
    semantic_pb2_grpc,
    system_pb2_grpc,
    train_pb2_grpc,
)
from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.layout import DataDir
from lghrec_compute.server.capabilities import server_info
from lghrec_compute.server.endpoints import Endpoints
from lghrec_compute.server.listen import Address, PortInUseError
from lghrec_compute.server.runs.admission import Admission
from lghrec_compute.server.runs.launcher import Launcher
from lghrec_compute.server.runs.notifier import Notifier
from lghrec_compute.server.runs.scheduler import Scheduler
from lghrec_compute.server.runs.submitter import Submitter
from lghrec_compute.server.runs.supervisor import Runtime
from lghrec_compute.server.services.artifacts import ArtifactService
from lghrec_compute.server.services.datasets import DatasetService
from lghrec_compute.server.services.recommend import RecommendService
from lghrec_compute.server.services.runs import RunService
from lghrec_compute.server.services.semantic import SemanticService
from lghrec_compute.server.services.start import StartServices
from lghrec_compute.server.services.system import SystemService
from lghrec_compute.server.settings import Settings
from lghrec_compute.server.store import Database
from lghrec_compute.server.uploads import Uploads
from lghrec_compute.server.uploads.datasets import Datasets
from lghrec_compute.server.wire.health import Health, add_reflection
from lghrec_compute.server.wire.interceptors import ErrorInterceptor, TokenInterceptor

_MAX_MESSAGE = 4 * 1024 * 1024
_OPTIONS = (
    ("grpc.max_receive_message_length", _MAX_MESSAGE),
    ("grpc.max_send_message_length", _MAX_MESSAGE),
    # With port reuse, two servers on one port would share its calls, and the second one would seem to start.
    ("grpc.so_reuseport", 0),
    # The default disconnects clients that send pings more often than every 5 minutes.
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
)


async def run_server(
    settings: Settings,
    data_dir: DataDir,
    address: Address,
    *,
    ready: Callable[[str], None],
    stop: asyncio.Event,
) -> None:
    """Serve until `stop` is set. Calls `ready` with the endpoint as soon as the server accepts calls.

    Workers continue when the server stops. Raises `PortInUseError`, and `DiskError` or `ConfigError` for a
    database that cannot be used.
    """
    database = await asyncio.to_thread(Database, data_dir.database)
    try:
        await _serve(settings, data_dir, address, database=database, ready=ready, stop=stop)
    finally:
        await asyncio.to_thread(database.close)


async def _serve(
    settings: Settings,
    data_dir: DataDir,
    address: Address,
    *,
    database: Database,
    ready: Callable[[str], None],
    stop: asyncio.Event,
) -> None:
    roots = settings.import_roots or (data_dir.imports,)
    endpoints = Endpoints(settings.endpoints_path)
    launcher = Launcher(data_dir, roots, settings.worker_module, endpoints=endpoints)
    notifier = Notifier()
    runtime = Runtime(database, notifier, launcher, data_dir, settings.grace_s, settings.poll_s)
    scheduler = Scheduler(runtime, settings.max_concurrent_runs)
    artifacts = ArtifactStore(data_dir.artifacts)
    uploads = Uploads(data_dir.uploads, artifacts)
    submitter = Submitter(database, notifier, scheduler, Admission(artifacts, roots, endpoints))
    token = settings.read_token()
    interceptors = [*([TokenInterceptor(token)] if token else []), ErrorInterceptor()]
    server = grpc.aio.server(interceptors=interceptors, options=_OPTIONS)
    _add_runs(server, submitter, RunService(runtime, scheduler, settings.heartbeat_s))
    datasets = Datasets(database, artifacts, uploads, max_bytes=settings.max_upload_bytes)
    _add_data(server, artifacts, datasets=DatasetService(datasets, uploads, notifier), notifier=notifier)
    _add_system(server, settings, SemanticService(artifacts, endpoints))
    health = Health(server)
    port = _bind(server, address)
    await scheduler.start()
    cleaning = asyncio.create_task(uploads.keep_clean())
    try:
        await health.serving()
        await server.start()
        ready(address.endpoint(port))
        await stop.wait()
        notifier.drain()
        await health.not_serving()
        await server.stop(settings.drain_s)
    finally:
        cleaning.cancel()
        await scheduler.stop()
        await uploads.close()


def _add_runs(server: grpc.aio.Server, submitter: Submitter, runs: RunService) -> None:
    start = StartServices(submitter)
    preprocess_pb2_grpc.add_PreprocessServiceServicer_to_server(start, server)
    train_pb2_grpc.add_TrainServiceServicer_to_server(start, server)
    evaluate_pb2_grpc.add_EvaluateServiceServicer_to_server(start, server)
    export_pb2_grpc.add_ExportServiceServicer_to_server(start, server)
    run_pb2_grpc.add_RunServiceServicer_to_server(runs, server)


def _add_data(
    server: grpc.aio.Server, store: ArtifactStore, *, datasets: DatasetService, notifier: Notifier
) -> None:
    artifact_pb2_grpc.add_ArtifactServiceServicer_to_server(ArtifactService(store, notifier), server)
    dataset_pb2_grpc.add_DatasetServiceServicer_to_server(datasets, server)
    recommend_pb2_grpc.add_RecommendServiceServicer_to_server(RecommendService(store), server)


def _add_system(server: grpc.aio.Server, settings: Settings, semantic: SemanticService) -> None:
    semantic_pb2_grpc.add_SemanticServiceServicer_to_server(semantic, server)
    info = server_info(settings.max_concurrent_runs)
    system_pb2_grpc.add_SystemServiceServicer_to_server(SystemService(info), server)
    add_reflection(server)


def _bind(server: grpc.aio.Server, address: Address) -> int:
    umask = os.umask(0o077)  # only this user may connect to a socket file
    try:
        return server.add_insecure_port(address.target)
    except RuntimeError:
        raise PortInUseError(f"{address.host} port {address.port} is in use by another program") from None
    finally:
        os.umask(umask)
