#!/usr/bin/env python3
"""average_weights.py MODEL MODEL... OUT: the mean of weights of one architecture, as a model.

Weights that one training led to, a little apart, often do better in their mean than any of them. Manifest: the form of
the last model's, with the digest of the mean, how its parts came to be, the data and licences of all of them, and the
class research if any part has it. What was measured with the parts is left out: temperatures and thresholds are to be
fitted anew (punctum evaluate --fit). A model may be named twice, to weigh more.
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
    initial = training.get("initial", {})
    sources = training.get("data", []) + initial.get("data", [])
    sources += [said for said in (training, initial) if "statement" in said and "data" not in said]
    return [{"licence": source.get("licence", ""), "statement": source.get("statement", "")} for source in sources]


def manifest_of_mean(manifests, weights):
    """The last one's form; nothing that was measured with its weights."""
    mean = dict(manifests[-1])
    mean.pop("calibration", None)
    mean["metrics"] = {}
    mean["temperatures"] = [1] * len(mean.get("temperatures", []))
    mean["abstain_below"] = [0] * len(mean.get("abstain_below", []))
    if any(other.get("use", "research") != "commercial" for other in manifests):
        mean["use"] = "research"
    mean["weights"] = {"file": "weights.safetensors", "sha256": hashlib.sha256(weights).hexdigest()}
    data = []
    for source in (source for other in reversed(manifests) for source in data_of(other)):
        if source not in data:
            data.append(source)
    parts = [
        {"version": other.get("version", ""), "sha256": other["weights"]["sha256"], "training": other["training"]}
        for other in manifests
    ]
    mean["training"] = {"data": data, "mean_of": parts}
    named = [(other.get("licence") or "NOASSERTION").split(" AND ") for other in manifests]
    licences = sorted({name for names in named for name in names} - {"Apache-2.0"})
    mean["licence"] = " AND ".join(licences) or "Apache-2.0"
    return mean


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
    manifests = [json.loads((model / "manifest.json").read_text()) for model in models]
    (out / "manifest.json").write_text(json.dumps(manifest_of_mean(manifests, weights), indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
