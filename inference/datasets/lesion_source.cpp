#include "inference/datasets/lesion_source.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>

#include "dicom/types/error.hpp"
#include "inference/datasets/source_case.hpp"
#include "inference/measure/lesion_form.hpp"
#include "inference/preprocess/crop.hpp"

namespace punctum {
namespace {

/// Turns about a place, first about the patient's long axis and then by a tilt of that axis, and stretches along the
/// axes of the images: the same images at other places. What is sampled from them shows another patient.
class Turn {
 public:
  Turn(const PatientPoint& about, const LesionSourceOptions& options, Draw& draw) : about_(about) {
    const auto angle = [&](double largest_deg) {
      return draw.uniform(-largest_deg, largest_deg) * std::numbers::pi / 180;
    };
    const double turn = angle(options.largest_turn_deg), tilt = angle(options.largest_tilt_deg);
    towards_ = draw.uniform(0, 2 * std::numbers::pi);
    turn_ = {std::cos(turn), std::sin(turn)};
    tilt_ = {std::cos(tilt), std::sin(tilt)};
    const double scale = draw.uniform(options.smallest_scale, options.largest_scale);
    for (double& s : stretch_) s = scale * draw.uniform(1 / options.largest_stretch, options.largest_stretch);
  }

  double mean_stretch() const { return std::cbrt(stretch_[0] * stretch_[1] * stretch_[2]); }

  SeriesGeometry operator()(const SeriesGeometry& geometry) const {
    const auto row = geometry.slices().front().plane.row_direction;
    const auto column = geometry.slices().front().plane.column_direction;
    const auto normal = cross(row, column);
    auto slices = geometry.slices();
    for (auto& [instance, plane] : slices) {
      const auto from = plane.position_mm - about_;
      plane.position_mm = about_ + turned(row * (stretch_[0] * dot(from, row))) +
                          turned(column * (stretch_[1] * dot(from, column))) +
                          turned(normal * (stretch_[2] * dot(from, normal)));
      plane.row_direction = turned(row);
      plane.column_direction = turned(column);
      plane.column_spacing_mm *= stretch_[0];
      plane.row_spacing_mm *= stretch_[1];
    }
    return SeriesGeometry::from_slices(std::move(slices), geometry.frame_of_reference_uid(),
                                       geometry.slice_spacing_mm() * stretch_[2]);
  }

 private:
  struct Angle {
    double cosine = 1, sine = 0;
  };

  PatientVector turned(const PatientVector& v) const {
    const PatientVector u{turn_.cosine * v.x - turn_.sine * v.y, turn_.sine * v.x + turn_.cosine * v.y, v.z};
    const PatientVector axis{std::cos(towards_), std::sin(towards_), 0};
    return u * tilt_.cosine + cross(axis, u) * tilt_.sine + axis * (dot(axis, u) * (1 - tilt_.cosine));
  }

  PatientPoint about_;
  Angle turn_, tilt_;
  double towards_ = 0;               ///< direction of the axis of the tilt, across the patient's long axis
  std::array<double, 3> stretch_{};  ///< along row, column and normal
};

class Source {
 public:
  Source(const CaseFeed& cases, const LesionSourceOptions& options) : options_(options) {
    cases([this](const LesionCase& loaded) {
      if (!loaded.lesions.empty()) cases_.push_back(make_source_case(loaded, options_.folder));
    });
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
    return cut_out(from, lesion, lesion->click(draw), request, draw);
  }

 private:
  static bool is_punctate(double length_mm) { return length_mm <= longest_punctate_mm; }
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
    const Turn turn(centre, options_, draw);
    const auto grid = CropGrid::around(centre, request.spacing_mm, request.size);
    auto hu = sample_hu(turn(from.geometry), from.hu.values(), grid);
    TrainingCrop crop;
    crop.size = request.size;
    crop.spacing_mm = request.spacing_mm;
    crop.truth.resize(hu.size());
    if (lesion != nullptr) {
      const auto inside = sample_mask(turn(lesion->mask.geometry), lesion->mask.voxels, grid);
      std::transform(inside.begin(), inside.end(), crop.truth.begin(),
                     [](float v) { return v >= 0.5F ? std::uint8_t{1} : std::uint8_t{0}; });
      crop.labels = lesion->labels;
      if (is_punctate(lesion->length_mm) != is_punctate(lesion->length_mm * turn.mean_stretch())) {
        crop.labels[static_cast<std::size_t>(Attribute::shape)] = -1;
      }
      if (draw.uniform() < options_.other_density_share) give_other_density(crop, hu, inside, draw);
    }
    for (const float v : hu) crop.hu.push_back(static_cast<std::int16_t>(std::lround(v)));
    return crop;
  }

  /// As another contrast phase might show it. What was said of its density no longer holds.
  void give_other_density(TrainingCrop& crop, std::vector<float>& hu, const std::vector<float>& inside,
                          Draw& draw) const {
    const auto by = static_cast<float>(draw.uniform(-options_.largest_shift_hu, options_.largest_shift_hu));
    for (std::size_t i = 0; i < hu.size(); ++i) hu[i] += by * inside[i];
    crop.labels[static_cast<std::size_t>(Attribute::density)] = -1;
  }

  LesionSourceOptions options_;
  std::vector<SourceCase> cases_;
  std::vector<std::size_t> all_, large_, small_;  ///< numbers of cases with any, a large and a small lesion
};

}  // namespace

CropSource lesion_source(const CaseFeed& cases, const LesionSourceOptions& options) {
  auto source = std::make_shared<const Source>(cases, options);
  return [source](const CropRequest& request) { return (*source)(request); };
}

}  // namespace punctum
