"""Capabilities of this server, from the same tables that specs are checked against."""

from __future__ import annotations

from pathlib import Path

from lghrec.v1 import system_pb2
from lghrec_compute import API_REVISION, __version__
from lghrec_compute.server.clock import new_id
from lghrec_compute.spec import backbone, export, policy, semantic, source

_NVIDIA = Path("/proc/driver/nvidia/gpus")


def server_info(max_concurrent_runs: int) -> system_pb2.ServerInfo:
    """Return the server's description. `instance_id` is new on each call: call it once, at the start."""
    return system_pb2.ServerInfo(
        version=__version__,
        api_revision=API_REVISION,
        instance_id=new_id(),
        max_concurrent_runs=max_concurrent_runs,
        devices=["cpu", *cuda_devices(_NVIDIA)],
        capabilities=system_pb2.Capabilities(
            builtin_datasets=sorted(source.BUILTIN_DATASETS),
            formats=sorted(source.FORMATS),
            text_sources=sorted(semantic.TEXT_SOURCES),
            encoders=sorted(semantic.ENCODERS),
            backbones=sorted(backbone.BACKBONES),
            policies=sorted(policy.POLICIES),
            export_formats=sorted(export.EXPORT_FORMATS),
        ),
    )


def cuda_devices(folder: Path) -> list[str]:
    """Return the names of the GPUs that the NVIDIA driver lists. The server does not load torch."""
    names: list[str] = []
    for information in sorted(folder.glob("*/information")):
        lines = information.read_text(errors="replace").splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]
        names += models[:1]
    return names
