#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/findings/lesion_report.hpp"

namespace punctum {

/// What an entry may be used for. zero_shot: lesion types that no training entry shows.
enum class Split { train, validation, test, zero_shot };
std::string_view name_of(Split split);  ///< "train", "validation", "test", "zero-shot"
std::optional<Split> split_named(std::string_view name);

/// How many lesions a mask holds.
enum class LesionsAre {
  one,         ///< all its voxels are one lesion
  components,  ///< every part that hangs together (26 neighbours) is one
  labels       ///< every label id is one
};

/// What is known of one attribute: the index of a label, or one of these.
inline constexpr int attribute_unknown = -1;
inline constexpr int attribute_measured = -2;  ///< the rule-based measurer's answer, unknown where it has none

/// One line of a manifest: an image, a mask on its grid, and what is known of the lesions in it.
struct ManifestEntry {
  std::filesystem::path image;  ///< a NIfTI file, or a folder with one DICOM CT series
  std::filesystem::path mask;   ///< a NIfTI label image; with `roi` an RT Structure Set; else *.dcm a Segmentation
  std::optional<std::string> roi;
  std::vector<int> labels{1};  ///< which values of a label image (segments of a Segmentation) are lesion
  LesionsAre lesions = LesionsAre::components;
  std::string name;     ///< of the case; what tables show
  std::string patient;  ///< never in two splits
  std::string type;     ///< of lesion, e.g. "kidney tumour"
  std::array<int, attribute_count> attributes{attribute_unknown, attribute_unknown, attribute_unknown,
                                              attribute_unknown, attribute_unknown};
  Split split = Split::train;
  std::string licence;  ///< SPDX identifier; empty: not stated
};

/// JSON lines: one object a line, empty lines and lines that begin with # passed over. Paths count from the file's own
/// folder. Fields: image, mask, roi, labels, lesions, case, patient, type, attributes, split, licence; image, mask,
/// patient and split are needed.
/// @throws ConfigError naming line, JSON pointer, what was found and expected; also if a patient or an
/// image is in two splits (but for test and zero-shot), or a lesion in two lines.
std::vector<ManifestEntry> read_case_manifest(const std::filesystem::path& file);
std::vector<ManifestEntry> parse_manifest(std::string_view text, const std::filesystem::path& folder,
                                          const std::string& name);

/// One line for every entry, paths as they lead there from `folder`. Ends with a line break.
std::string manifest_text(const std::vector<ManifestEntry>& entries, const std::filesystem::path& folder);

/// The entries of one split.
std::vector<ManifestEntry> entries_of(const std::vector<ManifestEntry>& entries, Split split);

}  // namespace punctum
