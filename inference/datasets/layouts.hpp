#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "inference/datasets/manifest.hpp"

namespace punctum {

/// A data set as it is handed out.
enum class Layout {
  kits,          ///< KiTS19/21/23: case_00000/imaging.nii.gz, segmentation.nii.gz
  decathlon,     ///< Medical Segmentation Decathlon: dataset.json, imagesTr, labelsTr
  sts,           ///< soft-tissue sarcomas of IBSI: nifti/STS_xxx, dicom/STS_xxx
  lung_phantom,  ///< four lung cancers of the radiomics phantom: pat_1 ... pat_4
  plain          ///< images/NAME.nii.gz with masks/NAME.nii.gz
};
std::optional<Layout> layout_named(std::string_view name);  ///< "kits", "decathlon", "sts", "lung-phantom", "plain"

struct LayoutOptions {
  std::filesystem::path folder;
  std::vector<int> labels{};                ///< which label ids are lesions; none: what the layout knows
  std::optional<std::string> type{};        ///< of lesion; absent: what the layout knows
  std::optional<std::string> licence{};     ///< SPDX; absent: what the layout knows
  std::set<std::string> zero_shot_types{};  ///< held out
};

/// The lesions of a data set as manifest entries, in a fixed order: one entry for every image and type of lesion that
/// its mask holds (masks of layouts with several types are read for that). Shape, Density
/// and Heterogeneity are left to the measurer. Splits: see split_patients; the sarcomas' is that of their README, and
/// the lung cancers are all test.
/// @throws ConfigError if the folder is not laid out so, StorageError for a mask that cannot be read.
std::vector<ManifestEntry> list_dataset(Layout layout, const LayoutOptions& options);

/// 60 % of the patients train, 20 % validate, 20 % test. The order in which they are dealt out is that of a digest of
/// data set and patient, so that the same patients always fall alike. Entries of held-out types are zero-shot; what
/// else their patients have is test, so that no training image shows a held-out lesion.
void split_patients(std::vector<ManifestEntry>& entries, const std::string& dataset,
                    const std::set<std::string>& zero_shot_types);

}  // namespace punctum
