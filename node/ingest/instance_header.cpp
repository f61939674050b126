#include "node/ingest/instance_header.hpp"

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "storage/query_keys.hpp"

namespace punctum {

InstanceHeader read_instance_header(ByteView head, const Uid& transfer_syntax_uid, std::uint64_t dataset_size) {
  const auto dataset = parse_dataset_header(head, transfer_syntax_uid, dataset_size);
  InstanceHeader header{require_sop_instance(*dataset), {}};
  const Utf8Reader utf8(*dataset);
  for (const auto& key : query_keys()) {
    if (auto text = utf8.read(*dataset, DcmTagKey(key.group, key.element))) {
      header.attributes.emplace(key.keyword, std::move(*text));
    }
  }
  return header;
}

}  // namespace punctum
