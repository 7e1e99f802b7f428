"""Pages of artifacts. Each page lists the folder again; the description of an artifact is read once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from lghrec.v1 import artifact_pb2, dataset_pb2
from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.errors import ConfigError, NotFoundError
from lghrec_compute.server.wire.convert import enum_name
from lghrec_compute.server.wire.messages import artifact_message
from lghrec_compute.server.wire.paging import MAX_PAGE_BYTES, decode_token, encode_token, page_size

R = TypeVar("R", artifact_pb2.ListArtifactsResponse, dataset_pb2.ListDatasetsResponse)


class ArtifactListing:
    """Lists all artifacts of a store, newest first. It reads files: call it off the event loop."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._known: dict[str, Artifact] = {}

    def page(self, request: artifact_pb2.ListArtifactsRequest) -> artifact_pb2.ListArtifactsResponse:
        """Return one page. Raises `ConfigError` for an invalid kind or token."""
        response = artifact_pb2.ListArtifactsResponse()
        add = lambda artifact: response.artifacts.append(artifact_message(artifact))  # noqa: E731
        return self.fill(response, request, _kind(request.kind), add)

    def fill(self, response: R, request: Any, kind: str | None, add: Callable[[Artifact], None]) -> R:
        """Add the artifacts of one page to a response of any type that has `next_page_token`.

        `add` appends one artifact to the response. Raises `ConfigError` for an invalid token.
        """
        after = decode_token(request.page_token, kind, (float, str))
        wanted = [
            a for a in self._all() if kind in (None, a.kind) and (after is None or _key(a) < tuple(after))
        ]
        wanted.sort(key=_key, reverse=True)
        size = page_size(request.page_size)
        for i, artifact in enumerate(wanted[:size]):
            add(artifact)
            full = i + 1 == size or response.ByteSize() > MAX_PAGE_BYTES
            if full and i + 1 < len(wanted):
                response.next_page_token = encode_token(list(_key(artifact)), kind)
                break
        return response

    def _all(self) -> list[Artifact]:
        found: dict[str, Artifact] = {}
        for artifact_id in self._store.ids():
            try:
                found[artifact_id] = self._known.get(artifact_id) or self._store.get(artifact_id)
            except NotFoundError:
                continue  # deleted by hand after the folder was listed
        self._known = found
        return list(found.values())


def _key(artifact: Artifact) -> tuple[float, str]:
    return float(artifact.create_time), artifact.id


def _kind(number: artifact_pb2.ArtifactKind) -> str | None:
    if number == artifact_pb2.ARTIFACT_KIND_UNSPECIFIED:
        return None
    name = enum_name(artifact_pb2.ArtifactKind.DESCRIPTOR, number)
    if name is None:
        text = f"unknown value, got number {number}"
        raise ConfigError.at("kind", text)
    return name
