"""Objects without pixels, quick to make and to send: what queries and promises need."""

import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ComprehensiveSRStorage, CTImageStorage, ExplicitVRLittleEndian, generate_uid


def instance(sop_class=CTImageStorage, transfer_syntax=ExplicitVRLittleEndian, **attributes):
    """A data set with identifiers of its own; keywords set or replace attributes."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = sop_class, transfer_syntax
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128, is_implicit_VR=transfer_syntax.is_implicit_VR)
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.PatientID, ds.PatientName = "Q-1", "Doe^Jane"
    ds.Modality = "SR" if sop_class == ComprehensiveSRStorage else "CT"
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber = "20240131", "103000", ""
    for name, value in attributes.items():
        setattr(ds, name, value)
    meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    return ds


def item(**attributes):
    ds = pydicom.Dataset()
    for name, value in attributes.items():
        setattr(ds, name, value)
    return ds
