# The shop in a container: built with everything, run with what running needs, as an ordinary user.
# Debian and not Alpine: the embedded PostgreSQL is linked against glibc.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.ts

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The image brings its own Node; the ones for machines without it are left out.
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev && rm -rf node_modules/node-linux-*

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
# PostgreSQL refuses to run as root: the image's ordinary user owns the data.
RUN mkdir /data /backups && chown node:node /data /backups
WORKDIR /app
COPY --from=packages --chown=node:node /app/node_modules node_modules
# Read from source by the commands beside the shop (backup, restore); the shop itself has them in its build.
COPY --from=build --chown=node:node /app/node_modules/aws4fetch node_modules/aws4fetch
COPY --from=build --chown=node:node /app/node_modules/kysely node_modules/kysely
COPY --from=build --chown=node:node /app/node_modules/zod node_modules/zod
COPY --from=build --chown=node:node /app/build build
COPY --chown=node:node package.json package-lock.json vite.config.ts tsconfig.json ./
COPY --chown=node:node migrations migrations
COPY --chown=node:node sandbox sandbox
COPY --chown=node:node scripts scripts
COPY --chown=node:node server server
COPY --chown=node:node src src
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--disable-warning=ExperimentalWarning", "server/main.ts"]
