// A segmentation as ITK-Wasm (dcmqi) reads it: node read_seg_itk.mjs SEG RAW JSON
// RAW receives the label image, x fastest; JSON one object with its geometry and segments.
import fs from "node:fs";
import { readSegmentationNode } from "@itk-wasm/dicom";

const [segFile, rawFile, jsonFile] = process.argv.slice(2);
const { segImage, metaInfo } = await readSegmentationNode(segFile);
const { data } = segImage;
fs.writeFileSync(rawFile, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
fs.writeFileSync(jsonFile, JSON.stringify({
  size: segImage.size,
  origin: segImage.origin,
  spacing: segImage.spacing,
  direction: Array.from(segImage.direction),
  componentType: segImage.imageType.componentType,
  metaInfo,
}));
