"""Uploads with lost connections, races, kills and full disks lose no received byte and keep no wrong one."""

from __future__ import annotations

import itertools
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import pytest
from server_kit import Server, refusal, serving, until
from uploading import begin, chunk, delete, get, header, messages, send, upload

from lghrec.v1 import dataset_pb2_grpc
from lghrec_compute.artifacts import ArtifactStore


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("faults")) as server:
        yield server


@contextmanager
def cut_after(server: Server, num_bytes: int) -> Iterator[Any]:
    """Yield a stub whose connection is cut after this number of bytes to the server."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = int(server.endpoint.rpartition(":")[2])

    def forward(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as upstream:
            back = threading.Thread(target=pump, args=(upstream, client, None), daemon=True)
            back.start()
            pump(client, upstream, num_bytes)
            for end in (client, upstream):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join(5)

    def serve() -> None:
        with suppress(OSError):
            while True:
                forward(listener.accept()[0])

    threading.Thread(target=serve, daemon=True).start()
    with grpc.insecure_channel(f"127.0.0.1:{listener.getsockname()[1]}") as channel:
        yield dataset_pb2_grpc.DatasetServiceStub(channel)
    listener.close()


def pump(source: socket.socket, target: socket.socket, limit: int | None) -> None:
    with suppress(OSError):
        while limit is None or limit > 0:
            data = source.recv(min(65_536, limit or 65_536))
            if not data:
                return
            target.sendall(data)
            limit = None if limit is None else limit - len(data)


def endless() -> Iterator[Any]:
    """Yield nothing more and do not end."""
    threading.Event().wait(60)
    yield from ()


def test_lost_connections_lose_only_bytes_that_were_not_received(server: Server):
    rng, content = random.Random(4), os.urandom(3_000_000)
    files = {"data": content}
    begun, places = begin(server, files), [0]
    for _ in range(20):
        offset = places[-1]
        with cut_after(server, rng.randrange(1_000, 400_000)) as stub, pytest.raises(grpc.RpcError):
            stub.UploadFile(
                messages(begun.dataset_id, "data", content, offset=offset, size=50_000), timeout=20
            )
        places.append(begin(server, files).pending[0].received_bytes)
        if places[-1] > 2_500_000:
            break
    assert places == sorted(places)
    assert places[-1] > 0
    assert upload(server, files) == begun.dataset_id
    ArtifactStore(server.data_dir / "artifacts").verified(begun.dataset_id)


def test_ten_clients_with_one_data_set_store_one_artifact(server: Server):
    rng = random.Random(5)
    files = {f"part-{i}": rng.randbytes(rng.randrange(1, 600_000)) for i in range(6)}
    sizes = [rng.randrange(1_000, 200_000) for _ in range(10)]

    def client(i: int) -> str:
        dataset_id = begin(server, files).dataset_id
        order = random.Random(i).sample(sorted(files), len(files))
        for path in order:
            send(server, dataset_id, path, files[path], size=sizes[i])
        assert begin(server, files).complete
        return dataset_id

    with ThreadPoolExecutor(10) as pool:
        (dataset_id,) = set(pool.map(client, range(10)))
    store = ArtifactStore(server.data_dir / "artifacts")
    assert store.verified(dataset_id, "source").size_bytes == sum(map(len, files.values()))
    assert list((server.data_dir / "uploads").iterdir()) == []
    assert list((server.data_dir / "artifacts" / "drafts").iterdir()) == []


def test_racing_uploads_and_deletions_end_in_one_complete_data_set_or_none(server: Server):
    files = {"a": os.urandom(400_000), "b": b"b"}

    def sender(_: int) -> None:
        with suppress(AssertionError):  # deleted between the last byte and the check
            upload(server, files)

    def deleter(i: int) -> None:
        time.sleep(0.02 * i)
        delete(server, begin(server, files).dataset_id)

    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(work, i) for i in range(10) for work in (sender, deleter)]
        errors = [each.exception() for each in done]
    # a client whose upload was deleted gets an error: the upload is unknown, or its bytes leave a gap
    codes = {error.code() for error in errors if isinstance(error, grpc.Call)}
    assert codes <= {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT}
    assert len([error for error in errors if error is None]) >= 10  # deletions always succeed
    dataset_id = upload(server, files)
    ArtifactStore(server.data_dir / "artifacts").verified(dataset_id, "source")


def test_a_client_with_wrong_bytes_harms_only_itself(server: Server):
    content = os.urandom(500_000)
    dataset_id = begin(server, {"a": content}).dataset_id
    send(server, dataset_id, "a", b"lies" * 10_000)  # a client with other bytes for these hashes
    answer = refusal(lambda: send(server, dataset_id, "a", content))
    assert answer.detail.reason == "HASH_MISMATCH"
    assert send(server, dataset_id, "a", content).complete


def test_an_upload_survives_a_kill_and_a_stop_of_the_server(tmp_path: Path):
    files = {"a": os.urandom(2_000_000), "b": os.urandom(1_000), "c": b""}
    for how, sent in ((signal.SIGKILL, 700_000), (signal.SIGTERM, 1_400_000)):
        with serving(tmp_path, LGHREC_DRAIN_S="0.2") as server:
            begun = begin(server, files, "kept")
            pending = {p.path: p.received_bytes for p in begun.pending}
            stuck = itertools.chain(
                messages(begun.dataset_id, "a", files["a"][:sent], offset=pending["a"]), endless()
            )
            call = server.datasets.UploadFile.future(stuck)
            until(lambda s=sent: begin(server, files).pending[0].received_bytes == s)
            send(server, begun.dataset_id, "b", files["b"])
            before = time.monotonic()
            server.process.send_signal(how)
            server.process.wait(20)
            assert time.monotonic() - before < 10
            assert call.code() is not grpc.StatusCode.OK
            server.channel.close()
    with serving(tmp_path) as server:
        (pending,) = begin(server, files).pending
        assert (pending.path, pending.received_bytes) == ("a", 1_400_000)
        assert get(server, upload(server, files, "late")).name == "kept"


def test_a_full_disk_is_reported_and_the_upload_resumes_when_space_is_free(tmp_path: Path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        return  # only the superuser can mount
    try:
        with serving(disk) as server:
            refused = refusal(lambda: begin(server, {"too-much": bytes(20_000_000)}))
            assert (refused.code, refused.detail.reason) == (
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                "DISK_FULL",
            )
            content = os.urandom(5_000_000)
            dataset_id = begin(server, {"a": content}).dataset_id
            filler = disk / "filler"
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
                file.write(bytes(free - 2_000_000))
            refused = refusal(lambda: send(server, dataset_id, "a", content))
            assert refused.detail.reason == "DISK_FULL"
            assert "free space" in refused.detail.metadata["hint"]
            assert refusal(lambda: get(server, dataset_id)).detail.reason == "DATASET_UNKNOWN"
            filler.unlink()
            (pending,) = begin(server, {"a": content}).pending
            assert 1_000_000 < pending.received_bytes < 2_100_000
            assert upload(server, {"a": content}) == dataset_id
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_a_stream_without_a_token_is_rejected(tmp_path: Path):
    with serving(tmp_path, LGHREC_TOKEN="s3cret") as server:
        requests = iter([header("0" * 64, "a"), chunk(0, b"x")])
        answer = refusal(lambda: server.datasets.UploadFile(requests, timeout=20))
        assert answer.code is grpc.StatusCode.UNAUTHENTICATED
