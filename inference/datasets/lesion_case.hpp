#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/geometry/volume.hpp"
#include "inference/datasets/manifest.hpp"

namespace punctum {

struct CaseLesion {
  LesionMask mask;                          ///< on the grid of the case's volume, not empty
  std::array<int, attribute_count> labels;  ///< order of Attribute; -1: unknown
};

/// A real image with its lesions.
struct LesionCase {
  std::string name;
  std::string patient;
  std::string type;
  Volume volume;
  std::vector<CaseLesion> lesions;   ///< parts largest first, label ids in the entry's order; may be none
  std::vector<LesionMask> others{};  ///< of other entries about the same image: neither asked for nor plain tissue
};

/// DICOM comes in through these, since nothing in this room knows it. Each throws if it cannot read.
struct DicomReaders {
  std::function<Volume(const std::filesystem::path& folder)> series;
  std::function<LesionMask(const std::filesystem::path& file, const std::string& roi, const SeriesGeometry&)> contours;
  std::function<LesionMask(const std::filesystem::path& file, int segment, const SeriesGeometry&)> segment;
};

/// Parts of a mask smaller than this are crumbs of the annotation, no lesions.
inline constexpr double smallest_lesion_mm3 = 10;

/// Reads image and mask of one entry. Lesions of several parts are split as the entry says; attributes are the entry's,
/// those to be measured are measured.
/// @throws StorageError, GeometryError (mask and image on different grids), ConfigError (an image in DICOM and no
/// reader for it), and what the readers throw.
LesionCase load_case(const ManifestEntry& entry, const DicomReaders& dicom = {});

}  // namespace punctum
