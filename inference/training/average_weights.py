#!/usr/bin/env python3
"""average_weights.py MODEL MODEL... OUT: the mean of weights of one architecture, as a model.

Weights that one training led to, a little apart, often do better in their mean than any of them. Manifest: the last
model's, with the digest of the mean, those of its parts, the data and licences of all of them, and the class research if
any part has it. A model may be named twice, to weigh more.
"""

import array
import hashlib
import json
import pathlib
import struct
import sys


def read(model):
    data = (model / "weights.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    if any(tensor["dtype"] != "F32" for tensor in header.values()):
        sys.exit(f"average_weights: {model} has tensors that are not F32")
    return data[: 8 + length], header, memoryview(data)[8 + length :]


def floats(header, values, name):
    first, end = header[name]["data_offsets"]
    return array.array("f", bytes(values[first:end]))


def data_of(manifest):
    """What weights were trained on, those that they started from included."""
    training = manifest["training"]
    sources = training.get("data", []) + training.get("initial", {}).get("data", [])
    return [{"licence": source.get("licence", ""), "statement": source.get("statement", "")} for source in sources]


def main(*paths):
    models, out = [pathlib.Path(path) for path in paths[:-1]], pathlib.Path(paths[-1])
    files = [read(model) for model in models]
    head, header, values = files[-1]
    mean = bytearray(values)
    for name, tensor in header.items():
        if any(other.get(name, {}).get("shape") != tensor["shape"] for _, other, _ in files):
            sys.exit(f"average_weights: tensor '{name}' differs in shape or is missing")
        columns = zip(*(floats(other, data, name) for _, other, data in files))
        first, end = tensor["data_offsets"]
        mean[first:end] = array.array("f", (sum(column) / len(files) for column in columns)).tobytes()
    out.mkdir(parents=True, exist_ok=True)
    weights = head + bytes(mean)
    (out / "weights.safetensors").write_bytes(weights)
    manifest = json.loads((models[-1] / "manifest.json").read_text())
    all_manifests = [json.loads((model / "manifest.json").read_text()) for model in models]
    if any(other.get("use", "research") != "commercial" for other in all_manifests):
        manifest["use"] = "research"
    manifest["weights"] = {"file": "weights.safetensors", "sha256": hashlib.sha256(weights).hexdigest()}
    known = data_of(manifest)
    for source in (source for other in all_manifests for source in data_of(other)):
        if source not in known:
            known.append(source)
            manifest["training"].setdefault("data", []).append(source)
    named = [(other.get("licence") or "NOASSERTION").split(" AND ") for other in all_manifests]
    licences = sorted({name for names in named for name in names} - {"Apache-2.0"})
    manifest["licence"] = " AND ".join(licences) or "Apache-2.0"
    manifest["training"]["mean_of"] = [other["weights"]["sha256"] for other in all_manifests]
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
