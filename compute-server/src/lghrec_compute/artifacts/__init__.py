"""Immutable results, addressed by content. Server, worker and pipelines share this package; no torch, no
grpc."""

from lghrec_compute.artifacts.disk import disk_errors, write_atomic
from lghrec_compute.artifacts.store import KINDS, Artifact, ArtifactFile, ArtifactStore, Draft

__all__ = ["KINDS", "Artifact", "ArtifactFile", "ArtifactStore", "Draft", "disk_errors", "write_atomic"]
