#include "dicom/dcmtk/jpeg_2000_codec.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dccodec.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcerror.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcstack.h>
#include <dcmtk/dcmdata/dcvrpobw.h>
#include <dcmtk/dcmdata/dcxfer.h>

#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/fragments.hpp"
#include "dicom/dcmtk/jpeg_2000.hpp"
#include "dicom/dcmtk/transcode.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::uint32_t most_of_16_bits = 65535, most_frames = 1U << 30;
constexpr unsigned short undecodable = 0x500;  // among dcmdata's conditions, beyond its own

class NoParameters final : public DcmCodecParameter {
 public:
  DcmCodecParameter* clone() const override { return new NoParameters(*this); }
  const char* className() const override { return "punctum::NoParameters"; }
};

/// What the data set around the pixels says of them.
struct Frames {
  CodeStreamForm form;
  std::uint32_t count = 1;
  std::string photometric;

  /// What the colours are called once they are unpacked.
  std::string unpacked_photometric() const {
    return photometric == "YBR_RCT" || photometric == "YBR_ICT" ? "RGB" : photometric;
  }
  std::uint64_t byte_count() const { return std::uint64_t{form.byte_count()} * count; }
};

Frames frames_of(DcmItem& dataset) {
  Frames frames;
  frames.form.rows = require_count(dataset, DCM_Rows, {}, most_of_16_bits);
  frames.form.columns = require_count(dataset, DCM_Columns, {}, most_of_16_bits);
  frames.form.samples_per_pixel = require_count(dataset, DCM_SamplesPerPixel, 1, most_of_16_bits);
  frames.form.bits_allocated = require_count(dataset, DCM_BitsAllocated, {}, most_of_16_bits);
  frames.count = require_count(dataset, DCM_NumberOfFrames, 1, most_frames);
  OFString photometric;
  dataset.findAndGetOFString(DCM_PhotometricInterpretation, photometric);
  frames.photometric = photometric.c_str();
  const auto& form = frames.form;
  const bool usable = (form.samples_per_pixel == 1 || form.samples_per_pixel == 3) &&
                      (form.bits_allocated == 8 || form.bits_allocated == 16);
  if (!usable) {
    throw DicomError("cannot decode JPEG 2000: found " + std::to_string(form.samples_per_pixel) + " samples of " +
                     std::to_string(form.bits_allocated) + " bits a pixel, expected 1 or 3 of 8 or 16");
  }
  // An icon or another nested image has a header of its own, which nobody has looked at yet.
  if (frames.byte_count() > most_unpacked_bytes) {
    throw DicomError("cannot decode JPEG 2000: the header says " + std::to_string(frames.byte_count() >> 20) +
                     " MiB of pixels, expected at most " + std::to_string(most_unpacked_bytes >> 20));
  }
  return frames;
}

/// Which fragments are a frame's (PS3.5 A.4.4): all, one each, or from one code stream's start (FF4F, T.800 A.4.1) to
/// the next.
std::vector<std::span<const ByteView>> by_frame(const std::vector<ByteView>& fragments, std::uint32_t count) {
  const std::span<const ByteView> all(fragments);
  if (count == 1) return {all};
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool begins = all[i].size() >= 2 && all[i][0] == std::byte{0xff} && all[i][1] == std::byte{0x4f};
    if (begins || all.size() == count) starts.push_back(i);
  }
  if (starts.size() != count) {
    throw DicomError("cannot decode JPEG 2000: found " + std::to_string(starts.size()) + " code streams, expected " +
                     std::to_string(count) + " frames");
  }
  starts.push_back(all.size());
  std::vector<std::span<const ByteView>> frames;
  for (std::size_t i = 0; i < count; ++i) frames.push_back(all.subspan(starts[i], starts[i + 1] - starts[i]));
  return frames;
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
                     const DcmCodecParameter*, const DcmStack& around, OFBool& remove_old) const override {
    DcmStack stack(around);
    stack.pop();  // the pixel data itself
    DcmObject* parent = stack.pop();
    if (parent == nullptr || (parent->ident() != EVR_dataset && parent->ident() != EVR_item)) return EC_InvalidTag;
    remove_old = OFTrue;  // what is said of colours is no longer true of the code streams
    return as_condition([&] { unpack(*sequence, *static_cast<DcmItem*>(parent), unpacked); });
  }

  OFCondition decodeFrame(const DcmRepresentationParameter*, DcmPixelSequence* sequence, const DcmCodecParameter*,
                          DcmItem* dataset, Uint32 frame, Uint32&, void* buffer, Uint32 size,
                          OFString& color_model) const override {
    return as_condition([&] {
      const auto frames = frames_of(*dataset);
      color_model = frames.unpacked_photometric().c_str();
      const auto fragments = fragments_in(*sequence);
      decode_jpeg_2000(joined(by_frame(fragments, frames.count).at(frame)), frames.form,
                       {static_cast<std::byte*>(buffer), size});
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
    return as_condition([&] { color_model = frames_of(*dataset).unpacked_photometric().c_str(); });
  }

 private:
  static void unpack(DcmPixelSequence& sequence, DcmItem& dataset, DcmPolymorphOBOW& unpacked) {
    const auto frames = frames_of(dataset);
    const auto fragments = fragments_in(sequence);
    const auto of_frame = by_frame(fragments, frames.count);
    const auto frame_bytes = frames.form.byte_count();
    // Memory for all frames is only taken once the first says that it is such a frame.
    require_jpeg_2000_form(joined(of_frame.front(), jpeg_2000_head_bytes), frames.form);
    const std::uint64_t words_wanted = (frames.byte_count() + 1) / 2;
    Uint16* words = nullptr;
    check(unpacked.createUint16Array(static_cast<Uint32>(words_wanted), words), "make room for pixels");
    const std::span<std::byte> pixels(reinterpret_cast<std::byte*>(words), 2 * words_wanted);
    pixels.back() = std::byte{0};
    for (std::size_t i = 0; i < of_frame.size(); ++i) {
      decode_jpeg_2000(joined(of_frame[i]), frames.form, pixels.subspan(i * frame_bytes, frame_bytes));
    }
    if (frames.form.samples_per_pixel == 1) return;
    const auto photometric = frames.unpacked_photometric();
    check(dataset.putAndInsertString(DCM_PhotometricInterpretation, photometric.c_str()), "say what colours are");
    check(dataset.putAndInsertUint16(DCM_PlanarConfiguration, 0), "say how colours lie");
  }
};

const NoParameters no_parameters;
const Jpeg2000Codec codec;

}  // namespace

Jpeg2000Registration::Jpeg2000Registration() { DcmCodecList::registerCodec(&codec, nullptr, &no_parameters); }
Jpeg2000Registration::~Jpeg2000Registration() { DcmCodecList::deregisterCodec(&codec); }

}  // namespace punctum
