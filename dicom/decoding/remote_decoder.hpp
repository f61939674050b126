#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "dicom/ct/pixel_decoder.hpp"
#include "dicom/dcmtk/transcode.hpp"
#include "dicom/decoding/workforce.hpp"

namespace punctum {

/// Where packed pixels are unpacked. As it is made, in this process: for tools and tests, which may crash.
struct Decoders {
  PixelDecoder pixels = decode_pixels;
  Transcoder transcode = transcoded;
};

struct DecodingOptions {
  std::filesystem::path program;           ///< punctum-decode
  std::size_t workers = 1;                 ///< at a time
  std::chrono::milliseconds idle{30'000};  ///< a worker without work ends after this
  /// For an image of no size. Each byte of a file adds 4 bytes, each byte of its unpacked pixels 8: OpenJPEG holds an
  /// image twice, at 4 bytes a pixel.
  std::uint64_t memory_bytes = std::uint64_t{256} << 20;
  /// For an image of no size; each 4 MiB of unpacked pixels add a second. On a machine that has other work an answer
  /// may take three times as long.
  std::chrono::seconds processor{10};
  std::function<void(const std::string&)> on_failure{};  ///< optional: told why an image was not decoded; any thread
};

/// Unpacks pixels in processes of their own, so that a file which crashes, hangs or bloats a decoder costs that one
/// image. Gives the same bytes as decode_pixels and transcoded. Any thread; outlives every call.
class RemoteDecoder {
 public:
  explicit RemoteDecoder(DecodingOptions options);

  /// A PixelDecoder. @throws DicomError, Refusal: what the decoder says, or what became of it.
  Bytes pixels(ByteView part10, const PixelForm& form);
  /// A Transcoder. What is not packed needs no decoder and is re-encoded here. @throws DicomError, Refusal
  Bytes transcode(ByteView file, std::string_view transfer_syntax);

  Decoders decoders();  ///< both; this must outlive them

 private:
  std::uint64_t pixel_bytes_of(ByteView file, const std::string& stored_syntax);
  WorkLimits limits(std::uint64_t file_bytes, std::uint64_t pixel_bytes) const;
  Bytes ask(Task task, ByteView file, const WorkLimits& limits);

  DecodingOptions options_;
  Workforce workforce_;
};

}  // namespace punctum
