# Web and worker in one container, as a user without rights, data in the volume /data.
#   docker build -t softdash .
#   docker run -p 8050:8050 -v softdash:/data softdash
FROM python:3.11-slim-bookworm

# An index with another build of torch; the CPU build keeps the image small.
ARG TORCH_INDEX_URL=""
# The libraries of potentials in the image, of "chgnet,mace,matgl,sevennet".
ARG EXTRAS="chgnet"

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    VENV=/opt/softdash \
    SOFTDASH_HOST=0.0.0.0 \
    SOFTDASH_PORT=8050 \
    SOFTDASH_STATE_DIR=/data \
    HOME=/data

WORKDIR /srv/softdash
COPY . .
RUN TORCH_INDEX_URL="${TORCH_INDEX_URL}" EXTRAS="${EXTRAS}" python scripts/set_up.py run \
    && useradd --uid 1000 --no-create-home --home-dir /data softdash \
    && mkdir -p /data \
    && chown -R softdash /data

USER 1000
VOLUME ["/data"]
EXPOSE 8050
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/opt/softdash/bin/python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['SOFTDASH_PORT'] + '/api/v1/health', timeout=4)"]
CMD ["/opt/softdash/bin/softdash", "serve"]
