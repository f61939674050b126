#include "node/housekeeping/late_sequences.hpp"

#include <array>
#include <fstream>

#include "dicom/types/error.hpp"
#include "dicom/types/heavy_turn.hpp"
#include "node/ingest/instance_header.hpp"
#include "storage/query_keys.hpp"

namespace punctum {
namespace {

constexpr std::size_t series_at_a_time = 32;  // about as many files, a second: nobody who waits for the disk notices
constexpr std::uint64_t most_read_bytes = std::uint64_t{512} << 20;  // as ingest does
constexpr auto heads = std::to_array<std::uint64_t>({64 << 10, 1 << 20});

Bytes read_beginning(const StoredFile& file, std::uint64_t dataset_bytes) {
  Bytes bytes(dataset_bytes);
  std::ifstream stream(file.path, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(file.dataset_offset));
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream) throw StorageError("cannot read the file of instance " + file.name.sop_instance_uid.str());
  return bytes;
}

/// Nearly all data sets have their pixels after a few kilobytes; some have no pixels at all.
InstanceHeader read_header(const StoredFile& file) {
  const auto size = file.file_size - file.dataset_offset;
  for (const auto head : heads) {
    if (head >= size) break;
    try {
      return read_instance_header(read_beginning(file, head), file.transfer_syntax_uid, size);
    } catch (const DicomError&) {
      continue;  // the pixels begin further on
    }
  }
  if (size > most_read_bytes) throw DicomError("cannot read data set: its beginning cannot be understood alone");
  const HeavyTurn<WholeHeader> turn;
  return read_instance_header(read_beginning(file, size), file.transfer_syntax_uid, size);
}

}  // namespace

std::optional<SequenceTexts> sequences_in(const StoredFile& file) try {
  auto attributes = read_header(file).attributes;
  std::erase_if(attributes, [](const auto& one) {
    const auto* key = query_key(one.first);
    return key == nullptr || key->kind != KeyKind::sequence;
  });
  return attributes;
} catch (const Error&) {
  return std::nullopt;
}

bool read_some_late_sequences(Upkeep& upkeep, const std::function<bool()>& go_on) {
  for (std::size_t i = 0; i < series_at_a_time && go_on(); ++i) {
    if (upkeep.read_late_sequences(1, sequences_in) == 0) return true;
  }
  return false;
}

}  // namespace punctum
