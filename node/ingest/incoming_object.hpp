#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dicom/types/dataset_hash.hpp"
#include "node/ingest/instance_header.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// What is known of an object before its first byte.
struct Announcement {
  Uid sop_class_uid, sop_instance_uid, transfer_syntax_uid;
  Origin origin = Origin::received;
  std::string source_ae_title;
};

/// One object on its way into the archive: file meta information, then the data set in pieces, then the checks.
/// Destroyed before store(): nothing remains. One thread at a time.
class IncomingObject {
 public:
  /// @param file_head everything of the file before its data set. @throws OutOfResources
  IncomingObject(Archive& archive, Announcement announcement, ByteView file_head);

  void write(ByteView dataset_bytes);

  /// Checks and stores. @throws DicomError (quarantined), IdentityConflict, OutOfResources, StorageError
  StoreOutcome store();
  const SopInstance& name() const;  ///< after store()
  std::uint64_t dataset_size() const { return dataset_size_; }

 private:
  InstanceHeader read_header();
  std::optional<InstanceHeader> header_within(ByteView first_bytes) const;
  InstanceRecord describe(InstanceHeader header);
  void note(std::string_view kind, std::string detail);

  Archive& archive_;
  Announcement announced_;
  std::unique_ptr<Spool> spool_;
  DatasetHash digest_;
  Bytes head_;  ///< the first bytes of the data set, so that a usual header needs no reading back
  std::uint64_t dataset_offset_;
  std::uint64_t dataset_size_ = 0;
  std::optional<SopInstance> name_;
};

}  // namespace punctum
