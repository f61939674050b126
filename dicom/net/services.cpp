#include "dicom/net/services.hpp"

#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"

namespace punctum {

Retrievable retrievable(Part10File file) {
  const auto dataset_offset = locate_dataset(file.bytes).dataset_offset;
  const auto bytes = std::make_shared<const Bytes>(std::move(file.bytes));
  const ReadPart read = [bytes](std::uint64_t offset, std::uint64_t size) {
    if (offset > bytes->size() || size > bytes->size() - offset) {
      throw StorageError("cannot read object: " + std::to_string(size) + " bytes from " + std::to_string(offset) +
                         " on are wanted, and it has " + std::to_string(bytes->size()));
    }
    const auto part = ByteView(*bytes).subspan(offset, size);
    return Bytes(part.begin(), part.end());
  };
  return {file.name, file.transfer_syntax_uid, dataset_offset, bytes->size(), [read] { return read; }};
}

}  // namespace punctum
