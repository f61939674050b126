#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "dicom/dcmtk/part10.hpp"
#include "node/ingest/file_record.hpp"
#include "node/ingest/ingest.hpp"
#include "storage/archive.hpp"
#include "storage/work_stores.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum::test {

/// A real archive in a temporary folder with its door.
struct MemoryOfANode {
  TempDir folder;
  std::unique_ptr<Archive> archive = open();
  WorkStores stores = open_work_stores(folder.path());
  Ingest ingest{*archive};

  std::unique_ptr<Archive> open() const {
    ArchiveOptions options;
    options.data_dir = folder.path();
    options.low_water_bytes = 1;
    options.adopt = record_of_file;
    return Archive::open(options);
  }

  /// As if it came off the wire: only the data set, with what the command would say.
  void receive(const Part10File& file) {
    const ByteView bytes(file.bytes);
    const auto sink = ingest.begin_store(request_for(file));
    sink->write(bytes.subspan(locate_dataset(bytes).dataset_offset));
    sink->finish();
  }
  void receive(const std::vector<TestSlice>& slices) {
    for (const auto& slice : slices) receive(slice.file);
  }

  static StoreRequest request_for(const Part10File& file) {
    const Caller caller{AeTitle::require("SCANNER"), AeTitle::require("PUNCTUM"), "127.0.0.1", 1};
    return {caller, file.name.sop_class_uid, file.name.sop_instance_uid, file.transfer_syntax_uid};
  }

  Bytes stored_dataset(const Uid& sop_instance_uid) const {
    const auto stored = archive->instance(sop_instance_uid);
    if (!stored) throw std::runtime_error("not stored: " + sop_instance_uid.str());
    const auto bytes = archive->read(*stored);
    return {bytes.begin() + static_cast<std::ptrdiff_t>(stored->record.dataset_offset), bytes.end()};
  }
};

inline Bytes dataset_of(const Part10File& file) {
  const auto offset = locate_dataset(file.bytes).dataset_offset;
  return {file.bytes.begin() + static_cast<std::ptrdiff_t>(offset), file.bytes.end()};
}

}  // namespace punctum::test
