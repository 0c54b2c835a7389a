# A small image that runs the gateway as nobody in particular. The build runs the Makefile's own steps.
FROM python:3.13-slim AS build
WORKDIR /srv/gateway
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
COPY . .
RUN make install PREFIX=/opt/gateway

FROM python:3.13-slim
RUN useradd --system --home-dir /srv/gateway --create-home gateway
COPY --from=build /opt/gateway /opt/gateway
COPY partners /srv/gateway/partners
COPY sample_documents /srv/gateway/sample_documents
WORKDIR /srv/gateway
RUN mkdir var && chown gateway:gateway var
USER gateway
ENV PATH=/opt/gateway/bin:$PATH GATEWAY_HTTP_HOST=0.0.0.0 GATEWAY_SFTP_HOST=0.0.0.0 \
    GATEWAY_INTERNAL_HOST=0.0.0.0 GATEWAY_LOG_FORMAT=json
VOLUME /srv/gateway/var
EXPOSE 8080 8081 2222
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/health', timeout=2)"]
CMD ["gateway", "run"]
