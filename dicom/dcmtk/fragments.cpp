#include "dicom/dcmtk/fragments.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>

#include <algorithm>

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

Bytes joined(std::span<const ByteView> fragments, std::size_t at_most) {
  Bytes stream;
  for (const auto& fragment : fragments) {
    const auto piece = fragment.first(std::min(fragment.size(), at_most - stream.size()));
    stream.insert(stream.end(), piece.begin(), piece.end());
  }
  return stream;
}

}  // namespace punctum
