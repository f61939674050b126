#pragma once

#include "dicom/types/dataset_hash.hpp"
#include "dicom/types/read_part.hpp"

namespace punctum {

/// The data set of a file that is open, or in memory; read in pieces.
struct DatasetBytes {
  ReadPart read;
  std::uint64_t offset = 0;  ///< where it begins in what is read
  std::uint64_t size = 0;
};

/// @param file  must outlive what is made of it.
DatasetBytes dataset_in(ByteView file, std::uint64_t offset);

/// Both read to their ends, unless they differ before. Throws what their reading throws.
bool same_bytes(const DatasetBytes& one, const DatasetBytes& other);
Digest digest_of(const DatasetBytes& dataset, DatasetHash hash);

}  // namespace punctum
