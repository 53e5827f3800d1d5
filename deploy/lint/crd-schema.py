"""Regenerates instrumentation.schema.json after a release of the OpenTelemetry Operator.

    python3 crd-schema.py config/crd/bases/opentelemetry.io_instrumentations.yaml 0.158.0 > instrumentation.schema.json

The first argument is a file of the Operator's repository. Needs PyYAML. The resulting JSON Schema has Node.js as its only language,
no descriptions, and rejects unknown fields.
"""

import json
import sys

import yaml

OTHER_LANGUAGES = ("apacheHttpd", "dotnet", "go", "java", "nginx", "python")


def without_unknown_fields(schema):
    # In Kubernetes, a quantity is a number or a string. JSON Schema has no short form for this.
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    kept = {key: value for key, value in schema.items() if key != "description" and not key.startswith("x-kubernetes-")}
    if "properties" in kept:
        kept["properties"] = {name: without_unknown_fields(field) for name, field in kept["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            kept.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = without_unknown_fields(kept[key])
    return kept


path, release = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    versions = yaml.safe_load(file)["spec"]["versions"]
[schema] = [version["schema"]["openAPIV3Schema"] for version in versions if version["name"] == "v1alpha1"]
for language in OTHER_LANGUAGES:
    del schema["properties"]["spec"]["properties"][language]
# The CRD does not describe `metadata`, so allow any object.
result = {**without_unknown_fields(schema)}
result["properties"]["metadata"] = {"type": "object"}
note = f"From the Instrumentation v1alpha1 of the OpenTelemetry Operator {release} (Apache-2.0), by crd-schema.py"
json.dump({"$comment": note, **result}, sys.stdout, indent=2)
print()
