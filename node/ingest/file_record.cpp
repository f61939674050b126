#include "node/ingest/file_record.hpp"

#include <algorithm>
#include <array>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/dataset_hash.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "node/ingest/instance_header.hpp"

namespace punctum {
namespace {

/// What came off the wire carries its sender in the file meta information (0002,0016); what the pipeline made does not.
Origin origin_of(ByteView file_meta) {
  constexpr std::array<std::byte, 6> source_ae_title{std::byte{0x02}, std::byte{0x00}, std::byte{0x16},
                                                     std::byte{0x00}, std::byte{'A'},  std::byte{'E'}};
  return std::ranges::search(file_meta, source_ae_title).empty() ? Origin::produced : Origin::received;
}

}  // namespace

bool is_whole_file(ByteView part10) try {
  const auto syntax = locate_dataset(part10).transfer_syntax_uid.str();
  (void)parse_part10(part10, Extent::whole);
  // Packed pixels have no length of their own, they end with a delimiter (PS3.5 A.4).
  constexpr std::array delimiter{std::byte{0xfe}, std::byte{0xff}, std::byte{0xdd}, std::byte{0xe0},
                                 std::byte{0},    std::byte{0},    std::byte{0},    std::byte{0}};
  return transfer_syntax::is_uncompressed(syntax) ||
         std::ranges::equal(part10.last(std::min(part10.size(), delimiter.size())), delimiter);
} catch (const DicomError&) {
  return false;
}

InstanceRecord describe_file(ByteView part10) {
  const auto layout = locate_dataset(part10);
  const auto dataset = part10.subspan(layout.dataset_offset);
  auto header = read_instance_header(dataset, layout.transfer_syntax_uid, dataset.size());
  DatasetHash digest;
  digest.update(dataset);
  return InstanceRecord{.name = std::move(header.name),
                        .transfer_syntax_uid = layout.transfer_syntax_uid,
                        .dataset_digest = digest.finish(),
                        .dataset_offset = layout.dataset_offset,
                        .file_size = part10.size(),
                        .origin = origin_of(part10.first(layout.dataset_offset)),
                        .source_ae_title = "",
                        .attributes = std::move(header.attributes)};
}

std::optional<InstanceRecord> record_of_file(ByteView part10) try {
  return describe_file(part10);
} catch (const DicomError&) {
  return {};
}

}  // namespace punctum
