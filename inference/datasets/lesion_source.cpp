#include "inference/datasets/lesion_source.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

#include "dicom/types/error.hpp"
#include "inference/datasets/source_case.hpp"
#include "inference/preprocess/crop.hpp"

namespace punctum {
namespace {

/// Turns about an axis through a place, parallel to the patient's long axis, and scales about that place.
class Turn {
 public:
  Turn(const PatientPoint& about, double angle_deg, double scale)
      : about_(about),
        cos_(std::cos(angle_deg * std::numbers::pi / 180)),
        sin_(std::sin(angle_deg * std::numbers::pi / 180)),
        scale_(scale) {}

  PatientVector operator()(const PatientVector& v) const {
    return {cos_ * v.x - sin_ * v.y, sin_ * v.x + cos_ * v.y, v.z};
  }
  /// The same images at other places: what is sampled from it shows the patient turned and larger or smaller.
  SeriesGeometry operator()(const SeriesGeometry& geometry) const {
    auto slices = geometry.slices();
    for (auto& [instance, plane] : slices) {
      plane.position_mm = about_ + (*this)(plane.position_mm - about_) * scale_;
      plane.row_direction = (*this)(plane.row_direction);
      plane.column_direction = (*this)(plane.column_direction);
      plane.column_spacing_mm *= scale_;
      plane.row_spacing_mm *= scale_;
    }
    return SeriesGeometry::from_slices(std::move(slices), geometry.frame_of_reference_uid(),
                                       geometry.slice_spacing_mm() * scale_);
  }

 private:
  PatientPoint about_;
  double cos_, sin_, scale_;
};

class Source {
 public:
  Source(std::vector<LesionCase> cases, const LesionSourceOptions& options) : options_(options) {
    for (auto& loaded : cases) {
      if (!loaded.lesions.empty()) cases_.push_back(make_source_case(std::move(loaded)));
    }
    if (cases_.empty()) throw ConfigError("cannot train on real lesions: found no lesion in the cases, expected one");
    all_ = cases_with([](const auto&) { return true; });
    large_ = cases_with([&](const auto& lesion) { return is_large(lesion); });
    small_ = cases_with([&](const auto& lesion) { return is_small(lesion); });
  }

  TrainingCrop operator()(const CropRequest& request) const {
    Draw draw(request.seed);
    if (request.background) {
      if (auto crop = background(request, draw)) return std::move(*crop);
      throw ConfigError("cannot make a crop of plain tissue: found none in the cases, expected some");
    }
    const bool large_only = request.spacing_mm > 2 && !large_.empty();
    const bool small_only = request.spacing_mm < 1 && !small_.empty();
    const auto& suited = large_only ? large_ : small_only ? small_ : all_;
    const auto& from = cases_[suited[draw.below(suited.size())]];
    const SourceLesion* lesion = &from.lesions[draw.below(from.lesions.size())];
    while ((large_only && !is_large(*lesion)) || (small_only && !is_small(*lesion))) {
      lesion = &from.lesions[draw.below(from.lesions.size())];
    }
    auto crop = cut_out(from, lesion, lesion->click(draw), request, draw);
    crop.labels = lesion->labels;
    return crop;
  }

 private:
  bool is_large(const SourceLesion& lesion) const { return lesion.length_mm >= options_.large_mm; }
  bool is_small(const SourceLesion& lesion) const { return lesion.length_mm <= options_.small_mm; }

  template <class Wanted>
  std::vector<std::size_t> cases_with(Wanted wanted) const {
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      if (std::any_of(cases_[i].lesions.begin(), cases_[i].lesions.end(), wanted)) numbers.push_back(i);
    }
    return numbers;
  }

  std::optional<TrainingCrop> background(const CropRequest& request, Draw& draw) const {
    const auto first = draw.below(cases_.size());
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const auto& from = cases_[(first + i) % cases_.size()];
      if (const auto place = from.plain_tissue(draw)) return cut_out(from, nullptr, *place, request, draw);
    }
    return std::nullopt;
  }

  TrainingCrop cut_out(const SourceCase& from, const SourceLesion* lesion, const PatientPoint& centre,
                       const CropRequest& request, Draw& draw) const {
    const Turn turn(centre, draw.uniform(-options_.largest_turn_deg, options_.largest_turn_deg),
                    draw.uniform(options_.smallest_scale, options_.largest_scale));
    const auto grid = CropGrid::around(centre, request.spacing_mm, request.size);
    TrainingCrop crop;
    crop.size = request.size;
    crop.spacing_mm = request.spacing_mm;
    for (const float hu : sample_hu(turn(from.volume.geometry), from.volume.hu, grid)) {
      crop.hu.push_back(static_cast<std::int16_t>(std::lround(hu)));
    }
    crop.truth.resize(crop.hu.size());
    if (lesion == nullptr) return crop;
    const auto inside = sample_mask(turn(lesion->mask.geometry), lesion->mask.voxels, grid);
    std::transform(inside.begin(), inside.end(), crop.truth.begin(),
                   [](float v) { return v >= 0.5F ? std::uint8_t{1} : std::uint8_t{0}; });
    return crop;
  }

  LesionSourceOptions options_;
  std::vector<SourceCase> cases_;
  std::vector<std::size_t> all_, large_, small_;  ///< numbers of cases with any, a large and a small lesion
};

}  // namespace

CropSource lesion_source(std::vector<LesionCase> cases, const LesionSourceOptions& options) {
  auto source = std::make_shared<const Source>(std::move(cases), options);
  return [source](const CropRequest& request) { return (*source)(request); };
}

}  // namespace punctum
