#include "dicom/ct/gdcm_codec.hpp"

#include <gdcmDataElement.h>
#include <gdcmFragment.h>
#include <gdcmImage.h>
#include <gdcmSequenceOfFragments.h>
#include <gdcmTransferSyntax.h>

#include <array>
#include <string>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::array jpeg_2000_syntaxes = {"1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"};

std::size_t u32_at(ByteView bytes, std::size_t at) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::size_t>(bytes[at + i]);
  return value;
}

/// The SIZ marker (ISO 15444-1 A.5.1) says how much the decoder will allocate: it must agree with the header before
/// the decoder sees it.
void require_same_size(ByteView code_stream, const PixelForm& form) {
  constexpr std::array<unsigned char, 4> start = {0xff, 0x4f, 0xff, 0x51};
  if (code_stream.size() < 24) throw DicomError("cannot decode JPEG 2000: the code stream is truncated");
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (static_cast<unsigned char>(code_stream[i]) != start[i]) {
      throw DicomError("cannot decode JPEG 2000: expected a code stream that starts with SOC and SIZ (PS3.5 A.4.4)");
    }
  }
  const auto columns = u32_at(code_stream, 8) - u32_at(code_stream, 16);
  const auto rows = u32_at(code_stream, 12) - u32_at(code_stream, 20);
  if (columns != form.columns || rows != form.rows) {
    throw DicomError("cannot decode JPEG 2000: the code stream holds " + std::to_string(columns) + " x " +
                     std::to_string(rows) + " pixels, the header says " + std::to_string(form.columns) + " x " +
                     std::to_string(form.rows));
  }
}

gdcm::Image image_of(const std::vector<ByteView>& fragments, const Uid& transfer_syntax_uid, const PixelForm& form) {
  auto sequence = gdcm::SequenceOfFragments::New();
  for (const auto& fragment : fragments) {
    gdcm::Fragment item;
    item.SetByteValue(reinterpret_cast<const char*>(fragment.data()),
                      gdcm::VL(static_cast<std::uint32_t>(fragment.size())));
    sequence->AddFragment(item);
  }
  gdcm::DataElement pixel_data(gdcm::Tag(0x7fe0, 0x0010));
  pixel_data.SetVR(gdcm::VR::OB);
  pixel_data.SetValue(*sequence);
  gdcm::Image image;
  image.SetNumberOfDimensions(2);
  image.SetDimension(0, static_cast<unsigned>(form.columns));
  image.SetDimension(1, static_cast<unsigned>(form.rows));
  image.SetPixelFormat(gdcm::PixelFormat(1, static_cast<unsigned short>(form.bits_allocated),
                                         static_cast<unsigned short>(form.bits_stored),
                                         static_cast<unsigned short>(form.high_bit), form.is_signed ? 1 : 0));
  image.SetPhotometricInterpretation(gdcm::PhotometricInterpretation::MONOCHROME2);
  image.SetTransferSyntax(gdcm::TransferSyntax::GetTSType(transfer_syntax_uid.str().c_str()));
  image.SetDataElement(pixel_data);
  return image;
}

}  // namespace

bool gdcm_decodes(const Uid& transfer_syntax_uid) {
  for (const auto* syntax : jpeg_2000_syntaxes) {
    if (transfer_syntax_uid.str() == syntax) return true;
  }
  return false;
}

Bytes decode_with_gdcm(const std::vector<ByteView>& fragments, const Uid& transfer_syntax_uid, const PixelForm& form) {
  if (fragments.empty()) throw DicomError("cannot decode JPEG 2000: Pixel Data has no fragment");
  require_same_size(fragments.front(), form);
  const auto image = image_of(fragments, transfer_syntax_uid, form);
  Bytes pixels(image.GetBufferLength());
  if (pixels.size() != form.byte_count() || !image.GetBuffer(reinterpret_cast<char*>(pixels.data()))) {
    throw DicomError("cannot decode JPEG 2000: the code stream is damaged or has another depth than the " +
                     std::to_string(form.bits_allocated) + " bits of the header");
  }
  return pixels;
}

}  // namespace punctum
