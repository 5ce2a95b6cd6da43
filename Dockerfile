# syntax=docker/dockerfile:1

# The program, and nothing else, in a small image: no shell, no package manager, no root.
#
#   docker build --tag assembly-graph .
#   docker run --read-only --cap-drop ALL --publish 8000:8000 --volume graph:/data assembly-graph

FROM rust:1.95.0-bookworm AS build
WORKDIR /src
COPY . .
# Sources and what is built of the dependencies stay on the machine that builds, from one time to the
# next; so the program has to leave the cache in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --bin assembly-graph \
    && install -D target/dist/assembly-graph /out/assembly-graph \
    && mkdir /out/data

# The C library of the same Debian release.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="Assembly Graph" \
      org.opencontainers.image.description="A GraphQL server over the graph of inter-parliamentary assemblies" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /out/assembly-graph /usr/local/bin/assembly-graph
# A new volume takes its owner from here.
COPY --from=build --chown=65532:65532 /out/data /data
ENV LISTEN=0.0.0.0:8000 \
    ASSEMBLY_GRAPH_MANAGEMENT_LISTEN=0.0.0.0:9000 \
    DATABASE_URL=/data/assembly-graph.sqlite \
    ASSEMBLY_GRAPH_LOG_FORMAT=json
USER 65532:65532
WORKDIR /data
VOLUME /data
# The second is for those who operate it.
EXPOSE 8000 9000
# The first start fills the database before it answers.
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 \
    CMD ["/usr/local/bin/assembly-graph", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/assembly-graph"]
CMD ["serve"]
