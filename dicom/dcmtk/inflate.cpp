#include "dicom/dcmtk/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::size_t step = 1 << 16;

struct InflateEnd {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

}  // namespace

Inflated inflate_dataset(ByteView deflated, std::size_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw DicomError("cannot inflate data set: no decoder");
  const std::unique_ptr<z_stream, InflateEnd> ending(&stream);
  Inflated out;
  int state = Z_OK;
  while (state == Z_OK && out.bytes.size() <= limit) {
    if (stream.avail_in == 0) {
      const auto next = std::min<std::size_t>(deflated.size(), std::numeric_limits<uInt>::max());
      stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(deflated.data()));
      stream.avail_in = static_cast<uInt>(next);
      deflated = deflated.subspan(next);
    }
    const auto start = out.bytes.size();
    out.bytes.resize(start + step);
    stream.next_out = reinterpret_cast<Bytef*>(out.bytes.data() + start);
    stream.avail_out = step;
    state = inflate(&stream, Z_NO_FLUSH);
    out.bytes.resize(out.bytes.size() - stream.avail_out);
  }
  if (out.bytes.size() > limit) {
    throw DicomError("cannot inflate data set: more than " + std::to_string(limit) + " bytes after decompression");
  }
  if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
    throw DicomError("cannot inflate data set: damaged after " + std::to_string(out.bytes.size()) + " inflated bytes");
  }
  out.complete = state == Z_STREAM_END;
  return out;
}

}  // namespace punctum
