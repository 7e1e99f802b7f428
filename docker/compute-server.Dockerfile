# The compute server. Build from the root of the repository:
#
#   docker build -f docker/compute-server.Dockerfile -t lghrec-compute .
#
# PyTorch's CPU build by default. For CUDA name the index of a CUDA build, and give the container a GPU:
#
#   docker build -f docker/compute-server.Dockerfile -t lghrec-compute:cuda \
#     --build-arg TORCH_INDEX_URL=https://download.pytorch.org/whl/cu130 .
#   docker run --gpus all ...

FROM python:3.11-slim AS build
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/lghrec
WORKDIR /build
COPY compute-server/constraints.txt ./
# Only torch itself comes from that index; what it depends on follows from the usual one. Before the sources
# are copied, so that a changed line of them does not fetch it again.
RUN /opt/lghrec/bin/pip install --no-deps --constraint constraints.txt --index-url "$TORCH_INDEX_URL" torch
COPY compute-server/pyproject.toml ./
COPY compute-server/src ./src
RUN /opt/lghrec/bin/pip install --constraint constraints.txt .

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home lghrec && install --directory --owner lghrec /data
COPY --from=build /opt/lghrec /opt/lghrec
COPY docker/healthcheck.py /opt/lghrec/healthcheck.py
# The network of the container is its own, so listening on all of it is allowed; there is no TLS, so publish the
# port only where you trust who reaches it.
ENV PATH=/opt/lghrec/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LGHREC_DATA_DIR=/data \
    LGHREC_HOST=0.0.0.0 \
    LGHREC_PORT=7300 \
    LGHREC_INSECURE_BIND=true
USER lghrec
VOLUME /data
EXPOSE 7300
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "/opt/lghrec/healthcheck.py"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["lghrec-server"]
