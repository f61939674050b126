// A presentation state written by dcmjs: node dcmjs_gsps.mjs CT_FILE COLUMN ROW OUT
import fs from "node:fs";
import dcmjs from "dcmjs";

const { DicomDict, DicomMessage, DicomMetaDictionary } = dcmjs.data;
const [ctFile, column, row, out] = process.argv.slice(2);
const softcopy = "1.2.840.10008.5.1.4.1.1.11.1";

const file = fs.readFileSync(ctFile);
const ct = DicomMetaDictionary.naturalizeDataset(
  DicomMessage.readFile(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)).dict);
const image = { ReferencedSOPClassUID: ct.SOPClassUID, ReferencedSOPInstanceUID: ct.SOPInstanceUID };
const now = new Date().toISOString().replace(/[-:T]/g, "");

const copied = ["SpecificCharacterSet", "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "PatientName",
  "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyID", "StudyDescription", "BodyPartExamined"];
const state = {
  ...Object.fromEntries(copied.map((name) => [name, ct[name]])),
  SOPClassUID: softcopy,
  SOPInstanceUID: DicomMetaDictionary.uid(),
  Modality: "PR",
  SeriesInstanceUID: DicomMetaDictionary.uid(),
  SeriesNumber: 902,
  InstanceNumber: 1,
  Manufacturer: "dcmjs",
  ContentLabel: "CLICK",
  ContentDescription: "",
  ContentCreatorName: "Leser^Anna",
  PresentationCreationDate: now.slice(0, 8),
  PresentationCreationTime: now.slice(8, 14),
  ReferencedSeriesSequence: [{ SeriesInstanceUID: ct.SeriesInstanceUID, ReferencedImageSequence: [image] }],
  DisplayedAreaSelectionSequence: [{
    DisplayedAreaTopLeftHandCorner: [1, 1],
    DisplayedAreaBottomRightHandCorner: [ct.Columns, ct.Rows],
    PresentationSizeMode: "SCALE TO FIT",
    PresentationPixelAspectRatio: [1, 1],
  }],
  GraphicLayerSequence: [{ GraphicLayer: "LESION", GraphicLayerOrder: 1 }],
  GraphicAnnotationSequence: [{
    ReferencedImageSequence: [image],
    GraphicLayer: "LESION",
    GraphicObjectSequence: [{
      GraphicAnnotationUnits: "PIXEL",
      GraphicDimensions: 2,
      NumberOfGraphicPoints: 1,
      GraphicData: [Number(column), Number(row)],
      GraphicType: "POINT",
    }],
  }],
  PresentationLUTShape: "IDENTITY",
};

const dict = new DicomDict({
  "00020002": { vr: "UI", Value: [softcopy] },
  "00020003": { vr: "UI", Value: [state.SOPInstanceUID] },
  "00020010": { vr: "UI", Value: ["1.2.840.10008.1.2.1"] },
  "00020012": { vr: "UI", Value: ["2.25.2"] },
});
dict.dict = DicomMetaDictionary.denaturalizeDataset(state);
fs.writeFileSync(out, Buffer.from(dict.write()));
