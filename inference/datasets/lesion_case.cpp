#include "inference/datasets/lesion_case.hpp"

#include <algorithm>
#include <cmath>

#include "dicom/types/error.hpp"
#include "inference/datasets/components.hpp"
#include "inference/datasets/nifti.hpp"
#include "inference/measure/attributes.hpp"
#include "inference/measure/mask_grid.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;
using Voxels = std::vector<std::uint8_t>;

/// Headers that went through different writers differ in the last digits; a tenth of a voxel is another grid.
void require_same_grid(const SeriesGeometry& image, const SeriesGeometry& mask, const fs::path& file) {
  const bool same_size =
      image.columns() == mask.columns() && image.rows() == mask.rows() && image.slice_count() == mask.slice_count();
  const double tolerance_mm =
      0.1 * std::min({image.column_spacing_mm(), image.row_spacing_mm(), image.slice_spacing_mm()});
  const auto apart = [&](const VoxelIndex& corner) {
    const auto d = image.to_patient(corner) - mask.to_patient(corner);
    return std::sqrt(dot(d, d)) > tolerance_mm;
  };
  const VoxelIndex last{image.columns() - 1, image.rows() - 1, image.slice_count() - 1};
  if (!same_size || apart({0, 0, 0}) || apart({last.x, 0, 0}) || apart({0, last.y, 0}) || apart(last)) {
    throw GeometryError("cannot use mask " + file.string() + ": its grid of " + std::to_string(mask.columns()) + "x" +
                        std::to_string(mask.rows()) + "x" + std::to_string(mask.slice_count()) +
                        " voxels is not the image's of " + std::to_string(image.columns()) + "x" +
                        std::to_string(image.rows()) + "x" + std::to_string(image.slice_count()) +
                        " at the same place");
  }
}

bool is_nifti(const fs::path& file) {
  const auto name = file.filename().string();
  return name.ends_with(".nii") || name.ends_with(".nii.gz");
}

template <class Reader>
const Reader& require_reader(const Reader& reader, const fs::path& file) {
  if (!reader) throw ConfigError("cannot read " + file.string() + " here: found DICOM, expected NIfTI (.nii, .nii.gz)");
  return reader;
}

/// One mask per label id, in the entry's order.
std::vector<Voxels> masks_of(const ManifestEntry& entry, const SeriesGeometry& geometry, const DicomReaders& dicom) {
  std::vector<Voxels> masks;
  if (entry.roi) {
    masks.push_back(require_reader(dicom.contours, entry.mask)(entry.mask, *entry.roi, geometry).voxels);
  } else if (!is_nifti(entry.mask)) {
    for (const int label : entry.labels) {
      masks.push_back(require_reader(dicom.segment, entry.mask)(entry.mask, label, geometry).voxels);
    }
  } else {
    const auto image = read_nifti_labels(entry.mask);
    require_same_grid(geometry, image.geometry, entry.mask);
    for (const int label : entry.labels) {
      Voxels mask(image.labels.size());
      std::transform(image.labels.begin(), image.labels.end(), mask.begin(),
                     [label](std::uint8_t v) { return v == label ? std::uint8_t{1} : std::uint8_t{0}; });
      masks.push_back(std::move(mask));
    }
  }
  return masks;
}

Voxels united(const std::vector<Voxels>& masks) {
  Voxels all = masks.front();
  for (const auto& mask : masks) {
    std::transform(mask.begin(), mask.end(), all.begin(), all.begin(), [](auto a, auto b) { return a | b; });
  }
  return all;
}

std::vector<Voxels> lesions_of(const ManifestEntry& entry, const std::vector<Voxels>& masks,
                               const SeriesGeometry& geometry) {
  if (entry.lesions == LesionsAre::labels) return masks;
  if (entry.lesions == LesionsAre::one) return {united(masks)};
  const auto all = united(masks);
  std::vector<Voxels> lesions;
  for (const auto& part : connected_parts(all, mask_grid(geometry))) {
    Voxels lesion(all.size());
    for (const auto voxel : part) lesion[voxel] = 1;
    lesions.push_back(std::move(lesion));
  }
  return lesions;
}

void add_labels(const ManifestEntry& entry, const Volume& volume, CaseLesion& lesion) {
  lesion.labels = entry.attributes;
  const bool measure = std::count(lesion.labels.begin(), lesion.labels.end(), attribute_measured) > 0;
  if (!measure) return;
  const auto measured = measure_attributes(volume, lesion.mask);
  for (std::size_t i = 0; i < attribute_count; ++i) {
    if (lesion.labels[i] == attribute_measured) lesion.labels[i] = measured.labels[i];
  }
}

}  // namespace

LesionCase load_case(const ManifestEntry& entry, const DicomReaders& dicom) {
  auto volume =
      is_nifti(entry.image) ? read_nifti_volume(entry.image) : require_reader(dicom.series, entry.image)(entry.image);
  LesionCase loaded{entry.name, entry.patient, entry.type, std::move(volume), {}};
  const auto& geometry = loaded.volume.geometry;
  const double voxel_mm3 = geometry.voxel_volume_mm3();
  for (auto& voxels : lesions_of(entry, masks_of(entry, geometry, dicom), geometry)) {
    CaseLesion lesion{{geometry, std::move(voxels)}, {}};
    const auto count = lesion.mask.count();
    if (count == 0 || static_cast<double>(count) * voxel_mm3 < smallest_lesion_mm3) continue;
    add_labels(entry, loaded.volume, lesion);
    loaded.lesions.push_back(std::move(lesion));
  }
  return loaded;
}

}  // namespace punctum
