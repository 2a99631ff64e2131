# healq in a small image. It runs the config that is mounted at /config, as a user of its own:
#   docker run -v ./my-config:/config -v healq-state:/state -p 127.0.0.1:3210:3210 IMAGE
# The programs a config starts must be in the image too: build your own one FROM this one.

FROM node:22-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts ./scripts
COPY bin ./bin
COPY workers ./workers
COPY jobs ./jobs
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-slim
# tini reaps what is orphaned and hands signals on (-s: also below another init, as with `init: true`). redis-server: only used by a config without `redis:`.
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini redis-server \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system healq && useradd --system --gid healq --no-create-home healq \
 && mkdir /config /state && chown healq:healq /state
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY examples ./examples
RUN ln -s /app/dist/bin/healq.js /usr/local/bin/healq
USER healq
ENV NODE_ENV=production HEALQ_CONFIG=/config/healq.yaml
VOLUME /state
EXPOSE 3210
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3210/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "-s", "--", "healq"]
CMD ["up"]
