# The compute server. Build from the root of the repository:
#
#   docker build -f docker/compute-server.Dockerfile -t lghrec-compute .
#
# Computes on the CPU unless the container is given a GPU. Which build of PyTorch is in the image depends on the
# package index it is taken from: pip's own on Linux x86-64 has the CUDA build (several GB). TORCH_INDEX_URL names
# another one: PyTorch publishes an index with the CPU build and one for each version of CUDA.
#
#   docker build -f docker/compute-server.Dockerfile -t lghrec-compute --build-arg TORCH_INDEX_URL=<index> .
#   docker run --gpus all ...

FROM python:3.11-slim AS build
ARG TORCH_INDEX_URL=
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/lghrec
WORKDIR /build
COPY compute-server/constraints.txt ./
# Only torch itself comes from that index; what it depends on follows from pip's own. Before the sources
# are copied, so that a changed line of them does not fetch it again.
RUN /opt/lghrec/bin/pip install --no-deps --constraint constraints.txt \
    ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} torch
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
