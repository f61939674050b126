// A presentation state with clicks.
#include "dicom/gsps/gsps_reader.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

void run(ByteView part10) {
  expecting_errors([&] { (void)read_point_prompts(part10); });
}

const Registered target("gsps", run);

}  // namespace
}  // namespace punctum::fuzz
