#!/usr/bin/env bash
# Regenerates the lock file of the image. Run it after a change to image/package.json, or to this package's version or
# dependencies.
set -euo pipefail
cd "$(dirname "$0")/image"

trap 'rm -f org-kafka-otel-*.tgz kafka-otel.tgz' EXIT
(cd ../.. && npm pack --pack-destination deploy/image)
mv org-kafka-otel-*.tgz kafka-otel.tgz
rm -f package-lock.json
npm install --package-lock-only --omit=dev --ignore-scripts --no-audit --no-fund
# Remove the integrity of this package from the lock file, because the image must accept any build of it.
node -e '
  const { readFileSync, writeFileSync } = require("node:fs");
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
  delete lock.packages["node_modules/@org/kafka-otel"].integrity;
  writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
'
