#include "node/ingest/same_content.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcvrobow.h>
#include <dcmtk/dcmdata/dcxfer.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

/// A file taken apart: its pixels, and everything else.
struct Opened {
  explicit Opened(ByteView bytes) : file(bytes), dataset(parse_part10(bytes, Extent::whole)) {
    syntax = DcmXfer(locate_dataset(bytes).transfer_syntax_uid.str().c_str());
    DcmElement* found = nullptr;
    if (dataset->findAndGetElement(DCM_PixelData, found).good()) pixels = dynamic_cast<DcmPixelData*>(found);
  }
  ByteView file;
  std::unique_ptr<DcmDataset> dataset;
  DcmXfer syntax{EXS_Unknown};
  DcmPixelData* pixels = nullptr;
};

/// All elements but the pixels in one fixed encoding: without value representations, which an implicit transfer syntax
/// cannot name for private elements, with explicit lengths, without group lengths and padding. Takes the pixels out.
Bytes canonical(Opened& opened) {
  const std::unique_ptr<DcmElement> pixels(opened.dataset->remove(DCM_PixelData));
  opened.pixels = nullptr;
  const auto size = opened.dataset->calcElementLength(EXS_LittleEndianImplicit, EET_ExplicitLength);
  Bytes bytes(size + 1024);
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  opened.dataset->transferInit();
  const auto written = opened.dataset->write(stream, EXS_LittleEndianImplicit, EET_ExplicitLength, nullptr,
                                             EGL_withoutGL, EPD_withoutPadding);
  opened.dataset->transferEnd();
  if (written.bad()) throw DicomError("cannot compare: a data set cannot be written");
  void* begin = nullptr;
  offile_off_t length = 0;
  stream.flushBuffer(begin, length);
  bytes.resize(static_cast<std::size_t>(length));
  return bytes;
}

std::vector<ByteView> fragments(DcmPixelData& pixels, E_TransferSyntax syntax) {
  DcmPixelSequence* sequence = nullptr;
  if (pixels.getEncapsulatedRepresentation(syntax, nullptr, sequence).bad() || sequence == nullptr) return {};
  std::vector<ByteView> out;
  for (unsigned long i = 1; i < sequence->card(); ++i) {  // the first is the offset table
    DcmPixelItem* item = nullptr;
    Uint8* bytes = nullptr;
    if (sequence->getItem(item, i).bad() || item->getUint8Array(bytes).bad()) return {};
    out.push_back(std::as_bytes(std::span(bytes, item->getLength())));
  }
  return out;
}

bool same_fragments(Opened& one, Opened& other) {
  if (one.syntax.getXfer() != other.syntax.getXfer()) return false;
  const auto a = fragments(*one.pixels, one.syntax.getXfer()), b = fragments(*other.pixels, other.syntax.getXfer());
  return !a.empty() && std::ranges::equal(a, b, [](ByteView x, ByteView y) { return std::ranges::equal(x, y); });
}

bool same_native(Opened& one, Opened& other) {
  if (one.pixels->getLength() != other.pixels->getLength()) return false;
  Uint16 *a = nullptr, *b = nullptr;
  const auto words = one.pixels->getLength() / 2;
  if (one.pixels->getUint16Array(a).bad() || other.pixels->getUint16Array(b).bad()) return false;
  return std::equal(a, a + words, b);
}

bool is_lossless(const DcmXfer& syntax) { return !syntax.isPixelDataLossyCompressed(); }

bool same_decoded(Opened& one, Opened& other, const PixelDecoder& decode) {
  if (!is_lossless(one.syntax) || !is_lossless(other.syntax)) return false;
  const auto form = read_pixel_form(*one.dataset);  // the rest of the data sets is the same, so this is too
  const auto a = stored_pixels(one.file, *one.dataset, form, decode);
  const auto b = stored_pixels(other.file, *other.dataset, form, decode);
  return std::ranges::equal(a.bytes, b.bytes);
}

bool same_pixels(ByteView one_file, ByteView other_file, const PixelDecoder& decode) {
  Opened one(one_file), other(other_file);
  if (one.pixels == nullptr || other.pixels == nullptr) return one.pixels == other.pixels;
  const bool native = !one.syntax.isPixelDataCompressed() && !other.syntax.isPixelDataCompressed();
  if (native) return same_native(one, other);
  return same_fragments(one, other) || same_decoded(one, other, decode);
}

}  // namespace

bool same_content(ByteView one, ByteView other, const PixelDecoder& decode) try {
  {
    Opened a(one), b(other);
    if ((a.pixels == nullptr) != (b.pixels == nullptr)) return false;
    if (canonical(a) != canonical(b)) return false;
  }
  return same_pixels(one, other, decode);
} catch (const Error&) {
  return false;
}

}  // namespace punctum
