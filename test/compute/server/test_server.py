"""The server process: start, health, reflection, tokens, exit codes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import grpc
import psutil
import pytest
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from server_kit import SUCCEEDED, Server, alive, refusal, script, serving, spawn, start_request

from lghrec.v1 import artifact_pb2, preprocess_spec_pb2, system_pb2
from lghrec_compute.layout import RunDir
from lghrec_compute.server.runs.launcher import worker_environment
from lghrec_compute.server.wire.health import SERVICES


def exit_of(data_dir: Path, *args: str, **env: str) -> tuple[int, list[str], str]:
    """Return the exit code, the lines on stderr and the stdout of a server that must not start."""
    process = spawn(data_dir, *args, **env)
    out, err = process.communicate(timeout=20)
    return process.returncode, err.splitlines(), out


def check(server: Server, service: str = "") -> int:
    stub = health_pb2_grpc.HealthStub(server.channel)
    return stub.Check(health_pb2.HealthCheckRequest(service=service)).status


def cpu_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def cpu_seconds_of(program: str) -> float:
    """Return the CPU seconds of a Python process that runs a program."""
    report = f"{program}; import os; print(sum(os.times()[:2]))"
    return float(subprocess.check_output([sys.executable, "-c", report], text=True))


def test_the_server_is_ready_soon_and_prints_one_line(tmp_path: Path):
    libraries = "import grpc.aio, grpc_health.v1.health, grpc_reflection.v1alpha.reflection"
    libraries += ", alembic.command, pydantic_settings, sqlalchemy, structlog"
    with serving(tmp_path) as server:
        # The limit is relative to the imports that the server needs, measured on the same machine.
        assert cpu_seconds(server.process.pid) < 3 * cpu_seconds_of(libraries)
        assert server.endpoint.startswith("http://127.0.0.1:")
        assert server.stop() == 0
        assert server.process.stdout is not None
        assert server.process.stderr is not None
        assert server.process.stdout.read() == ""
        assert all(json.loads(line)["level"] for line in server.process.stderr)


def test_the_server_loads_neither_torch_nor_numpy(shared: Server):
    shared.finish(shared.start("light").id)
    loaded = Path(f"/proc/{shared.process.pid}/maps").read_text()
    assert "torch" not in loaded
    assert "numpy" not in loaded


@pytest.mark.parametrize("gone", [False, True])
def test_a_log_without_a_reader_blocks_nothing(tmp_path: Path, gone: bool):
    with serving(tmp_path) as server:
        assert server.process.stderr is not None
        if gone:
            server.process.stderr.close()
        folder = tmp_path / "artifacts" / "00" / ("0" * 64)
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{")
        request = artifact_pb2.GetArtifactRequest(artifact_id="0" * 64)
        for _ in range(100):  # each call logs a traceback of some kilobytes; a pipe holds 64 KiB
            assert refusal(lambda: server.artifacts.GetArtifact(request)).code is grpc.StatusCode.INTERNAL
        assert server.finish(server.start("k").id).state == SUCCEEDED
        assert server.stop() == 0


def test_health_and_server_info(shared: Server):
    assert {check(shared, name) for name in ("", *SERVICES)} == {health_pb2.HealthCheckResponse.SERVING}
    info = shared.system.GetServerInfo(system_pb2.GetServerInfoRequest()).info
    assert (info.version, info.max_concurrent_runs, info.devices[0]) == ("0.1.0", 4, "cpu")
    capabilities = info.capabilities
    assert len(capabilities.backbones) == 11
    assert {"mf", "lightccf", "autograph"} < set(capabilities.backbones)
    assert list(capabilities.text_sources) == ["extractive", "llamacpp", "openai", "raw_text"]
    assert list(capabilities.encoders) == ["local", "minilm"]
    assert {"recbole", "delimited", "json_maps"} <= set(capabilities.formats)


def test_reflection_lists_every_service_and_its_file(shared: Server):
    stub = reflection_pb2_grpc.ServerReflectionStub(shared.channel)
    ask = reflection_pb2.ServerReflectionRequest
    questions = [ask(list_services=""), ask(file_containing_symbol="lghrec.v1.RunService")]
    listed, file = stub.ServerReflectionInfo(iter(questions))
    assert set(SERVICES) <= {service.name for service in listed.list_services_response.service}
    parsed = descriptor_pb2.FileDescriptorProto.FromString(
        file.file_descriptor_response.file_descriptor_proto[0]
    )
    assert parsed.name == "lghrec/v1/run.proto"


def test_a_message_over_4_mib_is_refused_and_the_server_lives(shared: Server):
    with pytest.raises(grpc.RpcError) as caught:
        shared.start("big", labels={"a": "x" * 5_000_000})
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED  # type: ignore[attr-defined]
    assert check(shared) == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_clean_and_does_not_wait_for_a_run(tmp_path: Path, number: int):
    with serving(tmp_path) as server:
        run = server.start("k", script(tmp_path, 1, steps=1, step_s=600))
        pid = server.worker_pid(run.id)
        assert server.stop(number) == 0
        assert alive(pid)  # the run takes ten minutes
        os.kill(pid, signal.SIGKILL)


def test_every_call_except_health_checks_needs_the_token(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("s3cret\n")
    with serving(tmp_path / "data", "--token-file", str(file)) as server:
        ask = lambda *metadata: server.system.GetServerInfo(  # noqa: E731
            system_pb2.GetServerInfoRequest(), metadata=metadata
        )
        assert check(server) == health_pb2.HealthCheckResponse.SERVING
        assert ask(("authorization", "Bearer s3cret")).info.version
        for metadata in ((), (("authorization", "Bearer s3creT"),), (("authorization", "s3cret"),)):
            refused = refusal(lambda m=metadata: ask(*m))
            assert refused.code is grpc.StatusCode.UNAUTHENTICATED
        assert refusal(lambda: list(server.watch("x"))).code is grpc.StatusCode.UNAUTHENTICATED
        assert server.stop() == 0
        assert server.process.stderr is not None
        assert "s3cret" not in server.process.stderr.read()


def test_a_worker_gets_no_token_and_no_setting_of_the_server():
    seen = worker_environment(
        {"PATH": "p", "LGHREC_TOKEN": "t", "AWS_SECRET_ACCESS_KEY": "k", "PIP_INDEX_URL": "i"},
        RunDir(Path("/r")),
    )
    assert seen == {"PATH": "p", "PIP_INDEX_URL": "i", "PYTHONUNBUFFERED": "1", "LGHREC_RUN_DIR": "/r"}


def test_a_worker_gets_the_key_of_the_endpoint_in_its_spec_and_no_other(tmp_path: Path):
    entry = 'url = "https://models.example.org/v1"\nmodel = "m"\nkey = "env:%s"\n'
    file = tmp_path / "llm.toml"
    file.write_text("[endpoints.a]\n" + entry % "A_KEY" + "[endpoints.b]\n" + entry % "B_KEY")
    keys = {"A_KEY": "a", "B_KEY": "b", "LGHREC_TOKEN": "t"}
    with serving(tmp_path / "data", "--endpoints", str(file), **keys) as server:
        for name, has in (("a", True), ("", False)):
            request = start_request(f"key-{name}")
            if name:
                request.spec.semantic.text_source = preprocess_spec_pb2.TEXT_SOURCE_OPENAI
                request.spec.semantic.generation.endpoint = name
            metadata = (("authorization", "Bearer t"),)
            run = server.preprocess.StartPreprocess(request, metadata=metadata).run
            server.worker_pid(run.id)
            environment = json.loads((server.run_dir(run.id) / "environment.json").read_text())
            assert environment["LGHREC_ENDPOINTS"] == str(file)
            assert [key for key in keys if key in environment] == (["A_KEY"] if has else [])


def test_a_port_in_use_is_exit_9(tmp_path: Path, shared: Server):
    port = shared.endpoint.rpartition(":")[2]
    code, errors, out = exit_of(tmp_path, "--port", port)
    assert (code, out, len(errors)) == (9, "", 1)
    assert f"port {port} of 127.0.0.1 is in use" in errors[0]


def test_a_data_directory_of_another_server_is_exit_10(shared: Server):
    code, errors, out = exit_of(shared.data_dir)
    assert (code, out, len(errors)) == (10, "", 1)
    assert f"is in use by another server, process {shared.process.pid}" in errors[0]


def test_a_data_directory_that_is_a_file_is_exit_10(tmp_path: Path):
    (tmp_path / "file").write_text("")
    code, errors, _ = exit_of(tmp_path / "file")
    assert (code, len(errors)) == (10, 1)


def test_an_invalid_database_file_is_exit_10(tmp_path: Path):
    (tmp_path / "state.db").write_bytes(b"no database, " * 1000)
    code, errors, _ = exit_of(tmp_path)
    assert (code, len(errors)) == (10, 1)
    assert "state.db" in errors[0]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--port", "70000"], "port"),
        (["--host", "0.0.0.0"], "cannot listen on 0.0.0.0 without TLS"),
        (["--host", "no.such.host.invalid", "--insecure-bind"], "cannot listen"),
        (["--max-concurrent-runs", "0"], "max_concurrent_runs"),
        (["--token-file", "/no/such/file"], "token_file"),
        (["--max-upload-bytes", "0"], "max_upload_bytes"),
        (["--endpoints", "/no/such/file"], "endpoints: no file"),
    ],
)
def test_bad_settings_are_exit_2_with_one_line(tmp_path: Path, args: list[str], words: str):
    code, errors, out = exit_of(tmp_path, *args)
    assert (code, out, len(errors)) == (2, "", 1)
    assert words in errors[0]


def test_endpoints_that_cannot_be_read_are_exit_2(tmp_path: Path):
    (tmp_path / "endpoints.toml").write_text("[endpoints.house]")
    code, errors, _ = exit_of(tmp_path)
    assert (code, len(errors)) == (2, 1)
    assert "endpoint 'house': url: field required" in errors[0]


def test_an_insecure_address_is_served_with_the_option(tmp_path: Path):
    with serving(tmp_path, "--host", "0.0.0.0", "--insecure-bind") as server:
        assert server.endpoint.startswith("http://127.0.0.1:")
        assert check(server) == health_pb2.HealthCheckResponse.SERVING


def test_a_socket_file_is_only_for_its_owner_and_a_stale_one_is_replaced(tmp_path: Path):
    path = tmp_path / "s"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with serving(tmp_path / "data", "--host", f"unix:{path}") as server:
        assert server.endpoint == f"unix:{path}"
        assert check(server) == health_pb2.HealthCheckResponse.SERVING
        assert path.stat().st_mode & 0o077 == 0
        code, errors, _ = exit_of(tmp_path / "other", "--host", f"unix:{path}")
        assert (code, len(errors)) == (9, 1)
