"""CT series made by pydicom: a ball of soft tissue in lung, on grids that readers and packers stumble over."""

import dataclasses
import pathlib

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid


@dataclasses.dataclass
class Grid:
    """The lattice of a series; axes are unit vectors in LPS, spacings mm."""

    columns: int = 128
    rows: int = 128
    slices: int = 28
    column_spacing: float = 1.5
    row_spacing: float = 1.5
    slice_spacing: float = 1.5
    along_row: tuple = (1.0, 0.0, 0.0)
    along_column: tuple = (0.0, 1.0, 0.0)
    origin: tuple = (-96.0, -96.0, -21.0)

    def affine_axes(self):
        normal = np.cross(self.along_row, self.along_column)
        return np.array([np.array(self.along_row) * self.column_spacing, np.array(self.along_column) * self.row_spacing,
                         normal * self.slice_spacing])

    def position(self, x, y, z):
        return np.array(self.origin) + np.array([x, y, z]) @ self.affine_axes()


GRIDS = {
    "512 x 512": Grid(columns=512, rows=512, slices=12, column_spacing=0.7, row_spacing=0.7, slice_spacing=2.5,
                      origin=(-179.0, -179.0, -15.0)),
    "333 x 333": Grid(columns=333, rows=333, slices=11, column_spacing=0.9, row_spacing=0.9, slice_spacing=2.0),
    "oblique": Grid(columns=130, rows=97, along_row=(0.8, 0.6, 0.0), along_column=(-0.48, 0.64, 0.6)),
    # Rows times columns is a multiple of 8 here: ITK-Wasm 7.6.4 still holds DCMTK's old unpacking, wrong for 101 x 143.
    "non-square pixels": Grid(columns=104, rows=143, column_spacing=1.7, row_spacing=1.1),
}


@dataclasses.dataclass
class Series:
    """What was written: data sets in order of position, their files, and where the ball's centre is."""

    grid: Grid
    folder: pathlib.Path
    slices: list
    centre: tuple  # (x, y, z) as voxel index

    @property
    def study(self):
        return str(self.slices[0].StudyInstanceUID)

    def clicked(self, dx=0.0, dy=0.0):
        """(slice, column, row) of a click on the ball's centre: corner-based, so its voxel's middle is + 0.5."""
        x, y, z = self.centre
        return self.slices[z], x + 0.5 + dx, y + 0.5 + dy


def ball_in_lung(grid, radius_mm=11.0):
    """HU on the grid [z, y, x], and the index of the ball's centre."""
    centre = (grid.columns // 2 + 3, grid.rows // 2 - 5, grid.slices // 2)
    z, y, x = np.ogrid[:grid.slices, :grid.rows, :grid.columns]
    # Orthogonal axes: a distance in the patient is one in scaled indices.
    distance = np.sqrt(((x - centre[0]) * grid.column_spacing) ** 2 + ((y - centre[1]) * grid.row_spacing) ** 2
                       + ((z - centre[2]) * grid.slice_spacing) ** 2)
    noise = np.random.default_rng(7).normal(0, 12, distance.shape)
    return np.where(distance < radius_mm, 40.0, -820.0) + noise, centre


def write_series(folder, grid, patient="INTEROP-1"):
    """One CT file per slice in `folder`; the order of the file names is not the order of the slices."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    hu, centre = ball_in_lung(grid)
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    slices = []
    for z in range(grid.slices):
        name = (z * 5) % grid.slices if grid.slices % 5 else z
        ds = slice_dataset(grid, hu[z], z, study, series, frame, patient)
        ds.save_as(folder / f"image-{name:03}.dcm", enforce_file_format=True)
        slices.append(ds)
    return Series(grid, folder, slices, centre)


def slice_dataset(grid, hu, z, study, series, frame, patient):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = "20260301"
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = "101500"
    ds.AccessionNumber = "A1"
    ds.Modality, ds.Manufacturer = "CT", "Interop"
    ds.ReferringPhysicianName = "Zuweiser^Änne"
    ds.StudyDescription, ds.SeriesDescription = "Thorax", "ball in lung"
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "Größe^Jörg", patient, "19600101", "O"
    ds.BodyPartExamined, ds.KVP, ds.SliceThickness = "CHEST", "120", f"{grid.slice_spacing:g}"
    ds.PatientPosition = "HFS"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, frame
    ds.StudyID, ds.SeriesNumber, ds.AcquisitionNumber, ds.InstanceNumber = "1", "2", "1", str(z + 1)
    ds.ImagePositionPatient = [f"{v:.6f}".rstrip("0").rstrip(".") for v in grid.position(0, 0, z)]
    ds.ImageOrientationPatient = [f"{v:g}" for v in (*grid.along_row, *grid.along_column)]
    ds.PositionReferenceIndicator = ""
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = grid.rows, grid.columns
    ds.PixelSpacing = [f"{grid.row_spacing:g}", f"{grid.column_spacing:g}"]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "-1024", "1", "HU"
    ds.PixelData = np.rint(hu + 1024).astype("<i2").tobytes()
    return ds
