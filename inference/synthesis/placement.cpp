#include "inference/synthesis/placement.hpp"

#include <array>
#include <cmath>

#include "inference/synthesis/grid_shape.hpp"

namespace punctum::synthesis {
namespace {

using phantom::Random;
using phantom::ShapeKind;
using phantom::Survey;
using phantom::Traits;

constexpr double skin_mm = 4;              // nothing grows through the skin
constexpr double most_contact = 0.75;      // the lesion stays recognisably part of its host
constexpr double most_contact_tiny = 0.4;  // of a punctate one, so much less is left to see
constexpr double most_cut = 0.5;           // part of a form that may be lost where it is cut off

/// Which tissues take a lesion of this density, and how often.
std::array<double, tissue_classes> hosts(const Traits& traits) {
  std::array<double, tissue_classes> weight{};
  const auto set = [&](TissueClass kind, double w) { weight[static_cast<std::size_t>(kind)] = w; };
  set(TissueClass::soft, traits.density == 2 ? 0.5 : traits.density == 0 ? 0.88 : 1);
  if (traits.density == 2) {
    set(TissueClass::lung, 0.3);
    set(TissueClass::fat, 0.14);
  }
  if (traits.density != 1 && traits.diameter_mm < 40) set(TissueClass::bone, traits.density == 0 ? 0.12 : 0.06);
  return weight;
}

constexpr std::size_t least_lung_cells = 12'000;  // some 0.2 l; less of such HU is bowel

TissueClass draw_host(const Background& background, const Traits& traits, Random& random) {
  auto weight = hosts(traits);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (background.places(static_cast<TissueClass>(i)).size() < 50) weight[i] = 0;
  }
  if (background.places(TissueClass::lung).size() < least_lung_cells) {
    weight[static_cast<std::size_t>(TissueClass::lung)] = 0;
  }
  return static_cast<TissueClass>(random.weighted({weight[0], weight[1], weight[2], weight[3], weight[4], weight[5]}));
}

/// A few dozen places of the surface: enough to see at a glance whether a place is worth measuring.
std::vector<Vec3> glance(const Survey& measured) {
  std::vector<Vec3> some;
  const std::size_t every = std::max<std::size_t>(1, measured.surface.size() / 40);
  for (std::size_t i = 0; i < measured.surface.size(); i += every)
    some.push_back(measured.surface[i] - measured.deepest);
  return some;
}

bool worth_measuring(const Background& background, const Traits& traits, const std::vector<Vec3>& rim,
                     const Vec3& centre) {
  const double hu = background.calm_hu(centre);
  const TissueClass host = class_of(hu);
  const double tolerance = tolerance_hu(host, background.noise());
  const auto differs = [&](const Vec3& p) {
    const double there = background.calm_hu(p);
    return host == TissueClass::bone ? there < 110 : std::abs(there - hu) > tolerance;
  };
  std::size_t other = 0;
  for (const auto& r : rim) {
    if (background.room(centre + r) < skin_mm) return false;
    if (traits.close) {
      other += differs(centre + r);
    } else if (differs(centre + r * (1 + 5 / length(r)))) {
      return false;
    }
  }
  const double share = static_cast<double>(other) / static_cast<double>(rim.size());
  return !traits.close || (share > 0.06 && share < 0.85);
}

bool in_series(const Background& background, const std::vector<Vec3>& rim, const Vec3& centre) {
  const auto& g = background.volume().geometry;
  return std::all_of(rim.begin(), rim.end(), [&](const Vec3& r) {
    const auto at = g.to_index({centre.x + r.x, centre.y + r.y, centre.z + r.z});
    return at.x > 1 && at.y > 1 && at.z > 0.5 && at.x < g.columns() - 2 && at.y < g.rows() - 2 &&
           at.z < g.slice_count() - 1.5;
  });
}

/// Blood full of contrast medium is as dense as bone, but even; marrow lies near its cortex everywhere.
bool is_bone(const Background& background, const Vec3& centre) {
  double slopes = background.slope(centre);
  for (const double reach : {6.0, 12.0}) {
    for (const Vec3& way : {Vec3{reach, 0, 0}, Vec3{-reach, 0, 0}, Vec3{0, reach, 0}, Vec3{0, -reach, 0},
                            Vec3{0, 0, reach}, Vec3{0, 0, -reach}}) {
      const double slope = background.slope(centre + way);
      if (slope < 4 && background.calm_hu(centre + way) > 230) return false;
      slopes += slope;
    }
  }
  return slopes > 13 * 12;
}

Survey carried(Survey survey, const Vec3& by) {
  for (auto& p : survey.surface) p = p + by;
  for (auto& inner : survey.inside) inner.place = inner.place + by;
  survey.deepest = survey.deepest + by;
  return survey;
}

/// Keeps a placed lesion within its host tissue. @return false if too little or the wrong form would remain.
bool cut_to_host(Placement& placed, const Traits& traits) {
  auto shape = std::make_shared<Intersection>(placed.shape, placed.surroundings.host_solid());
  Survey left = phantom::survey(*shape);
  if (left.volume_mm3 < (1 - most_cut) * placed.survey.volume_mm3 || left.surface.size() < 20) return false;
  if (traits.shape == ShapeKind::round && left.sphericity() < 0.80) return false;
  placed.shape = shape;
  placed.survey = std::move(left);
  placed.cut_off = true;
  return true;
}

}  // namespace

std::optional<Placement> find_placement(const Background& background, const Traits& traits,
                                        const phantom::ShapePtr& form, const Survey& measured, Random& random) {
  const auto rim = glance(measured);
  const TissueClass host = draw_host(background, traits, random);
  const auto& cells = background.places(host);
  if (cells.empty() || rim.empty()) return {};
  int measured_places = 0;
  for (int trial = 0; trial < 600 && measured_places < 6; ++trial) {
    const auto cell = cells[static_cast<std::size_t>(random.below(static_cast<int>(cells.size())))];
    const Vec3 centre = background.place(cell, random);
    if (class_of(background.calm_hu(centre)) != host) continue;
    if (host == TissueClass::bone && !is_bone(background, centre)) continue;
    if (!in_series(background, rim, centre) || !worth_measuring(background, traits, rim, centre)) continue;
    ++measured_places;
    const Vec3 by = centre - measured.deepest;
    auto shape = std::make_shared<phantom::Moved>(form, by);
    const Surroundings surroundings(background, centre, shape->bounds());
    Placement placed{shape, carried(measured, by), surroundings, {}, false};
    placed.contact = surroundings.contact(placed.survey);
    if (!traits.close) {
      if (placed.contact.nearest_mm >= Contact::free_mm) return placed;
      continue;
    }
    const bool tiny = traits.shape == ShapeKind::punctate;
    if (placed.contact.share > 0 && random.chance(host == TissueClass::lung ? 0.8 : 0.6)) {
      if (!cut_to_host(placed, traits)) continue;
      placed.contact = surroundings.contact(placed.survey);
    }
    const double most = tiny ? most_contact_tiny : most_contact;
    if (placed.contact.share < Contact::least_share + 0.02 || placed.contact.share > most) continue;
    if (!placed.cut_off && placed.contact.within > 0.5) continue;
    return placed;
  }
  return {};
}

}  // namespace punctum::synthesis
