#!/usr/bin/env bash
# Locks the image's packages anew: after a change of image/package.json, or of this package's version or dependencies.
set -euo pipefail
cd "$(dirname "$0")/image"

trap 'rm -f org-kafka-otel-*.tgz kafka-otel.tgz' EXIT
(cd ../.. && npm pack --pack-destination deploy/image)
mv org-kafka-otel-*.tgz kafka-otel.tgz
rm -f package-lock.json
npm install --package-lock-only --omit=dev --ignore-scripts --no-audit --no-fund
# The image takes any build of this package; the integrity would be that of this one.
node -e '
  const { readFileSync, writeFileSync } = require("node:fs");
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
  delete lock.packages["node_modules/@org/kafka-otel"].integrity;
  writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
'
