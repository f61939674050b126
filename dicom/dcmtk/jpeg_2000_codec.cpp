#include "dicom/dcmtk/jpeg_2000_codec.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dccodec.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcerror.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcstack.h>
#include <dcmtk/dcmdata/dcvrpobw.h>

#include <algorithm>
#include <exception>
#include <string>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/jpeg_2000.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr unsigned short undecodable = 0x500;  // among dcmdata's conditions, beyond its own

class NoParameters final : public DcmCodecParameter {
 public:
  DcmCodecParameter* clone() const override { return new NoParameters(*this); }
  const char* className() const override { return "punctum::NoParameters"; }
};

/// What the data set around the pixels says of them.
struct Frames {
  CodeStreamForm form;
  Sint32 count = 1;
  std::string photometric;

  bool is_transformed() const { return photometric == "YBR_RCT" || photometric == "YBR_ICT"; }
};

Frames frames_of(DcmItem& dataset) {
  const auto number = [&](const DcmTagKey& tag, double otherwise) { return read_number(dataset, tag).value_or(otherwise); };
  Frames frames;
  frames.form.rows = static_cast<std::size_t>(number(DCM_Rows, 0));
  frames.form.columns = static_cast<std::size_t>(number(DCM_Columns, 0));
  frames.form.samples_per_pixel = static_cast<std::size_t>(number(DCM_SamplesPerPixel, 1));
  frames.form.bits_allocated = static_cast<unsigned>(number(DCM_BitsAllocated, 16));
  frames.count = static_cast<Sint32>(std::max(1.0, number(DCM_NumberOfFrames, 1)));
  OFString photometric;
  dataset.findAndGetOFString(DCM_PhotometricInterpretation, photometric);
  frames.photometric = photometric.c_str();
  const auto& form = frames.form;
  const bool usable = form.rows > 0 && form.columns > 0 && (form.samples_per_pixel == 1 || form.samples_per_pixel == 3) &&
                      (form.bits_allocated == 8 || form.bits_allocated == 16);
  if (usable) return frames;
  throw DicomError("cannot decode JPEG 2000: found " + std::to_string(form.samples_per_pixel) + " samples of " +
                   std::to_string(form.bits_allocated) + " bits a pixel, expected 1 or 3 of 8 or 16");
}

/// The bytes of fragments [first, end) of a pixel sequence, whose item 0 is the offset table.
Bytes joined(DcmPixelSequence& sequence, Uint32 first, Uint32 end) {
  Bytes stream;
  for (Uint32 i = first; i < end; ++i) {
    DcmPixelItem* item = nullptr;
    check(sequence.getItem(item, i), "read fragment of Pixel Data");
    Uint8* octets = nullptr;
    check(item->getUint8Array(octets), "read fragment of Pixel Data");
    const auto* bytes = reinterpret_cast<const std::byte*>(octets);
    if (bytes != nullptr) stream.insert(stream.end(), bytes, bytes + item->getLength());
  }
  return stream;
}

/// Where a frame's fragments begin; beyond the last frame, the end of all.
Uint32 start_of(Uint32 frame, const Frames& frames, DcmPixelSequence& sequence) {
  if (frame >= static_cast<Uint32>(frames.count)) return static_cast<Uint32>(sequence.card());
  Uint32 start = 0;
  check(DcmCodec::determineStartFragment(frame, frames.count, &sequence, start), "find a frame in Pixel Data");
  return start;
}

void decode_one(Uint32 frame, const Frames& frames, DcmPixelSequence& sequence, std::span<std::byte> pixels) {
  const auto first = start_of(frame, frames, sequence), end = start_of(frame + 1, frames, sequence);
  decode_jpeg_2000(joined(sequence, first, end), frames.form, pixels);
}

/// DCMTK knows no exceptions.
template <class Work>
OFCondition as_condition(Work work) {
  try {
    work();
    return EC_Normal;
  } catch (const std::exception& error) {
    return OFCondition(OFM_dcmdata, undecodable, OF_error, error.what());
  }
}

class Jpeg2000Codec final : public DcmCodec {
 public:
  OFCondition decode(const DcmRepresentationParameter*, DcmPixelSequence* sequence, DcmPolymorphOBOW& unpacked,
                     const DcmCodecParameter*, const DcmStack& around, OFBool&) const override {
    DcmStack stack(around);
    stack.pop();  // the pixel data itself
    DcmObject* parent = stack.pop();
    if (parent == nullptr || (parent->ident() != EVR_dataset && parent->ident() != EVR_item)) return EC_InvalidTag;
    auto& dataset = *static_cast<DcmItem*>(parent);
    return as_condition([&] { unpack(*sequence, dataset, unpacked); });
  }

  OFCondition decodeFrame(const DcmRepresentationParameter*, DcmPixelSequence* sequence, const DcmCodecParameter*,
                          DcmItem* dataset, Uint32 frame, Uint32&, void* buffer, Uint32 size,
                          OFString& color_model) const override {
    return as_condition([&] {
      const auto frames = frames_of(*dataset);
      color_model = frames.is_transformed() ? "RGB" : frames.photometric.c_str();
      decode_one(frame, frames, *sequence, {static_cast<std::byte*>(buffer), size});
    });
  }

  OFCondition encode(const Uint16*, Uint32, const DcmRepresentationParameter*, DcmPixelSequence*&,
                     const DcmCodecParameter*, DcmStack&, OFBool&) const override {
    return EC_IllegalCall;
  }
  OFCondition encode(E_TransferSyntax, const DcmRepresentationParameter*, DcmPixelSequence*,
                     const DcmRepresentationParameter*, DcmPixelSequence*&, const DcmCodecParameter*, DcmStack&,
                     OFBool&) const override {
    return EC_IllegalCall;
  }

  OFBool canChangeCoding(E_TransferSyntax from, E_TransferSyntax to) const override {
    const bool ours = from == EXS_JPEG2000LosslessOnly || from == EXS_JPEG2000;
    return ours && !DcmXfer(to).usesEncapsulatedFormat();
  }

  OFCondition determineDecompressedColorModel(const DcmRepresentationParameter*, DcmPixelSequence*,
                                              const DcmCodecParameter*, DcmItem* dataset,
                                              OFString& color_model) const override {
    return as_condition([&] {
      const auto frames = frames_of(*dataset);
      color_model = frames.is_transformed() ? "RGB" : frames.photometric.c_str();
    });
  }

 private:
  static void unpack(DcmPixelSequence& sequence, DcmItem& dataset, DcmPolymorphOBOW& unpacked) {
    const auto frames = frames_of(dataset);
    const auto frame_bytes = frames.form.byte_count(), count = static_cast<std::size_t>(frames.count);
    Uint16* words = nullptr;
    check(unpacked.createUint16Array(static_cast<Uint32>((frame_bytes * count + 1) / 2), words), "make room for pixels");
    const std::span<std::byte> pixels(reinterpret_cast<std::byte*>(words), (frame_bytes * count + 1) / 2 * 2);
    pixels.back() = std::byte{0};
    for (std::size_t i = 0; i < count; ++i) {
      decode_one(static_cast<Uint32>(i), frames, sequence, pixels.subspan(i * frame_bytes, frame_bytes));
    }
    if (frames.is_transformed()) {
      check(dataset.putAndInsertString(DCM_PhotometricInterpretation, "RGB"), "say that colours are RGB");
    }
    if (frames.form.samples_per_pixel > 1) {
      check(dataset.putAndInsertUint16(DCM_PlanarConfiguration, 0), "say how colours lie");
    }
  }
};

const NoParameters no_parameters;
const Jpeg2000Codec codec;

}  // namespace

Jpeg2000Registration::Jpeg2000Registration() { DcmCodecList::registerCodec(&codec, nullptr, &no_parameters); }
Jpeg2000Registration::~Jpeg2000Registration() { DcmCodecList::deregisterCodec(&codec); }

}  // namespace punctum
