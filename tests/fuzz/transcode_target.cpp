// A stored object on its way to a peer that takes nothing packed: every decoder, frames, fragments and nested images.
#include "dicom/dcmtk/transcode.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

void run(ByteView part10) {
  expecting_errors([&] { (void)transcoded(part10, transfer_syntax::implicit_vr_little_endian); });
}

const Registered target("transcode", run);

}  // namespace
}  // namespace punctum::fuzz
