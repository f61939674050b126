#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcfilefo.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "dicom/types/bytes.hpp"
#include "dicom/types/part10_file.hpp"

namespace punctum {

/// How much of an object to read.
enum class Extent { whole, header };  ///< header: up to, not including, the pixel data

/// Where the data set begins in a DICOM file, and how it is encoded (PS3.10 7.1).
struct Part10Layout {
  Uid transfer_syntax_uid;
  std::size_t dataset_offset = 0;
};
/// @throws DicomError if it is not a DICOM file or its file meta information is damaged.
Part10Layout locate_dataset(ByteView part10);

/// Parses a DICOM file after guarding its structure. All values are held in memory; none takes more than the file has.
/// A deflated data set is read inflated, as explicit little endian.
/// @throws DicomError. Any thread.
std::unique_ptr<DcmDataset> parse_part10(ByteView part10, Extent extent);

/// Parses a data set that came without file meta information: an identifier. @throws DicomError, also if it holds more
/// elements and items than `most_elements` (0: what StructureLimits allow). Any thread.
std::unique_ptr<DcmDataset> parse_dataset(ByteView dataset, const Uid& transfer_syntax_uid,
                                          std::size_t most_elements = 0);

/// Parses the beginning of a data set that came without file meta information, up to the pixel data.
/// @param head its first bytes (all of them for a deflated one). @param dataset_size of the whole. @throws DicomError
std::unique_ptr<DcmDataset> parse_dataset_header(ByteView head, const Uid& transfer_syntax_uid,
                                                 std::uint64_t dataset_size);

/// Preamble, prefix and file meta information for a data set that follows as it is (PS3.10 7.1).
Bytes file_meta_information(const Uid& sop_class_uid, const Uid& sop_instance_uid, const Uid& transfer_syntax_uid,
                            std::string_view source_ae_title);

/// Writes a data set as a DICOM file. Takes the names from the data set. @throws DicomError if one is missing.
Part10File to_part10(DcmDataset& dataset, E_TransferSyntax syntax = EXS_LittleEndianExplicit);

}  // namespace punctum
