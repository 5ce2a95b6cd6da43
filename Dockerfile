# syntax=docker/dockerfile:1

# A minimal image: the executable without a shell, a package manager or root.
#
#   docker build --tag assembly-graph .
#   docker run --read-only --cap-drop ALL --publish 8000:8000 --volume graph:/data assembly-graph

FROM rust:1.95.0-bookworm AS build
WORKDIR /src
COPY . .
# The registry and the target folder are cache mounts, which are not part of the image: the executable
# must be copied in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --bin assembly-graph \
    && install -D target/dist/assembly-graph /out/assembly-graph \
    && mkdir /out/data

# Contains the C library of the same Debian release as the build image.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="Assembly Graph" \
      org.opencontainers.image.description="A GraphQL server over the graph of inter-parliamentary assemblies" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /out/assembly-graph /usr/local/bin/assembly-graph
# A new volume gets the owner of this folder.
COPY --from=build --chown=65532:65532 /out/data /data
ENV LISTEN=0.0.0.0:8000 \
    ASSEMBLY_GRAPH_MANAGEMENT_LISTEN=0.0.0.0:9000 \
    DATABASE_URL=/data/assembly-graph.sqlite \
    ASSEMBLY_GRAPH_LOG_FORMAT=json
USER 65532:65532
WORKDIR /data
VOLUME /data
# 8000: the public address. 9000: the management address.
EXPOSE 8000 9000
# The first start imports the built-in data set before the server is ready.
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 \
    CMD ["/usr/local/bin/assembly-graph", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/assembly-graph"]
CMD ["serve"]
