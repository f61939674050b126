#pragma once

#include "dicom/types/bytes.hpp"
#include "dicom/types/sop_instance.hpp"

namespace punctum {

/// A complete DICOM file in memory (PS3.10 7: preamble, prefix, file meta information, data set) with its name.
struct Part10File {
  SopInstance name;
  Uid transfer_syntax_uid;
  Bytes bytes;
};

}  // namespace punctum
