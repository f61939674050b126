#include "dicom/dcmtk/jpeg_2000.hpp"

#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

/// A code stream in memory, as OpenJPEG reads it.
struct Source {
  Bytes bytes;
  std::size_t at = 0;
};

OPJ_SIZE_T read_source(void* buffer, OPJ_SIZE_T wanted, void* user) {
  auto& source = *static_cast<Source*>(user);
  const auto count = std::min<std::size_t>(wanted, source.bytes.size() - source.at);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);  // the end
  std::memcpy(buffer, source.bytes.data() + source.at, count);
  source.at += count;
  return count;
}

OPJ_OFF_T skip_source(OPJ_OFF_T wanted, void* user) {
  auto& source = *static_cast<Source*>(user);
  if (wanted < 0) return -1;
  const auto count = std::min(static_cast<std::size_t>(wanted), source.bytes.size() - source.at);
  source.at += count;
  return static_cast<OPJ_OFF_T>(count);
}

OPJ_BOOL seek_source(OPJ_OFF_T position, void* user) {
  auto& source = *static_cast<Source*>(user);
  if (position < 0 || static_cast<std::size_t>(position) > source.bytes.size()) return OPJ_FALSE;
  source.at = static_cast<std::size_t>(position);
  return OPJ_TRUE;
}

// opj_codec_t and opj_stream_t are both void*, so that each needs its own kind of pointer.
struct CodecCloser {
  void operator()(void* codec) const { opj_destroy_codec(static_cast<opj_codec_t*>(codec)); }
};
struct StreamCloser {
  void operator()(void* stream) const { opj_stream_destroy(static_cast<opj_stream_t*>(stream)); }
};
struct ImageCloser {
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};

std::unique_ptr<void, StreamCloser> stream_over(Source& source) {
  std::unique_ptr<void, StreamCloser> stream(static_cast<void*>(opj_stream_default_create(OPJ_TRUE)));
  auto* raw = static_cast<opj_stream_t*>(stream.get());
  opj_stream_set_user_data(raw, &source, nullptr);
  opj_stream_set_user_data_length(raw, source.bytes.size());
  opj_stream_set_read_function(raw, read_source);
  opj_stream_set_skip_function(raw, skip_source);
  opj_stream_set_seek_function(raw, seek_source);
  return stream;
}

[[noreturn]] void refuse(const std::string& reason) { throw DicomError("cannot decode JPEG 2000: " + reason); }

void require_same_size(std::uint64_t columns, std::uint64_t rows, const CodeStreamForm& form) {
  if (columns == form.columns && rows == form.rows) return;
  refuse("the code stream holds " + std::to_string(columns) + " x " + std::to_string(rows) +
         " pixels, the header says " + std::to_string(form.columns) + " x " + std::to_string(form.rows));
}

void require_same_image(const opj_image_t& image, const CodeStreamForm& form) {
  if (image.numcomps != form.samples_per_pixel) refuse("the code stream is damaged");
  require_same_size(image.x1 - image.x0, image.y1 - image.y0, form);
  for (std::size_t i = 0; i < form.samples_per_pixel; ++i) {
    if (image.comps[i].dx != 1 || image.comps[i].dy != 1) refuse("a component is coarser than the image");
    if (image.comps[i].prec <= form.bits_allocated) continue;
    refuse("the code stream holds " + std::to_string(image.comps[i].prec) + " bits a pixel, the header allocates " +
           std::to_string(form.bits_allocated));
  }
}

/// One component among those of the same pixels.
void put_samples(const opj_image_comp_t& component, std::size_t sample, const CodeStreamForm& form,
                 std::span<std::byte> pixels) {
  if (component.data == nullptr || component.w != form.columns || component.h != form.rows) {
    refuse("the code stream is damaged");
  }
  for (std::size_t i = 0; i < form.rows * form.columns; ++i) {
    const auto value = static_cast<std::uint32_t>(component.data[i]);
    const auto at = i * form.samples_per_pixel + sample;
    if (form.bits_allocated == 8) {
      pixels[at] = static_cast<std::byte>(value);
    } else {
      const auto word = static_cast<std::uint16_t>(value);
      std::memcpy(pixels.data() + 2 * at, &word, sizeof word);
    }
  }
}

}  // namespace

void require_jpeg_2000_form(ByteView stream, const CodeStreamForm& form) {
  constexpr std::uint64_t most_tiles = 4096;  // OpenJPEG takes 5 KiB for each before it decodes anything
  const auto number = [&](std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<std::uint64_t>(stream[at + i]);
    return value;
  };
  if (stream.size() < jpeg_2000_head_bytes || number(0, 4) != 0xff4fff51) {
    refuse("expected a code stream that begins with its header (SOC, SIZ)");
  }
  const auto right = number(8, 4), bottom = number(12, 4), left = number(16, 4), top = number(20, 4);
  if (left > right || top > bottom) refuse("the code stream holds an image of negative size");
  require_same_size(right - left, bottom - top, form);
  const auto components = number(40, 2);
  if (components != form.samples_per_pixel) {
    refuse("expected " + std::to_string(form.samples_per_pixel) + " components, found " + std::to_string(components));
  }
  // A tile grid may begin left of the image and above it.
  const auto along = [&](std::uint64_t end, std::size_t tile_at, std::size_t offset_at) {
    const auto tile = number(tile_at, 4), offset = number(offset_at, 4);
    return tile == 0 || offset > end ? 0 : (end - offset + tile - 1) / tile;
  };
  const auto tiles = along(right, 24, 32) * along(bottom, 28, 36);
  if (tiles >= 1 && tiles <= most_tiles) return;
  refuse("the code stream is cut into " + std::to_string(tiles) + " tiles, expected 1 to " +
         std::to_string(most_tiles));
}

void decode_jpeg_2000(Bytes code_stream, const CodeStreamForm& form, std::span<std::byte> pixels) {
  if (pixels.size() < form.byte_count()) refuse("there is no room for the pixels");
  require_jpeg_2000_form(code_stream, form);
  Source source{std::move(code_stream)};
  const std::unique_ptr<void, CodecCloser> codec(static_cast<void*>(opj_create_decompress(OPJ_CODEC_J2K)));
  auto* decoder = static_cast<opj_codec_t*>(codec.get());
  const auto stream = stream_over(source);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (!opj_setup_decoder(decoder, &parameters)) refuse("the decoder does not start");
  opj_decoder_set_strict_mode(decoder, OPJ_TRUE);  // half an image is worse than none

  opj_image_t* raw_image = nullptr;
  const bool has_header = opj_read_header(static_cast<opj_stream_t*>(stream.get()), decoder, &raw_image);
  const std::unique_ptr<opj_image_t, ImageCloser> image(raw_image);
  if (!has_header || !image) refuse("the code stream is damaged");
  require_same_image(*image, form);
  if (!opj_decode(decoder, static_cast<opj_stream_t*>(stream.get()), image.get())) refuse("the code stream is damaged");
  for (std::size_t i = 0; i < form.samples_per_pixel; ++i) put_samples(image->comps[i], i, form, pixels);
}

}  // namespace punctum
