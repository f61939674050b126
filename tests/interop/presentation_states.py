"""Presentation states as foreign software writes them. Every writer takes (slice, column, row) clicks on one series."""

import datetime

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, GrayscaleSoftcopyPresentationStateStorage, generate_uid

FROM_THE_STUDY = ("SpecificCharacterSet", "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName",
                  "StudyDescription", "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID",
                  "StudyID", "BodyPartExamined")


def reference(image):
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    return item


def bare_state(images):
    """All that a presentation state needs but its graphics."""
    first = images[0]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = GrayscaleSoftcopyPresentationStateStorage
    meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = generate_uid(), ExplicitVRLittleEndian
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    for name in FROM_THE_STUDY:
        setattr(ds, name, first.get(name))
    now = datetime.datetime.now()
    ds.Modality, ds.SeriesInstanceUID, ds.SeriesNumber, ds.InstanceNumber = "PR", generate_uid(), "900", "1"
    ds.Manufacturer = "Interop"
    ds.ContentLabel, ds.ContentDescription, ds.ContentCreatorName = "CLICK", "", "Leser^Anna"
    ds.PresentationCreationDate, ds.PresentationCreationTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S.%f")
    series = Dataset()
    series.SeriesInstanceUID = first.SeriesInstanceUID
    series.ReferencedImageSequence = Sequence([reference(image) for image in images])
    ds.ReferencedSeriesSequence = Sequence([series])
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [1, 1], [first.Columns, first.Rows]
    area.PresentationSizeMode, area.PresentationPixelAspectRatio = "SCALE TO FIT", [1, 1]
    ds.DisplayedAreaSelectionSequence = Sequence([area])
    ds.PresentationLUTShape = "IDENTITY"
    return ds


def layer(name, order=1):
    item = Dataset()
    item.GraphicLayer, item.GraphicLayerOrder = name, order
    return item


def point(x, y):
    item = Dataset()
    item.GraphicAnnotationUnits, item.GraphicDimensions, item.NumberOfGraphicPoints = "PIXEL", 2, 1
    item.GraphicData, item.GraphicType = [float(x), float(y)], "POINT"
    return item


def annotation(layer_name, objects, image=None):
    item = Dataset()
    if image is not None:
        item.ReferencedImageSequence = Sequence([reference(image)])
    item.GraphicLayer, item.GraphicObjectSequence = layer_name, Sequence(objects)
    return item


def plain(clicks):
    """The least that a viewer can write: points, each on its image."""
    ds = bare_state([image for image, _, _ in clicks])
    ds.GraphicLayerSequence = Sequence([layer("POINTS")])
    ds.GraphicAnnotationSequence = Sequence([annotation("POINTS", [point(x, y)], image) for image, x, y in clicks])
    return ds


def rich(clicks, tracking_uid=None, negative=()):
    """Tracking pair, graphic group, a layer for negative clicks."""
    ds = bare_state([image for image, _, _ in (*clicks, *negative)])
    tracking_uid = tracking_uid or generate_uid()
    layers, items = [layer("LESION")], []
    for name, drawn in (("LESION", clicks), ("LESION_NEG", negative)):
        for image, x, y in drawn:
            mark = point(x, y)
            mark.TrackingID, mark.TrackingUID, mark.GraphicGroupID = "Knoten links", tracking_uid, 1
            items.append(annotation(name, [mark], image))
    if negative:
        layers.append(layer("LESION_NEG", 2))
    group = Dataset()
    group.GraphicGroupID, group.GraphicGroupLabel = 1, "Knoten links"
    ds.GraphicLayerSequence, ds.GraphicAnnotationSequence = Sequence(layers), Sequence(items)
    ds.GraphicGroupSequence = Sequence([group])
    return ds


def weasis_like(clicks):
    """As Weasis does: one image, named only at the top level, an empty text sequence, filled points, style, no maker."""
    (image, x, y), = clicks
    ds = bare_state([image])
    del ds.Manufacturer
    ds.SeriesNumber, ds.ContentLabel = "999", "GSPS"
    ds.ReferencedSeriesSequence[0].ReferencedImageSequence[0].ReferencedFrameNumber = 1
    mark = point(x, y)
    mark.GraphicFilled = "Y"
    style = Dataset()
    style.PatternOnColorCIELabValue, style.LineThickness = [54655, 41231, 35943], 1.0
    style.LineDashingStyle, style.PatternOnOpacity, style.ShadowStyle = "SOLID", 1.0, "OFF"
    mark.LineStyleSequence = Sequence([style])
    item = annotation("MEASURE", [mark])
    item.TextObjectSequence = Sequence([])
    ds.GraphicLayerSequence, ds.GraphicAnnotationSequence = Sequence([layer("MEASURE", 41)]), Sequence([item])
    return ds


def highdicom(clicks):
    """By highdicom's pr module."""
    name = hd.pr.GraphicLayer("LESION", order=1)
    annotations = [
        hd.pr.GraphicAnnotation([image], graphic_layer=name, graphic_objects=[
            hd.pr.GraphicObject(hd.pr.GraphicTypeValues.POINT, graphic_data=np.array([[x, y]]),
                                units=hd.pr.AnnotationUnitsValues.PIXEL)])
        for image, x, y in clicks]
    return hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[image for image, _, _ in clicks], series_instance_uid=generate_uid(), series_number=901,
        sop_instance_uid=generate_uid(), instance_number=1, manufacturer="Interop", manufacturer_model_name="highdicom",
        software_versions="1", device_serial_number="1", content_label="CLICK", content_creator_name="Leser^Anna",
        graphic_layers=[name], graphic_annotations=annotations)


