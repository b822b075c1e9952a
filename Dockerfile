# Rovercast as a container: compiled, without development packages, not root, with one volume.
#
#   docker build -t rovercast .
#   docker run --read-only --tmpfs /tmp --init -v rovercast:/var/lib/rovercast -p 2101:2101 -p 8080:8080 rovercast
#
# Every RUN line calls one script of scripts/image, so that test/package/image.test.ts can run this file's steps where
# there is no container engine. It understands FROM, ENV, WORKDIR, COPY and RUN as they are used here.
ARG NODE_IMAGE=node:24-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/image scripts/image
RUN sh scripts/image/install-all.sh
COPY . .
RUN sh scripts/image/compile.sh

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/image scripts/image
RUN sh scripts/image/install-runtime.sh

FROM ${NODE_IMAGE} AS server
ENV NODE_ENV=production
ENV ROVERCAST_DATA_DIR=/var/lib/rovercast
WORKDIR /app
COPY scripts/image/data-folder.sh scripts/image/data-folder.sh
RUN sh scripts/image/data-folder.sh 1000:1000
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
USER 1000:1000
VOLUME ["/var/lib/rovercast"]
EXPOSE 2101 2102 8080 8883 8884
# SIGTERM drains: the server tells its peers, flushes what it metered, and ends.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["node", "/app/dist/cli/rovercast.js", "doctor", "--quick"]
ENTRYPOINT ["node", "/app/dist/cli/rovercast.js"]
CMD ["serve"]
