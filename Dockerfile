# The full image has the compiler that better-sqlite3 falls back to where no ready-made binary fits.
FROM node:24-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY client/package.json ./client/
COPY simulator/package.json ./simulator/
COPY playground/package.json ./playground/
RUN npm ci --ignore-scripts && npm rebuild better-sqlite3
COPY tsconfig.json ./
COPY src ./src
COPY client ./client
COPY simulator ./simulator
COPY playground ./playground
COPY scripts ./scripts
RUN npm run build && npm prune --omit=dev --ignore-scripts && rm -r node_modules/@r3session

FROM node:24-bookworm-slim
ENV NODE_ENV=production SESSION_STORE=sqlite:/data/sessions.db
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["node", "dist/app/healthcheck.js"]
CMD ["node", "--max-semi-space-size=1", "dist/bundle/main.js"]
