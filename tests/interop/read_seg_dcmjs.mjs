// A segmentation as dcmjs reads it: node read_seg_dcmjs.mjs SEG RAW JSON
// RAW receives one byte a pixel, frame after frame; JSON one object that says what the frames are.
import fs from "node:fs";
import dcmjs from "dcmjs";

const { BitArray, DicomMessage, DicomMetaDictionary } = dcmjs.data;
const [segFile, rawFile, jsonFile] = process.argv.slice(2);

const file = fs.readFileSync(segFile);
const seg = DicomMetaDictionary.naturalizeDataset(
  DicomMessage.readFile(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)).dict);
const list = (value) => (Array.isArray(value) ? value : [value]);
const only = (value) => list(value)[0];

const packed = new Uint8Array(only(seg.PixelData));
const size = seg.Rows * seg.Columns * seg.NumberOfFrames;
fs.writeFileSync(rawFile, BitArray.unpack(packed).slice(0, size));
fs.writeFileSync(jsonFile, JSON.stringify({
  rows: seg.Rows,
  columns: seg.Columns,
  segments: list(seg.SegmentSequence).map((segment) => ({ number: segment.SegmentNumber, label: segment.SegmentLabel })),
  frames: list(seg.PerFrameFunctionalGroupsSequence).map((groups) => ({
    segment: only(groups.SegmentIdentificationSequence).ReferencedSegmentNumber,
    source: only(only(groups.DerivationImageSequence).SourceImageSequence).ReferencedSOPInstanceUID,
  })),
}));
