"""Foreign readers give back, voxel for voxel and in the same place, a mask that the node's writer was given."""

import os
import pathlib
import tempfile
import unittest

import numpy as np

from clients import tool
from ct_series import GRIDS, write_series
from seg_readers import READERS

WRITER = os.environ.get("PUNCTUM_WRITE_KNOWN_SEG", "write_known_seg")


def labels(grid):
    """A pattern without symmetry in two segments: it reaches the first and the last voxel, skips whole slices, and any
    shift, flip or lost bit shows. No slice holds both: ITK-Wasm's reader refuses that, overlapping or not."""
    z, y, x = np.ogrid[:grid.slices, :grid.rows, :grid.columns]
    pattern = ((3 * x + 5 * y + 7 * z + x * y // 11) % 4 == 0) & (z % 3 != 1)
    image = pattern.astype(np.uint8)
    image[[4, 7], 10:31, 20:47] = 2
    image[0, 0, 0] = image[-1, -1, -1] = 1
    return image


class KnownSegmentation(unittest.TestCase):
    def test_every_reader_sees_the_mask_on_every_grid(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            for name, grid in GRIDS.items():
                with self.subTest(grid=name):
                    series = write_series(folder / name.replace(" ", "-"), grid)
                    truth = labels(grid)
                    truth.tofile(folder / "labels.raw")
                    seg = series.folder.with_suffix(".dcm")
                    tool(WRITER, series.folder, folder / "labels.raw", seg)
                    for reader, read in READERS.items():
                        with self.subTest(grid=name, reader=reader):
                            self.assert_same(read(seg, series.slices), truth)

    def assert_same(self, masks, truth):
        self.assertEqual(sorted(masks), [1, 2])
        for number, mask in masks.items():
            wrong = int((mask != (truth == number)).sum())
            self.assertEqual(wrong, 0, f"{wrong} of {truth.size} voxels differ in segment {number}")


if __name__ == "__main__":
    unittest.main()
