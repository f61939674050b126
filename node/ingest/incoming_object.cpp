#include "node/ingest/incoming_object.hpp"

#include <algorithm>
#include <utility>

#include "dicom/types/error.hpp"
#include "dicom/types/heavy_turn.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr std::size_t usual_head_bytes = std::size_t{64} << 10;  // kept while it comes: more is copied for nothing
constexpr std::size_t large_head_bytes = std::size_t{1} << 20;
constexpr std::uint64_t most_parsed_bytes = std::uint64_t{512} << 20;

/// How the object is another one than was announced; nothing if it is that one.
std::optional<std::string> other_than_announced(const Announcement& announced, const SopInstance& found) {
  if (found.sop_class_uid != announced.sop_class_uid) {
    return "the data set is of SOP class " + found.sop_class_uid.str() + ", announced was " +
           announced.sop_class_uid.str();
  }
  if (found.sop_instance_uid != announced.sop_instance_uid) {
    return "the data set is " + found.sop_instance_uid.str() + ", announced was " + announced.sop_instance_uid.str();
  }
  return std::nullopt;
}

}  // namespace

IncomingObject::IncomingObject(Archive& archive, Announcement announcement, ByteView file_head)
    : archive_(archive),
      announced_(std::move(announcement)),
      spool_(archive.begin()),
      dataset_offset_(file_head.size()) {
  spool_->write(file_head);
}

void IncomingObject::write(ByteView dataset_bytes) {
  spool_->write(dataset_bytes);
  digest_.update(dataset_bytes);
  dataset_size_ += dataset_bytes.size();
  const auto wanted = std::min(dataset_bytes.size(), usual_head_bytes - head_.size());
  head_.insert(head_.end(), dataset_bytes.begin(), dataset_bytes.begin() + static_cast<std::ptrdiff_t>(wanted));
}

const SopInstance& IncomingObject::name() const {
  if (!name_) throw DicomError("cannot name the instance: its header has not been read");
  return *name_;
}

InstanceHeader IncomingObject::read_header() {
  std::optional<HeavyTurn<WholeHeader>> turn;
  if (transfer_syntax::is_deflated(announced_.transfer_syntax_uid.str())) turn.emplace();
  if (auto header = header_within(head_)) return std::move(*header);
  const auto within_read_back = [&](std::uint64_t dataset_bytes) {
    const auto file = spool_->read_back(dataset_offset_ + dataset_bytes);
    return header_within(ByteView(file).subspan(dataset_offset_));
  };
  if (dataset_size_ > large_head_bytes) {
    if (auto header = within_read_back(large_head_bytes)) return std::move(*header);
    if (!turn) turn.emplace();
  }
  if (dataset_size_ > most_parsed_bytes) {  // or one object of garbage takes all memory there is
    throw DicomError("cannot read data set: its first MiB cannot be understood alone, and all of it is " +
                     std::to_string(dataset_size_ >> 20) + " MiB, expected at most " +
                     std::to_string(most_parsed_bytes >> 20));
  }
  if (auto header = within_read_back(dataset_size_)) return std::move(*header);
  throw DicomError("cannot read data set: all of it is not enough to understand it");
}

/// Nothing: it needs more than these first bytes. @throws DicomError if these are all, and they cannot be understood
std::optional<InstanceHeader> IncomingObject::header_within(ByteView first_bytes) const {
  try {
    return read_instance_header(first_bytes, announced_.transfer_syntax_uid, dataset_size_);
  } catch (const DicomError&) {
    if (first_bytes.size() == dataset_size_) throw;
    return std::nullopt;
  }
}

InstanceRecord IncomingObject::describe(InstanceHeader header) {
  return {.name = std::move(header.name),
          .transfer_syntax_uid = announced_.transfer_syntax_uid,
          .dataset_digest = digest_.finish(),
          .dataset_offset = dataset_offset_,
          .file_size = dataset_offset_ + dataset_size_,
          .origin = announced_.origin,
          .source_ae_title = announced_.source_ae_title,
          .attributes = std::move(header.attributes)};
}

void IncomingObject::note(std::string_view kind, std::string detail) {
  archive_.note({.kind = std::string(kind),
                 .sop_instance_uid = announced_.sop_instance_uid.str(),
                 .source_ae_title = announced_.source_ae_title,
                 .detail = std::move(detail)});
}

StoreOutcome IncomingObject::store() {
  spool_->start_writeback();  // while the header is read
  std::optional<InstanceHeader> header;
  try {
    header = read_header();
  } catch (const DicomError& error) {
    archive_.quarantine(std::move(spool_), error.what());
    note(event_kind::quarantined, error.what());
    throw;
  }
  if (const auto difference = other_than_announced(announced_, header->name)) {
    note(event_kind::identity_conflict, *difference);
    throw IdentityConflict("cannot store instance: " + *difference);
  }
  name_ = header->name;
  const auto record = describe(std::move(*header));
  return archive_.store(std::move(spool_), record);
}

}  // namespace punctum
