# Builds with every dependency, runs with those of production alone.
FROM node:24-slim AS build
WORKDIR /app

# No install script is needed: they fetch or link the embedded PostgreSQL and Prisma's command line.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

COPY nest-cli.json tsconfig.json tsconfig.build.json prisma.config.ts ./
COPY prisma ./prisma
COPY apps ./apps
COPY libs ./libs
COPY scripts ./scripts
# The optional dependencies are the programs of the embedded PostgreSQL, which is for development:
# in production DATABASE_URL names a server.
RUN npm run build:fresh && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000

COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# The migrations, which the process applies at its start; the document that /openapi.json serves.
COPY prisma ./prisma
COPY package.json openapi.json LICENSE ./

# The files belong to root: the process cannot alter what it runs.
USER node

# The metrics stay on the loopback of the container until METRICS_HOST says otherwise.
EXPOSE 3000 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/control-plane.js"]
