#pragma once

#include "inference/datasets/lesion_case.hpp"

namespace punctum {

/// How datasets/ reads DICOM: the one CT series of a folder (other objects beside it are passed over), a region of an
/// RT Structure Set, a segment of a Segmentation. Needs a DcmtkRuntime while they are used. Each throws StorageError,
/// DicomError, GeometryError or Refusal, with the file's path.
DicomReaders dicom_readers();

}  // namespace punctum
