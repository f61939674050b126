#include "dicom/decoding/task.hpp"

#include "dicom/ct/pixel_decoder.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/dcmtk/transcode.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {

Bytes perform(Task task, ByteView file) {
  switch (task) {
    case Task::stored_pixels:
      return decode_pixels(file, read_pixel_form(*parse_part10(file, Extent::header)));
    case Task::explicit_vr_little_endian:
      return transcoded(file, transfer_syntax::explicit_vr_little_endian);
    case Task::implicit_vr_little_endian:
      return transcoded(file, transfer_syntax::implicit_vr_little_endian);
  }
  throw DicomError("cannot decode: there is no task " + std::to_string(static_cast<std::uint32_t>(task)));
}

}  // namespace punctum
