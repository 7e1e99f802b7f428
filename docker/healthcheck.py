"""Asks the server in this container whether it serves; the exit code is the answer."""

import os
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

TIMEOUT_S = 4


def main() -> int:
    """Returns 0 if the server serves, else 1."""
    target = f"127.0.0.1:{os.environ.get('LGHREC_PORT', '7300')}"
    with grpc.insecure_channel(target) as channel:
        try:
            request = health_pb2.HealthCheckRequest()
            status = health_pb2_grpc.HealthStub(channel).Check(request, timeout=TIMEOUT_S).status
        except grpc.RpcError as error:
            print(f"no answer from {target}: {error.code().name}", file=sys.stderr)
            return 1
    return 0 if status == health_pb2.HealthCheckResponse.SERVING else 1


if __name__ == "__main__":
    sys.exit(main())
