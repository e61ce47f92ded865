FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY client/package.json ./client/
COPY simulator/package.json ./simulator/
COPY verify/package.json ./verify/
COPY playground/package.json ./playground/
# Nothing is compiled: better-sqlite3 brings its bindings, and what Node 20 compiles instead is not for this Node.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
COPY client ./client
COPY simulator ./simulator
COPY verify ./verify
COPY playground ./playground
COPY scripts ./scripts
RUN npm run build
# What is in the image, as CycloneDX: the bundle no longer tells.
RUN npm run sbom
RUN npm prune --omit=dev --omit=optional --ignore-scripts && node scripts/prune-image.mjs

FROM node:24.21.0-bookworm-slim
# A container's own 127.0.0.1, where the sandbox listens by default, is reached by nobody.
ENV NODE_ENV=production HOST=0.0.0.0 SESSION_STORE=sqlite:/data/sessions.db
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["node", "dist/bundle/healthcheck.js"]
# The young generation: of less than 1 GB V8 takes 1 MB for it, in which the requests of one turn of the loop have no room.
CMD ["node", "--max-semi-space-size=8", "dist/bundle/cli.js"]
