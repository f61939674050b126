"""DSC, HD95 and surface dice of the evaluation against SciPy, by the definitions that MONAI uses."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
from scipy.ndimage import binary_erosion, distance_transform_edt

from shared_masks import pairs

TOLERANCE_MM = 1.5


def surface(mask):
    """Voxels with a face towards outside; beyond the grid is outside."""
    return mask.astype(bool) & ~binary_erosion(mask, border_value=0)


def foreign_scores(spacing, truth, found):
    total = int(truth.sum()) + int(found.sum())
    if total == 0:
        return {"dsc": None, "hd95_mm": None, "nsd": None}
    dsc = 2 * int((truth & found).sum()) / total
    if not truth.any() or not found.any():
        return {"dsc": dsc, "hd95_mm": "inf", "nsd": 0.0}
    a, b = surface(truth), surface(found)
    there = distance_transform_edt(~b, sampling=spacing)[a]
    back = distance_transform_edt(~a, sampling=spacing)[b]
    near = int((there <= TOLERANCE_MM).sum()) + int((back <= TOLERANCE_MM).sum())
    return {
        "dsc": dsc,
        "hd95_mm": max(float(np.percentile(there, 95)), float(np.percentile(back, 95))),
        "nsd": near / (len(there) + len(back)),
    }


def own_scores(spacing, truth, found):
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder) / name for name in ("truth", "found")]
        for file, mask in zip(files, (truth, found)):
            file.write_bytes(np.ascontiguousarray(mask, np.uint8).tobytes())
        sizes = [str(n) for n in reversed(truth.shape)] + [str(mm) for mm in reversed(spacing)]
        program = os.environ["PUNCTUM_SCORE_MASKS"]
        answer = subprocess.run([program, *sizes, *map(str, files)], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)


class Metrics(unittest.TestCase):
    def test_agree_with_scipy_on_every_shared_pair(self):
        for name, (spacing, truth, found) in pairs().items():
            with self.subTest(name):
                foreign, own = foreign_scores(spacing, truth, found), own_scores(spacing, truth, found)
                for score, expected in foreign.items():
                    if isinstance(expected, float):
                        self.assertAlmostEqual(own[score], expected, delta=1e-4, msg=score)
                    else:
                        self.assertEqual(own[score], expected, msg=score)


if __name__ == "__main__":
    unittest.main()
