"""A segmentation as four foreign readers see it: {segment number: boolean array [z, y, x] on the grid of the CT}.

Every reader places its frames by what the object says (source image, position, its own affine), never by their order.
"""

import json
import pathlib

import highdicom as hd
import numpy as np
import pydicom

from clients import HERE, tool


def by_pydicom(path, slices):
    """pydicom for the tags, own unpacking of the bits; checks that source image and position name the same slice."""
    ds = pydicom.dcmread(path)
    size = ds.Rows * ds.Columns
    bits = np.unpackbits(np.frombuffer(ds.PixelData, np.uint8), bitorder="little")
    frames = bits[:size * int(ds.NumberOfFrames)].reshape(int(ds.NumberOfFrames), ds.Rows, ds.Columns).astype(bool)
    z_of = {str(image.SOPInstanceUID): z for z, image in enumerate(slices)}
    masks = empty_masks(ds, slices)
    for frame, groups in zip(frames, ds.PerFrameFunctionalGroupsSequence, strict=True):
        source = groups.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        z = z_of[source]
        position = groups.PlanePositionSequence[0].ImagePositionPatient
        if list(position) != list(slices[z].ImagePositionPatient):
            raise AssertionError(f"a frame lies at {position}, its source image at {slices[z].ImagePositionPatient}")
        masks[groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber][z] |= frame
    return masks


def by_pydicom_pixels(path, slices):
    """pydicom's own decoder must agree with ours."""
    ds = pydicom.dcmread(path)
    frames = ds.pixel_array.reshape(int(ds.NumberOfFrames), ds.Rows, ds.Columns).astype(bool)
    return place(ds, frames, slices)


def by_highdicom(path, slices):
    seg = hd.seg.segread(path)
    masks = {}
    for number in seg.segment_numbers:
        pixels = seg.get_pixels_by_source_instance([image.SOPInstanceUID for image in slices], segment_numbers=[number],
                                                   ignore_spatial_locations=True, assert_missing_frames_are_empty=True)
        masks[number] = pixels[..., 0].astype(bool)
    return masks


def by_highdicom_volume(path, slices):
    """highdicom's volume knows no source images: it places voxels by position and orientation alone."""
    seg = hd.seg.segread(path)
    masks = {}
    for number in seg.segment_numbers:
        volume = seg.get_volume(segment_numbers=[number], combine_segments=False)
        array = np.asarray(volume.array).reshape(volume.spatial_shape)
        points = np.argwhere(array > 0) @ volume.affine[:3, :3].T + volume.affine[:3, 3]
        masks[number] = from_points(points, slices)
    return masks


def by_node(script, path):
    """(file of voxels, what the script says about them)."""
    raw, said = (pathlib.Path(path).with_suffix(f".{script}.{kind}") for kind in ("raw", "json"))
    tool("node", HERE / script, path, raw, said)
    return raw, json.loads(said.read_text())


def by_dcmjs(path, slices):
    raw, said = by_node("read_seg_dcmjs.mjs", path)
    frames = np.fromfile(raw, np.uint8).reshape(len(said["frames"]), said["rows"], said["columns"]) > 0
    z_of = {str(image.SOPInstanceUID): z for z, image in enumerate(slices)}
    masks = {s["number"]: np.zeros((len(slices), said["rows"], said["columns"]), bool) for s in said["segments"]}
    for frame, groups in zip(frames, said["frames"], strict=True):
        masks[groups["segment"]][z_of[groups["source"]]] |= frame
    return masks


def by_itk(path, slices):
    raw, said = by_node("read_seg_itk.mjs", path)
    kind = {"uint8": np.uint8, "int8": np.int8, "uint16": np.uint16, "int16": np.int16}[said["componentType"]]
    labels = np.fromfile(raw, kind).reshape(said["size"][::-1])
    axes = np.array(said["direction"]).reshape(3, 3) * np.array(said["spacing"])  # columns are the axes
    masks = {}
    for number in np.unique(labels[labels > 0]):
        indices = np.argwhere(labels == number)[:, ::-1]
        masks[int(number)] = from_points(indices @ axes.T + np.array(said["origin"]), slices)
    return masks


READERS = {reader.__name__[3:].replace("_", " "): reader for reader in (
    by_pydicom, by_pydicom_pixels, by_highdicom, by_highdicom_volume, by_dcmjs, by_itk)}


def empty_masks(ds, slices):
    shape = (len(slices), slices[0].Rows, slices[0].Columns)
    return {int(item.SegmentNumber): np.zeros(shape, bool) for item in ds.SegmentSequence}


def place(ds, frames, slices):
    """Frames to slices by position alone."""
    positions = np.array([image.ImagePositionPatient for image in slices], float)
    masks = empty_masks(ds, slices)
    for frame, groups in zip(frames, ds.PerFrameFunctionalGroupsSequence, strict=True):
        position = np.array(groups.PlanePositionSequence[0].ImagePositionPatient, float)
        distance = np.linalg.norm(positions - position, axis=1)
        if distance.min() > 0.001:
            raise AssertionError(f"a frame lies at {position}, {distance.min():.3f} mm from the nearest slice")
        masks[groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber][distance.argmin()] |= frame
    return masks


def from_points(points, slices, tolerance=0.02):
    """Voxels by their centres in the patient (mm, LPS); each must lie on a voxel of the CT within `tolerance` voxels."""
    first, last = slices[0], slices[-1]
    origin = np.array(first.ImagePositionPatient, float)
    orientation = np.array(first.ImageOrientationPatient, float)
    step = (np.array(last.ImagePositionPatient, float) - origin) / (len(slices) - 1)
    axes = np.array([orientation[:3] * first.PixelSpacing[1], orientation[3:] * first.PixelSpacing[0], step])
    indices = (points - origin) @ np.linalg.inv(axes)
    rounded = np.rint(indices).astype(int)
    off = np.abs(indices - rounded).max(initial=0)
    if off > tolerance:
        raise AssertionError(f"voxels lie {off:.3f} voxels beside the grid of the CT")
    mask = np.zeros((len(slices), first.Rows, first.Columns), bool)
    mask[rounded[:, 2], rounded[:, 1], rounded[:, 0]] = True
    return mask
