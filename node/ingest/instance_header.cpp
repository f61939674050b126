#include "node/ingest/instance_header.hpp"

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "storage/query_keys.hpp"
#include "storage/sequence_keys.hpp"

namespace punctum {
namespace {

/// A stranger's sequence may have any number of items; nobody asks for more than a few.
constexpr std::size_t most_items = 32;

std::string text_of_sequence(DcmItem& dataset, const QueryKeyDefinition& sequence, const Utf8Reader& utf8) {
  std::vector<SequenceItem> items;
  for (auto* item : read_items(dataset, DcmTagKey(sequence.group, sequence.element))) {
    if (item == nullptr || items.size() == most_items) break;
    auto& values = items.emplace_back();
    for (const auto& key : sequence_keys(sequence.keyword)) {
      if (auto text = utf8.read(*item, DcmTagKey(key.group, key.element)))
        values.emplace(key.keyword, std::move(*text));
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
    if (auto text = utf8.read(*dataset, DcmTagKey(key.group, key.element))) {
      header.attributes.emplace(key.keyword, std::move(*text));
    }
  }
  return header;
}

}  // namespace punctum
