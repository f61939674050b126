"""Weights in SAM-Med3D's naming, adopted and answering clicks, against that network in PyTorch; and TorchScript programs that
Python made, or nobody allowed."""

import json
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
TORCH_PYTHON = "/usr/bin/python3"  # for which Debian's python3-torch is installed; ours has no PyTorch
WIDTH, DEPTH, HEADS, CHANNELS, GRID, PATCH, WINDOW = 24, 3, 2, 48, 2, 16, 3
SIZE = GRID * PATCH


def module(random, weights, name, *shape, bias=True):
    weights[name + ".weight"] = random.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape)
    if bias:
        weights[name + ".bias"] = random.normal(0, 0.1, shape[0])


def norm(random, weights, name, channels):
    weights[name + ".weight"] = 1 + random.normal(0, 0.1, channels)
    weights[name + ".bias"] = random.normal(0, 0.1, channels)


def attention(random, weights, name, inner):
    for part in "qkv":
        module(random, weights, f"{name}.{part}_proj", inner, CHANNELS)
    module(random, weights, f"{name}.out_proj", CHANNELS, inner)


def encoder_weights(random):
    w, name = {}, "image_encoder."
    module(random, w, name + "patch_embed.proj", WIDTH, 1, PATCH, PATCH, PATCH)
    w[name + "pos_embed"] = random.normal(0, 0.5, (1, GRID, GRID, GRID, WIDTH))
    for i in range(DEPTH):
        block = f"{name}blocks.{i}."
        side = GRID if i == 1 else WINDOW  # windows wider than the grid, as in the released network
        for which in ("norm1", "norm2"):
            norm(random, w, block + which, WIDTH)
        module(random, w, block + "attn.qkv", 3 * WIDTH, WIDTH)
        module(random, w, block + "attn.proj", WIDTH, WIDTH)
        for axis in "dhw":
            w[f"{block}attn.rel_pos_{axis}"] = random.normal(0, 0.5, (2 * side - 1, WIDTH // HEADS))
        module(random, w, block + "mlp.lin1", 4 * WIDTH, WIDTH)
        module(random, w, block + "mlp.lin2", WIDTH, 4 * WIDTH)
    module(random, w, name + "neck.0", CHANNELS, WIDTH, 1, 1, 1, bias=False)
    norm(random, w, name + "neck.1", CHANNELS)
    module(random, w, name + "neck.2", CHANNELS, CHANNELS, 3, 3, 3, bias=False)
    norm(random, w, name + "neck.3", CHANNELS)
    return w


def prompt_weights(random):
    w, name = {}, "prompt_encoder."
    w[name + "pe_layer.positional_encoding_gaussian_matrix"] = random.normal(0, 1, (3, CHANNELS // 3))
    for which in ("point_embeddings.0", "point_embeddings.1", "not_a_point_embed", "no_mask_embed"):
        w[f"{name}{which}.weight"] = random.normal(0, 1, (1, CHANNELS))
    module(random, w, name + "mask_downscaling.0", 4, 1, 2, 2, 2)
    norm(random, w, name + "mask_downscaling.1", 4)
    module(random, w, name + "mask_downscaling.3", 16, 4, 2, 2, 2)
    norm(random, w, name + "mask_downscaling.4", 16)
    module(random, w, name + "mask_downscaling.6", CHANNELS, 16, 1, 1, 1)
    return w


def decoder_weights(random):
    w, name = {}, "mask_decoder."
    w[name + "iou_token.weight"] = random.normal(0, 1, (1, CHANNELS))
    w[name + "mask_tokens.weight"] = random.normal(0, 1, (4, CHANNELS))
    for i in range(2):
        layer = f"{name}transformer.layers.{i}."
        attention(random, w, layer + "self_attn", CHANNELS)
        attention(random, w, layer + "cross_attn_token_to_image", CHANNELS // 2)
        attention(random, w, layer + "cross_attn_image_to_token", CHANNELS // 2)
        for which in range(1, 5):
            norm(random, w, f"{layer}norm{which}", CHANNELS)
        module(random, w, layer + "mlp.lin1", 64, CHANNELS)
        module(random, w, layer + "mlp.lin2", CHANNELS, 64)
    attention(random, w, name + "transformer.final_attn_token_to_image", CHANNELS // 2)
    norm(random, w, name + "transformer.norm_final_attn", CHANNELS)
    for which, inside, outside in (("0", CHANNELS, CHANNELS // 4), ("3", CHANNELS // 4, CHANNELS // 8)):
        up = f"{name}output_upscaling.{which}"
        w[up + ".weight"] = random.normal(0, 0.3, (inside, outside, 2, 2, 2))
        w[up + ".bias"] = random.normal(0, 0.1, outside)
    norm(random, w, name + "output_upscaling.1", CHANNELS // 4)
    for i in range(4):
        mlp = f"{name}output_hypernetworks_mlps.{i}.layers."
        for layer, out in enumerate((CHANNELS, CHANNELS, CHANNELS // 8)):
            module(random, w, f"{mlp}{layer}", out, CHANNELS)
    for layer, (out, inside) in enumerate(((256, CHANNELS), (256, 256), (4, 256))):
        module(random, w, f"{name}iou_prediction_head.layers.{layer}", out, inside)
    return w


def seeded_weights():
    random = np.random.default_rng(7)
    return {**encoder_weights(random), **prompt_weights(random), **decoder_weights(random)}


def write_safetensors(path, weights):
    header, data = {}, b""
    for name, values in weights.items():
        raw = np.ascontiguousarray(values, np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def run(*arguments):
    return subprocess.run([os.environ["PUNCTUM_PROGRAM"], *map(str, arguments)], capture_output=True, text=True)


def has_torch():
    return subprocess.run([TORCH_PYTHON, "-c", "import torch"], capture_output=True).returncode == 0


with_torch = unittest.skipUnless(has_torch(), "PyTorch is not installed (python3-torch); `./dev setup --interop` does it")


def in_torch(program, *arguments):
    """What one of our programs for PyTorch writes."""
    said = subprocess.run([TORCH_PYTHON, "-B", HERE / program, *map(str, arguments)], capture_output=True)
    if said.returncode != 0:
        raise RuntimeError(said.stderr.decode())
    return said.stdout


def reference_answers(weights, hu, clicks, folder):
    """hu: (x, y, z) in RAS, clicks as ((x, y, z), label): what SAM-Med3D finds after every click, (click, x, y, z)."""
    crop = folder / "reference-crop"
    crop.write_bytes(np.ascontiguousarray(hu, np.float64).tobytes())
    told = [",".join(map(str, (*place, label))) for place, label in clicks]
    answer = in_torch("sammed3d_reference.py", weights, crop, HEADS, *told)
    return np.frombuffer(answer, np.float64).reshape(len(clicks), *hu.shape)


def own_answers(model, hu, clicks, folder):
    """hu: (z, y, x) in LPS, clicks as ((z, y, x), label): what our program finds after every click."""
    crop = folder / "crop"
    crop.write_bytes(np.ascontiguousarray(hu, np.float32).tobytes())
    told = [",".join(map(str, (*place, label))) for place, label in clicks]
    program = os.environ["PUNCTUM_ANSWER_CLICKS"]
    answer = subprocess.run([program, str(model), str(crop), *told], check=True, capture_output=True)
    return np.frombuffer(answer.stdout, np.float32).reshape(len(clicks), *hu.shape)


class ForeignWeights(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def adopt(self, weights):
        file = self.folder / "sam.safetensors"
        write_safetensors(file, weights)
        return run("adopt", file, "--licence", "Apache-2.0", "-o", self.folder / "model")

    @with_torch
    def test_answers_are_those_of_sam_med3d(self):
        weights = seeded_weights()
        said = self.adopt(weights)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn(f"{SIZE} voxels", said.stdout)
        random = np.random.default_rng(8)
        hu = random.normal(20, 300, (SIZE,) * 3)  # (z, y, x), LPS
        clicks = [((20, 9, 13), 1), ((3, 30, 17), 0), ((25, 12, 6), 1)]
        own = own_answers(self.folder / "model", hu, clicks, self.folder)
        theirs_hu = hu.transpose(2, 1, 0)[::-1, ::-1]  # (x, y, z), RAS
        theirs_clicks = [((SIZE - 1 - x, SIZE - 1 - y, z), label) for (z, y, x), label in clicks]
        theirs = reference_answers(self.folder / "sam.safetensors", theirs_hu, theirs_clicks, self.folder)
        for number, expected in enumerate(theirs):
            found = own[number].transpose(2, 1, 0)[::-1, ::-1]
            scale = np.abs(expected).max()
            self.assertGreater(scale, 0.05)
            self.assertLess(np.abs(found - expected).max(), 1e-4 * max(scale, 1), f"after click {number + 1}")

    def test_manifest_says_what_it_does_not_know(self):
        self.assertEqual(self.adopt(seeded_weights()).returncode, 0)
        manifest = json.loads((self.folder / "model/manifest.json").read_text())
        self.assertTrue(manifest["architecture"]["sammed3d_compat"])
        self.assertFalse(manifest["attributes_trained"])
        self.assertEqual(manifest["use"], "research")

    def test_missing_tensor_is_named_and_nothing_is_written(self):
        weights = seeded_weights()
        del weights["mask_decoder.transformer.layers.1.norm3.bias"]
        said = self.adopt(weights)
        self.assertEqual(said.returncode, 1)
        self.assertIn("mask_decoder.transformer.layers.1.norm3.bias", said.stderr)
        self.assertFalse((self.folder / "model").exists())

    @with_torch
    def test_program_made_in_python_answers_as_it_does_there(self):
        hu = np.random.default_rng(9).normal(20, 300, (32,) * 3).astype(np.float32)  # (z, y, x)
        clicks = [((16, 9, 13), 1), ((25, 28, 17), 0), ((12, 12, 6), 1)]
        crop, program = self.folder / "crop", self.folder / "program.pt"
        crop.write_bytes(hu.tobytes())
        told = [",".join(map(str, (*place, label))) for place, label in clicks]
        theirs = np.frombuffer(in_torch("scripted_model.py", program, crop, *told), np.float32).reshape(3, 32, 32, 32)
        said = run("adopt", program, "--licence", "Apache-2.0", "--crop", 32, "--attributes", "--json",
                   "-o", self.folder / "model")  # fmt: skip
        self.assertEqual(said.returncode, 0, said.stderr)
        own = own_answers(self.folder / "model", hu, clicks, self.folder)
        self.assertGreater(np.abs(theirs).max(), 0.5)
        self.assertGreater(np.abs(theirs[1] - theirs[0]).max(), 0.5, "each click changes the answer")
        np.testing.assert_allclose(own, theirs, rtol=0, atol=1e-4)

        trust = json.loads(said.stdout)["sha256"]
        scored = run("evaluate", "--quick", "--cases", 1, "--model", self.folder / "model", "--trust", trust, "--json")
        self.assertEqual(scored.returncode, 0, scored.stderr)
        self.assertGreater(json.loads(scored.stdout)["summary"]["protocols"]["jittered"]["lesions"], 0)

    def test_program_is_refused_by_its_digest(self):
        file = self.folder / "program.pt"
        file.write_bytes(b"not even a program")
        said = run("adopt", file, "--licence", "Apache-2.0", "--json", "-o", self.folder / "model")
        self.assertEqual(said.returncode, 0, said.stderr)
        digest = json.loads(said.stdout)["sha256"]
        refused = run("evaluate", "--quick", "--cases", 1, "--model", self.folder / "model")
        self.assertEqual(refused.returncode, 1)
        self.assertIn(digest, refused.stderr)
        opened = run("evaluate", "--quick", "--cases", 1, "--model", self.folder / "model", "--trust", digest)
        self.assertEqual(opened.returncode, 1)
        self.assertIn("cannot read TorchScript program", opened.stderr)


if __name__ == "__main__":
    unittest.main()
