#include "tests/support/packed_slice.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dcrlerp.h>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/part10.hpp"

namespace punctum::test {

Part10File packed(const TestSlice& slice) {
  DcmRLEEncoderRegistration::registerCodecs();
  const auto dataset = parse_part10(slice.bytes(), Extent::whole);
  const DcmRLERepresentationParameter lossless;
  check(dataset->chooseRepresentation(EXS_RLELossless, &lossless), "pack the pixels of a test image");
  auto file = to_part10(*dataset, EXS_RLELossless);
  DcmRLEEncoderRegistration::cleanup();
  return file;
}

}  // namespace punctum::test
