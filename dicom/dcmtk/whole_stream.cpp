#include "dicom/dcmtk/whole_stream.hpp"

#include <algorithm>
#include <limits>

namespace punctum {
namespace {

/// Never asked for its stream: the element that holds it has failed.
class NothingLeft final : public DcmInputStreamFactory {
 public:
  DcmInputStream* create() const override { return nullptr; }
  DcmInputStreamFactory* clone() const override { return new NothingLeft; }
  DcmInputStreamFactoryType ident() const override { return DFT_DcmInputFileStreamFactory; }
};

}  // namespace

WholeStream::WholeStream(ByteView bytes)
    : longest_value_(static_cast<Uint32>(std::min<std::size_t>(bytes.size(), std::numeric_limits<Uint32>::max() - 1))) {
  setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  setEos();
}

DcmInputStreamFactory* WholeStream::newFactory() const { return new NothingLeft; }

}  // namespace punctum
