#include "storage/blobs/dataset_bytes.hpp"

#include <algorithm>

namespace punctum {

namespace {

constexpr std::uint64_t piece_bytes = 256 << 10;

/// @param use  returns whether to go on. Whether it went on to the end
template <class Use>
bool for_each_piece(std::uint64_t size, Use&& use) {
  for (std::uint64_t at = 0; at < size; at += piece_bytes) {
    if (!use(at, std::min(piece_bytes, size - at))) return false;
  }
  return true;
}

}  // namespace

DatasetBytes dataset_in(ByteView file, std::uint64_t offset) {
  const auto read = [file](std::uint64_t at, std::uint64_t size) {
    const auto part = file.subspan(at, size);
    return Bytes(part.begin(), part.end());
  };
  return {read, offset, file.size() - offset};
}

bool same_bytes(const DatasetBytes& one, const DatasetBytes& other) {
  if (one.size != other.size) return false;
  return for_each_piece(one.size, [&](std::uint64_t at, std::uint64_t size) {
    return one.read(one.offset + at, size) == other.read(other.offset + at, size);
  });
}

Digest digest_of(const DatasetBytes& dataset, DatasetHash hash) {
  for_each_piece(dataset.size, [&](std::uint64_t at, std::uint64_t size) {
    hash.update(dataset.read(dataset.offset + at, size));
    return true;
  });
  return hash.finish();
}

}  // namespace punctum
