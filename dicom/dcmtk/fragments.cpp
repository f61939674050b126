#include "dicom/dcmtk/fragments.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>

#include "dicom/dcmtk/check.hpp"

namespace punctum {

std::vector<ByteView> fragments_in(DcmPixelSequence& sequence) {
  std::vector<ByteView> fragments;
  for (DcmObject* item = sequence.nextInContainer(nullptr); item != nullptr; item = sequence.nextInContainer(item)) {
    Uint8* octets = nullptr;
    auto& fragment = *static_cast<DcmPixelItem*>(item);
    check(fragment.getUint8Array(octets), "read fragment of Pixel Data");
    fragments.emplace_back(reinterpret_cast<const std::byte*>(octets), octets == nullptr ? 0 : fragment.getLength());
  }
  if (!fragments.empty()) fragments.erase(fragments.begin());
  return fragments;
}

}  // namespace punctum
