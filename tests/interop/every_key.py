"""One object that carries every attribute of the key table in dicom/CONFORMANCE.md, 3.4, and how each is asked."""

from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid

from small_objects import instance, item

STUDY, SERIES, IMAGE, FRAME = (generate_uid() for _ in range(4))
OTHER = generate_uid()

# (keyword, stored value, a key that matches beside the value itself, a key that does not)
KEYS = {
    "PATIENT": [
        ("PatientName", "Every^Key=山田^太郎", "every*", "Every^Kex"),
        ("PatientID", "EVERY-1", "EVERY?1", "EVERY-2"),
        ("IssuerOfPatientID", "Hospital", "Hosp*", "hospital"),
        ("PatientBirthDate", "19600203", "19600101-19601231", "19600204-"),
        ("PatientBirthTime", "0610", "06-07", "-0609"),
        ("PatientSex", "F", "?", "M"),
    ],
    "STUDY": [
        ("StudyDate", "20240131", "20240101-", "-20240130"),
        ("StudyTime", "103000", "1030", "1031-"),
        ("AccessionNumber", "ACC-7", "*-7", "ACC-?7"),
        ("ReferringPhysicianName", "Zuweiser^Änne", "ZUWEISER*", "Zuweiserin^Änne"),
        ("StudyDescription", "Thorax", "T*x", "Thora"),
        ("PatientAge", "063Y", "06?Y", "064Y"),
        ("PatientSize", "1.71", None, "1.72"),
        ("PatientWeight", "64.5", None, "65"),
        ("StudyInstanceUID", STUDY, [OTHER, STUDY], OTHER),
        ("StudyID", "S1", "S?", "S2"),
    ],
    "SERIES": [
        ("SeriesDate", "20240201", "20240201-20240202", "20240131"),
        ("SeriesTime", "110000", "-1100", "1101-"),
        ("Modality", "CT", "C*", "MR"),
        ("Manufacturer", "Maker", "M?ker", "Mak"),
        ("InstitutionName", "Clinic", "*inic", "Hospital"),
        ("StationName", "CT1", "CT?", "CT2"),
        ("SeriesDescription", "lung", "l*", "Lung"),
        ("ManufacturerModelName", "Model 9", "Model*", "Model 8"),
        ("BodyPartExamined", "CHEST", "CHES?", "HEAD"),
        ("ProtocolName", "1.1 Thorax", "1.?*", "1.2*"),
        ("SeriesInstanceUID", SERIES, [SERIES, OTHER], OTHER),
        ("SeriesNumber", 2, None, 3),
        ("FrameOfReferenceUID", FRAME, [FRAME, OTHER], OTHER),
        ("Laterality", "R", "?", "L"),
        ("PerformedProcedureStepStartDate", "20240130", "-20240130", "20240131-"),
        ("PerformedProcedureStepStartTime", "095959", "0959-1000", "10-"),
    ],
    "IMAGE": [
        ("InstanceCreationDate", "20240202", "20240202-", "-20240201"),
        ("InstanceCreationTime", "120000", "12-13", "1201-"),
        ("SOPClassUID", CTImageStorage, [CTImageStorage, MRImageStorage], MRImageStorage),
        ("SOPInstanceUID", IMAGE, [OTHER, IMAGE], OTHER),
        ("AcquisitionDate", "20240203", "20240203-20240204", "20240204-"),
        ("ContentDate", "20240204", "-20240204", "-20240203"),
        ("AcquisitionTime", "130000", "1300", "1400"),
        ("ContentTime", "140000.5", "14-1401", "1401-"),
        ("AcquisitionNumber", 4, None, 5),
        ("InstanceNumber", 17, None, 1),
        ("NumberOfFrames", 3, None, 1),
        ("Rows", 512, None, 256),
        ("Columns", 333, None, 512),
        ("BitsAllocated", 16, None, 8),
        ("CompletionFlag", "COMPLETE", "COMP*", "PARTIAL"),
        ("VerificationFlag", "UNVERIFIED", "UN*", "VERIFIED"),
        ("ContentLabel", "LABEL_1", "LABEL_?", "LABEL_2"),
        ("ContentDescription", "Click", "C*k", "click"),
        ("PresentationCreationDate", "20240205", "20240205-", "20240206-"),
        ("PresentationCreationTime", "150000", "-15", "-1459"),
        ("ContentCreatorName", "Reader^Ann", "reader^a*", "Reader^Bob"),
    ],
}

CODE = [("CodeValue", "169069000", "16906*", "1"), ("CodingSchemeDesignator", "SCT", "SC?", "DCM"),
        ("CodingSchemeVersion", "2024", "20*", "2023"), ("CodeMeaning", "CT of chest", "CT*", "CT")]
REQUEST = [("AccessionNumber", "ACC-7", "ACC*", "ACC"), ("StudyInstanceUID", STUDY, [STUDY, OTHER], OTHER),
           ("RequestedProcedureDescription", "staging", "st*", "Staging"),
           ("ScheduledProcedureStepDescription", "scan", "sc?n", "scam"),
           ("ScheduledProcedureStepID", "SPS1", "SPS?", "SPS2"), ("RequestedProcedureID", "RP1", "*1", "RP")]
SEQUENCES = [("STUDY", "ProcedureCodeSequence", CODE), ("SERIES", "RequestAttributesSequence", REQUEST),
             ("IMAGE", "ConceptNameCodeSequence", CODE)]

# What a level knows of what is below; (keyword, value, a key that does not match or None: returned only)
COMPUTED = {
    "PATIENT": [("NumberOfPatientRelatedStudies", 1, None), ("NumberOfPatientRelatedSeries", 1, None),
                ("NumberOfPatientRelatedInstances", 1, None)],
    "STUDY": [("NumberOfStudyRelatedSeries", 1, None), ("NumberOfStudyRelatedInstances", 1, None),
              ("ModalitiesInStudy", "CT", "MR"), ("SOPClassesInStudy", CTImageStorage, MRImageStorage)],
    "SERIES": [("NumberOfSeriesRelatedInstances", 1, None)],
    "IMAGE": [("AvailableTransferSyntaxUID", ExplicitVRLittleEndian, None)],
}


def the_object():
    attributes = {keyword: value for rows in KEYS.values() for keyword, value, *_ in rows}
    sequences = {keyword: [item(**{name: value for name, value, *_ in inner})] for _, keyword, inner in SEQUENCES}
    return instance(SpecificCharacterSet="ISO_IR 192", **attributes, **sequences)
