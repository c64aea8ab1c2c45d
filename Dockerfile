# Two stages: the first builds a virtual environment with the models inside, the second runs it as a
# user without rights. PIP_OPTIONS goes to every pip install, for example
# --build-arg PIP_OPTIONS="--extra-index-url URL-OF-PYTORCHS-CPU-BUILDS".
FROM python:3.11-slim-bookworm AS build
ARG PIP_OPTIONS=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/kutipan
WORKDIR /src
COPY requirements.lock ./
RUN /opt/kutipan/bin/pip install --quiet $PIP_OPTIONS -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY service service
COPY eval eval
RUN /opt/kutipan/bin/pip install --quiet $PIP_OPTIONS --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /home/kutipan kutipan \
    && mkdir -p /data /corpus && chown kutipan:kutipan /data
COPY --from=build /opt/kutipan /opt/kutipan
COPY corpus /corpus
COPY LICENSE NOTICE /opt/kutipan/
# Reached from other machines, so it needs a key: made in the data volume at the first start.
ENV PATH=/opt/kutipan/bin:$PATH \
    KUTIPAN_HOST=0.0.0.0 \
    KUTIPAN_PORT=8000 \
    KUTIPAN_DATA_DIR=/data \
    KUTIPAN_CORPUS_DIR=/corpus \
    KUTIPAN_API_KEY_FILE=/data/api-key \
    KUTIPAN_CREATE_API_KEY=true
USER kutipan
WORKDIR /home/kutipan
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['KUTIPAN_PORT']}/readyz\", timeout=4)"]
CMD ["kutipan", "serve"]
