#include "dicom/dcmtk/check.hpp"

#include <string>

#include "dicom/types/error.hpp"

namespace punctum {

void check(const OFCondition& condition, std::string_view doing) {
  if (condition.good()) return;
  throw DicomError("cannot " + std::string(doing) + ": " + condition.text());
}

}  // namespace punctum
