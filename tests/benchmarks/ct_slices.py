"""CT slices for the benchmarks: 512 x 512, 16 bit, Explicit VR Little Endian, a header as a scanner writes it."""

import os
import random
import struct

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
LONG_LENGTH = {"OB", "OW", "SQ", "UN", "UT"}


def uid():
    return f"2.25.{random.getrandbits(128)}"


def element(group, number, vr, value):
    if isinstance(value, int):
        value = struct.pack("<H" if vr == "US" else "<h" if vr == "SS" else "<I", value)
    elif isinstance(value, str):
        value = value.encode()
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB") else b" "
    head = struct.pack("<HH2s", group, number, vr.encode())
    return head + (struct.pack("<HI", 0, len(value)) if vr in LONG_LENGTH else struct.pack("<H", len(value))) + value


def noise():
    """Twelve random bits per pixel: as hard to squeeze as a sharp kernel's lung."""
    pixels = bytearray(2 * 512 * 512)
    pixels[0::2] = os.urandom(512 * 512)
    pixels[1::2] = os.urandom(512 * 512).translate(bytes(value & 0x0F for value in range(256)))
    return bytes(pixels)


def slice_file(study, series, instance, number, pixels):
    """One slice as a Part 10 file."""
    meta = b"".join([
        element(0x0002, 0x0001, "OB", b"\0\1"),
        element(0x0002, 0x0002, "UI", CT_IMAGE_STORAGE),
        element(0x0002, 0x0003, "UI", instance),
        element(0x0002, 0x0010, "UI", EXPLICIT_LITTLE_ENDIAN),
        element(0x0002, 0x0012, "UI", "2.25.1"),
    ])
    body = b"".join([
        element(0x0008, 0x0005, "CS", "ISO_IR 100"),
        element(0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),
        element(0x0008, 0x0016, "UI", CT_IMAGE_STORAGE),
        element(0x0008, 0x0018, "UI", instance),
        element(0x0008, 0x0020, "DA", "20260102"),
        element(0x0008, 0x0021, "DA", "20260102"),
        element(0x0008, 0x0023, "DA", "20260102"),
        element(0x0008, 0x0030, "TM", "101500"),
        element(0x0008, 0x0031, "TM", "101600"),
        element(0x0008, 0x0033, "TM", "101600"),
        element(0x0008, 0x0050, "SH", "BENCH"),
        element(0x0008, 0x0060, "CS", "CT"),
        element(0x0008, 0x0070, "LO", "Punctum"),
        element(0x0008, 0x0090, "PN", "Nobody^Anna"),
        element(0x0008, 0x1030, "LO", "Chest with contrast"),
        element(0x0008, 0x103E, "LO", "Thorax 1.0"),
        element(0x0010, 0x0010, "PN", "Bench^Mark"),
        element(0x0010, 0x0020, "LO", "BENCH-" + study[-8:]),
        element(0x0010, 0x0030, "DA", "19600101"),
        element(0x0010, 0x0040, "CS", "O"),
        element(0x0018, 0x0015, "CS", "CHEST"),
        element(0x0018, 0x0050, "DS", "1"),
        element(0x0018, 0x0060, "DS", "120"),
        element(0x0018, 0x1151, "IS", "220"),
        element(0x0018, 0x1210, "SH", "B30f"),
        element(0x0018, 0x5100, "CS", "HFS"),
        element(0x0020, 0x000D, "UI", study),
        element(0x0020, 0x000E, "UI", series),
        element(0x0020, 0x0010, "SH", "1"),
        element(0x0020, 0x0011, "IS", "2"),
        element(0x0020, 0x0012, "IS", "1"),
        element(0x0020, 0x0013, "IS", str(number)),
        element(0x0020, 0x0032, "DS", f"-175\\-175\\{number - 100}"),
        element(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0"),
        element(0x0020, 0x0052, "UI", series + "1"),
        element(0x0020, 0x1040, "LO", ""),
        element(0x0028, 0x0002, "US", 1),
        element(0x0028, 0x0004, "CS", "MONOCHROME2"),
        element(0x0028, 0x0010, "US", 512),
        element(0x0028, 0x0011, "US", 512),
        element(0x0028, 0x0030, "DS", "0.683594\\0.683594"),
        element(0x0028, 0x0100, "US", 16),
        element(0x0028, 0x0101, "US", 16),
        element(0x0028, 0x0102, "US", 15),
        element(0x0028, 0x0103, "US", 1),
        element(0x0028, 0x1050, "DS", "40"),
        element(0x0028, 0x1051, "DS", "400"),
        element(0x0028, 0x1052, "DS", "-1024"),
        element(0x0028, 0x1053, "DS", "1"),
        element(0x7FE0, 0x0010, "OW", pixels),
    ])
    return b"\0" * 128 + b"DICM" + element(0x0002, 0x0000, "UL", len(meta)) + meta + body


def write_studies(folder, studies, slices):
    """`slices` files spread over `studies` folders of one series each; returns [(folder, study UID, series UID, count)]."""
    written = []
    for index in range(studies):
        study, series, count = uid(), uid(), slices // studies + (index < slices % studies)
        target = folder / f"study-{index}"
        target.mkdir(parents=True)
        for number in range(count):
            (target / f"{number:04}.dcm").write_bytes(slice_file(study, series, uid(), number, noise()))
        written.append((target, study, series, count))
    return written
