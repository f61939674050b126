#include "node/ingest/instance_header.hpp"

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "storage/query_keys.hpp"
#include "storage/sequence_keys.hpp"

namespace punctum {
namespace {

/// A stranger's sequence may have any number of items; nobody asks for more than a few.
constexpr std::size_t most_items = 32;

/// No attribute that is indexed may be longer by the standard (PS3.5 6.2: a name's three groups of 64 characters), but
/// a stranger's may have megabytes. The file keeps them; rows, answers and every commit do not.
constexpr std::size_t most_bytes = 1024;

/// The beginning, on a character's border.
std::string beginning_of(std::string text) {
  if (text.size() <= most_bytes) return text;
  std::size_t end = most_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  text.resize(end);
  return text;
}

std::optional<std::string> short_text(const Utf8Reader& utf8, DcmItem& item, const QueryKeyDefinition& key) {
  auto text = utf8.read(item, DcmTagKey(key.group, key.element), 4 * most_bytes);
  if (text) *text = beginning_of(std::move(*text));
  return text;
}

std::string text_of_sequence(DcmItem& dataset, const QueryKeyDefinition& sequence, const Utf8Reader& utf8) {
  std::vector<SequenceItem> items;
  for (auto* item : read_items(dataset, DcmTagKey(sequence.group, sequence.element), most_items)) {
    auto& values = items.emplace_back();
    for (const auto& key : sequence_keys(sequence.keyword)) {
      if (auto text = short_text(utf8, *item, key)) values.emplace(key.keyword, std::move(*text));
    }
  }
  return sequence_text(items);
}

}  // namespace

InstanceHeader read_instance_header(ByteView head, const Uid& transfer_syntax_uid, std::uint64_t dataset_size) {
  const auto dataset = parse_dataset_header(head, transfer_syntax_uid, dataset_size);
  InstanceHeader header{require_sop_instance(*dataset), {}};
  const Utf8Reader utf8(*dataset);
  for (const auto& key : query_keys()) {
    if (key.kind == KeyKind::sequence) {
      if (auto text = text_of_sequence(*dataset, key, utf8); !text.empty()) {
        header.attributes.emplace(key.keyword, std::move(text));
      }
      continue;
    }
    if (auto text = short_text(utf8, *dataset, key)) {
      header.attributes.emplace(key.keyword, std::move(*text));
    }
  }
  return header;
}

}  // namespace punctum
