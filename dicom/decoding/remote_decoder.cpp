#include "dicom/decoding/remote_decoder.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/heavy_turn.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr std::chrono::milliseconds start_patience{30'000};
constexpr std::uint64_t pixel_bytes_per_second = std::uint64_t{4} << 20;
constexpr int wall_per_processor = 3;
constexpr std::uint64_t most_file_bytes = std::uint64_t{1} << 30;

void require_bounded_file(ByteView file) {
  if (file.size() <= most_file_bytes) return;
  throw DicomError("cannot unpack object: its file has " + std::to_string(file.size()) + " bytes, expected at most " +
                   std::to_string(most_file_bytes));
}

}  // namespace

RemoteDecoder::RemoteDecoder(DecodingOptions options)
    : options_(std::move(options)),
      workforce_([program = options_.program] { return std::make_unique<Worker>(program, start_patience); },
                 options_.workers, options_.idle) {}

Bytes RemoteDecoder::pixels(ByteView part10, const PixelForm& form) {
  require_bounded_file(part10);
  auto limit = limits(part10.size(), form.byte_count());
  limit.answer_bytes = form.byte_count();
  auto pixels = ask(Task::stored_pixels, part10, limit);
  if (pixels.size() == form.byte_count()) return pixels;
  throw DicomError("cannot decode pixels: the decoder answers with " + std::to_string(pixels.size()) +
                   " bytes, expected " + std::to_string(form.byte_count()));
}

std::uint64_t RemoteDecoder::pixel_bytes_of(ByteView file, const std::string& stored_syntax) {
  std::optional<HeavyTurn<WholeHeader>> turn;  // a few kilobytes may become hundreds of MiB in this process
  if (transfer_syntax::is_deflated(stored_syntax)) turn.emplace();
  return require_bounded_pixels(*parse_part10(file, Extent::header), file.size());
}

Bytes RemoteDecoder::transcode(ByteView file, std::string_view transfer_syntax) {
  const auto stored_syntax = locate_dataset(file).transfer_syntax_uid.str();
  if (!is_packed(stored_syntax)) return transcoded(file, transfer_syntax);
  require_bounded_file(file);
  const auto pixel_bytes = pixel_bytes_of(file, stored_syntax);
  const bool is_explicit = transfer_syntax == transfer_syntax::explicit_vr_little_endian;
  return ask(is_explicit ? Task::explicit_vr_little_endian : Task::implicit_vr_little_endian, file,
             limits(file.size(), pixel_bytes));
}

Decoders RemoteDecoder::decoders() {
  return {[this](ByteView part10, const PixelForm& form) { return pixels(part10, form); },
          [this](ByteView file, std::string_view syntax) { return transcode(file, syntax); }};
}

WorkLimits RemoteDecoder::limits(std::uint64_t file_bytes, std::uint64_t pixel_bytes) const {
  WorkLimits limits;
  limits.memory_bytes = options_.memory_bytes + 4 * file_bytes + 8 * pixel_bytes;
  limits.processor = options_.processor + std::chrono::seconds(pixel_bytes / pixel_bytes_per_second);
  limits.wall = limits.processor * wall_per_processor;
  limits.answer_bytes = options_.memory_bytes + 4 * file_bytes + pixel_bytes;
  return limits;
}

Bytes RemoteDecoder::ask(Task task, ByteView file, const WorkLimits& limits) try {
  return workforce_.lend([&](Worker& worker) { return worker.ask(task, file, limits); });
} catch (const Error& error) {
  if (options_.on_failure) options_.on_failure(error.what());
  throw;
}

}  // namespace punctum
