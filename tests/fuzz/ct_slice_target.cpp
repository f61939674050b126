// A CT image: header, plan of a volume, pixels in any transfer syntax.
#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/ct/volume_assembler.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

void run(ByteView part10) {
  expecting_errors([&] {
    const auto header = read_ct_slice_header(part10);
    (void)plan_volume({header, header}, {});
  });
  expecting_errors([&] { (void)read_hounsfield(part10); });
}

const Registered target("ct_slice", run);

}  // namespace
}  // namespace punctum::fuzz
