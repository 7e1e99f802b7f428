"""`lghrec-server`: read the settings and serve. A server that cannot start prints one line with the reason.

When the server is ready, it prints one line of JSON on stdout, `{"endpoint": ...}`. Everything else goes to
stderr.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

# These must be set before grpc is imported. Workers are started by exec, so grpc needs no support for forks.
# The server reports errors itself, so grpc's own long output is switched off.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

from pydantic import ValidationError

from lghrec_compute import __version__
from lghrec_compute.errors import ConfigError, DiskError, IntegrityError, LghrecError
from lghrec_compute.layout import DataDir
from lghrec_compute.server.datadir import open_data_dir
from lghrec_compute.server.listen import Address, PortInUseError, check_address
from lghrec_compute.server.logs import configure_logs, flush_logs, log
from lghrec_compute.server.settings import Settings

BAD_SETTINGS, PORT_IN_USE, BAD_DATA_DIR = 2, 9, 10
"""Exit codes."""


def main(argv: list[str] | None = None) -> int:
    """Run the server until SIGTERM or SIGINT and return the exit code."""
    configure_logs()
    try:
        settings = read_settings(argv)
        address = check_address(settings.host, settings.port, insecure=settings.insecure_bind)
        data_dir, lock = open_data_dir(settings.data_dir)
    except PortInUseError as error:
        return _fail(error, PORT_IN_USE, "choose another --port, or 0 for a free port")
    except DiskError as error:
        return _fail(error, BAD_DATA_DIR, error.hint)
    except ConfigError as error:
        return _fail(error, BAD_SETTINGS, error.hint)
    try:
        settings.check_endpoints()
        return _serve(settings, data_dir, address)
    except ConfigError as error:
        return _fail(error, BAD_SETTINGS, error.hint)
    finally:
        flush_logs()
        os.close(lock)


def _serve(settings: Settings, data_dir: DataDir, address: Address) -> int:
    try:
        asyncio.run(_until_signal(settings, data_dir, address))
    except PortInUseError as error:
        return _fail(error, PORT_IN_USE, "choose another --port, or 0 for a free port")
    except (DiskError, IntegrityError, ConfigError) as error:
        return _fail(error, BAD_DATA_DIR, error.hint)
    return 0


async def _until_signal(settings: Settings, data_dir: DataDir, address: Address) -> None:
    # Imported here: --help and wrong settings need neither grpc nor the database, whose imports take most of
    # the start-up time.
    from lghrec_compute.server.app import run_server

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_server(settings, data_dir, address, ready=_announce, stop=stop)
    log.info("stopped")


def _announce(endpoint: str) -> None:
    print(json.dumps({"endpoint": endpoint}), flush=True)  # noqa: T201 - a parent process waits for it
    log.info("ready", endpoint=endpoint, version=__version__)


def read_settings(argv: list[str] | None = None) -> Settings:
    """Read the settings. The command line overrides the environment, which overrides the defaults.

    Raises `ConfigError`. Exits the process for --help, --version and unknown options.
    """
    given = {key: value for key, value in vars(_parser().parse_args(argv)).items() if value is not None}
    try:
        settings = Settings(**given)
        settings.read_token()
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()]
        raise ConfigError("; ".join(problems)) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"token_file: {error}") from None
    return settings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lghrec-server",
        description="Compute server of LGHRec. Every option can also be set as LGHREC_<NAME>.",
    )
    add = parser.add_argument
    add("--data-dir", type=Path, metavar="DIR", help="directory of all stored data (default: .lghrec)")
    add("--host", help="address to listen on, or unix:<path> (default: 127.0.0.1)")
    add("--port", type=int, help="port to listen on, 0 for a free one (default: 7300)")
    add(
        "--import-root", dest="import_roots", action="append", type=Path, metavar="DIR",
        help="folder from which data may be read; can be repeated (default: <data-dir>/imports)",
    )  # fmt: skip
    add("--max-concurrent-runs", type=int, metavar="N", help="number of runs at the same time (default: 1)")
    add(
        "--max-upload-bytes", type=int, metavar="N",
        help="largest size of an uploaded data set (default: 68719476736, which is 64 GiB)",
    )  # fmt: skip
    add(
        "--endpoints", type=Path, metavar="FILE",
        help="TOML file with the endpoints of language models (default: <data-dir>/endpoints.toml)",
    )  # fmt: skip
    add("--token-file", type=Path, metavar="FILE", help="file with the token that clients must send")
    add(
        "--insecure-bind", action="store_true", default=None,
        help="listen without TLS on an address that other machines can reach; for container networks",
    )  # fmt: skip
    add("--version", action="version", version=__version__)
    return parser


def _fail(error: Exception, code: int, hint: str) -> int:
    message = error.message if isinstance(error, LghrecError) else str(error)
    print(f"lghrec-server: {message}" + (f" ({hint})" if hint else ""), file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
