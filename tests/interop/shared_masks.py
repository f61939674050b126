"""Pairs of masks that every implementation of a surface distance should measure alike. Arrays are (z, y, x)."""

import numpy as np


def block(shape, first, size):
    mask = np.zeros(shape, np.uint8)
    mask[tuple(slice(f, f + s) for f, s in zip(first, size))] = 1
    return mask


def ball(shape, centre, radius_mm, spacing):
    at = np.meshgrid(*[np.arange(n) for n in shape], indexing="ij")
    squared = sum(((a - c) * s) ** 2 for a, c, s in zip(at, centre, spacing))
    return (squared < radius_mm**2).astype(np.uint8)


def blob(shape, seed):
    """Rough and in several parts, as networks make them."""
    noise = np.random.default_rng(seed).normal(size=shape)
    for axis in range(3):
        for _ in range(3):
            noise = noise + np.roll(noise, 1, axis) + np.roll(noise, -1, axis)
    return (noise > np.quantile(noise, 0.9)).astype(np.uint8)


def pairs():
    """Name -> (spacing in mm (z, y, x), truth, found)."""
    thick, even = (3.0, 0.7, 0.9), (1.0, 1.0, 1.0)
    shape = (20, 40, 44)
    cube = block(shape, (5, 10, 10), (6, 12, 12))
    made = {"equal cubes": (thick, cube, cube)}
    for axis, name in enumerate(("slices", "rows", "columns")):
        made[f"cubes shifted by 3 {name}, anisotropic"] = (thick, cube, np.roll(cube, 3, axis))
    made |= {
        "nested balls": (even, ball((40, 40, 40), (20, 20, 20), 14, even), ball((40, 40, 40), (20, 20, 20), 9, even)),
        "nested balls, anisotropic": (thick, ball(shape, (10, 20, 22), 12, thick), ball(shape, (10, 20, 22), 7, thick)),
        "balls apart": (thick, ball(shape, (5, 10, 10), 6, thick), ball(shape, (14, 28, 30), 5, thick)),
        "single voxel and cube": (thick, block(shape, (3, 3, 3), (1, 1, 1)), cube),
        "two single voxels": (thick, block(shape, (0, 0, 0), (1, 1, 1)), block(shape, (19, 39, 43), (1, 1, 1))),
        "touching the border": (thick, block(shape, (0, 0, 0), (8, 15, 15)), block(shape, (0, 0, 0), (6, 18, 12))),
        "filling the grid": (thick, np.ones(shape, np.uint8), cube),
        "hollow and solid": (even, ball((40, 40, 40), (20, 20, 20), 14, even)
                             - ball((40, 40, 40), (20, 20, 20), 8, even), ball((40, 40, 40), (20, 20, 20), 14, even)),
        "truth empty": (thick, np.zeros(shape, np.uint8), cube),
        "answer empty": (thick, cube, np.zeros(shape, np.uint8)),
        "both empty": (thick, np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)),
    }
    for seed in range(3):
        made[f"rough blobs {seed}"] = (thick, blob(shape, seed), blob(shape, seed + 10))
    return made
