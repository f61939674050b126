#include "inference/phantom/lesions.hpp"

#include <optional>

#include "inference/phantom/lesion_tissue.hpp"

namespace punctum::phantom {
namespace {

constexpr double free_mm = 6;              // no close relationship: at least so far from everything else
constexpr double touching_mm = 0.75;       // nearer than this counts as contact
constexpr double least_contact = 0.15;     // close relationship: at least this part of the surface in contact
constexpr double most_contact = 0.75;      // the lesion stays recognisably part of its host
constexpr double most_contact_tiny = 0.4;  // of a punctate one, so much less is left to see

constexpr double skin_mm = 4;  // nothing grows through the skin

struct Place {
  std::size_t host;
  Vec3 offset;  ///< of the form's origin
};

/// Where centres may lie: in the series, not too near its ends.
Box reachable(const Scene& scene, const Survey& form) {
  const auto& a = scene.acquisition;
  const double across = std::max(10.0, 0.5 * a.width_mm() - 0.5 * form.extent_mm - 5);
  const double along = std::max(4.0, 0.5 * a.height_mm() - 0.5 * form.extent_mm - 3);
  const Vec3 half{across, across, along};
  return {a.centre - half, a.centre + half};
}

bool takes(const Organ& organ, const Traits& traits) {
  if (!organ.host) return false;
  if (traits.shape == ShapeKind::wall) return organ.name == "cavity";
  return organ.parenchyma || traits.density == 2;
}

bool apart_from_others(const Scene& scene, const Vec3& centre, double reach) {
  for (const auto& other : scene.lesions) {
    if (length(other.centre - centre) < other.reach_mm + reach + 8) return false;
  }
  return true;
}

bool relation_holds(const Scene& scene, const Traits& traits, const Survey& form, const Place& place) {
  if (!traits.close) {
    for (const auto& p : form.surface) {
      if (clearance(scene, place.host, p + place.offset) < free_mm) return false;
    }
    return true;
  }
  const Shape& skin = *scene.layers.front().shape;
  std::size_t touching = 0;
  for (const auto& p : form.surface) {
    if (skin.distance(p + place.offset) > -skin_mm) return false;
    if (clearance(scene, place.host, p + place.offset) < touching_mm) ++touching;
  }
  const double contact = static_cast<double>(touching) / static_cast<double>(form.surface.size());
  return contact >= least_contact + 0.02 &&
         contact <= (traits.shape == ShapeKind::punctate ? most_contact_tiny : most_contact);
}

/// A place in one of the organs, by trial.
std::optional<Place> find_place(const Scene& scene, const Traits& traits, const Survey& form, double reach,
                                Random& random) {
  std::vector<std::size_t> hosts;
  for (std::size_t i = 0; i < scene.organs.size(); ++i) {
    if (takes(scene.organs[i], traits)) hosts.push_back(i);
  }
  if (hosts.empty()) return {};
  const Box reachable_box = reachable(scene, form);
  for (int trial = 0; trial < 400; ++trial) {
    const std::size_t host = hosts[static_cast<std::size_t>(random.below(static_cast<int>(hosts.size())))];
    const Box box = scene.organs[host].shape->bounds();
    const Vec3 low{std::max(box.low.x, reachable_box.low.x), std::max(box.low.y, reachable_box.low.y),
                   std::max(box.low.z, reachable_box.low.z)};
    const Vec3 high{std::min(box.high.x, reachable_box.high.x), std::min(box.high.y, reachable_box.high.y),
                    std::min(box.high.z, reachable_box.high.z)};
    if (low.x >= high.x || low.y >= high.y || low.z >= high.z) continue;
    const Vec3 centre{random.uniform(low.x, high.x), random.uniform(low.y, high.y), random.uniform(low.z, high.z)};
    const double room = clearance(scene, host, centre);
    const bool plausible = traits.close ? room > -0.2 * reach && room < reach + 1 : room > free_mm + form.deepest_mm;
    if (!plausible || !apart_from_others(scene, centre, reach)) continue;
    const Place place{host, centre - form.deepest};
    if (relation_holds(scene, traits, form, place)) return place;
  }
  return {};
}

double draw_contrast(const Traits& traits, double least, Random& random) {
  const double sign = traits.density == 0 ? -1 : 1;
  if (traits.density == 1) return random.uniform(-8, 8);
  const double low = std::max(25.0, least), most = std::max(traits.density == 0 ? 100.0 : 150.0, low + 20);
  return sign * random.uniform(low, most);
}

/// HU of a lesion in lung or fat: solid, or (in lung) ground glass.
double draw_dense(double host_hu, Random& random) {
  if (host_hu < -500 && random.chance(0.3)) return host_hu + random.uniform(220, 450);
  return random.uniform(-10, 95);
}

double draw_edge(const Traits& traits, const Survey& form, Random& random) {
  if (!traits.ill_defined) return random.uniform(0.4, 1.6);
  return random.uniform(5.2, std::clamp(1.3 * form.deepest_mm, 5.6, 11.0));
}

double draw_rim(const Traits& traits, Random& random) {
  const bool needed = traits.density == 1 && !traits.heterogeneous;
  if (!needed || traits.shape == ShapeKind::wall) return 0;
  return (random.chance(0.5) ? 1 : -1) * random.uniform(35, 70);
}

Layer paint(const Traits& traits, const Survey& form, const ShapePtr& shape, const TissuePtr& tissue, Random& random) {
  Layer layer{shape, tissue, draw_edge(traits, form, random), 0, {}};
  if (traits.ill_defined) {
    layer.fringe_mm = std::min(random.uniform(0.8, 2.0), 0.2 * form.deepest_mm);
    layer.fringe_field = NoiseField(random.bits(), 3);
  }
  return layer;
}

/// A tissue whose fields are fixed to the form, wherever the form is put.
class MovedTissue : public Tissue {
 public:
  MovedTissue(TissuePtr tissue, const Vec3& by) : tissue_(std::move(tissue)), by_(by) {}
  double hu(const Vec3& p, double distance) const override { return tissue_->hu(p - by_, distance); }

 private:
  TissuePtr tissue_;
  Vec3 by_;
};

std::shared_ptr<const LesionTissue> draw_tissue(const Scene& scene, const Traits& traits, const Survey& form,
                                                double mean, Random& random) {
  for (int trial = 0; trial < 8; ++trial) {
    const LesionTissue::Look look{mean, draw_rim(traits, random), scene.acquisition.noise_hu};
    auto tissue = std::make_shared<const LesionTissue>(traits, form, look, random);
    if (tissue_agrees(traits, *tissue, form)) return tissue;
  }
  return nullptr;
}

SceneLesion as_lesion(const Traits& traits, const Survey& form, const ShapePtr& truth, const Vec3& offset) {
  double reach = 0;
  for (const auto& p : form.surface) reach = std::max(reach, length(p - form.deepest));
  return {traits.labels(), truth, form.deepest + offset, reach + form.step_mm};
}

/// What is left to the type "cyst": fluid in parenchyma, even and sharply bounded.
bool like_a_cyst(const Traits& traits, const Organ& host, double mean) {
  const bool round = traits.shape == ShapeKind::round || traits.shape == ShapeKind::punctate;
  return round && host.parenchyma && traits.density == 0 && !traits.heterogeneous && !traits.ill_defined && mean > -8 &&
         mean < 28;
}

double draw_mean(const Traits& traits, const Organ& host, double least, Random& random) {
  if (traits.type == LesionType::cyst) return random.uniform(0, 20);
  return host.parenchyma ? host.hu + draw_contrast(traits, least, random) : draw_dense(host.hu, random);
}

bool grow_in_organ(Scene& scene, const Traits& traits, const LesionForm& form, const Survey& measured, Random& random) {
  const auto place = find_place(scene, traits, measured, 0.6 * measured.extent_mm, random);
  if (!place) return false;
  const Organ& host = scene.organs[place->host];
  const double least = visible_contrast(traits.diameter_mm, scene.acquisition);
  const double mean = draw_mean(traits, host, least, random);
  if (traits.type == LesionType::cyst && (!host.parenchyma || host.hu - mean < std::max(25.0, least))) return false;
  if (traits.type == LesionType::usual && like_a_cyst(traits, host, mean)) return false;
  const auto tissue = draw_tissue(scene, traits, measured, mean, random);
  if (!tissue) return false;
  const auto shape = std::make_shared<Moved>(form.shape, place->offset);
  scene.layers.push_back(paint(traits, measured, shape, std::make_shared<MovedTissue>(tissue, place->offset), random));
  scene.lesions.push_back(as_lesion(traits, measured, shape, place->offset));
  return true;
}

/// A vessel that the lesion has grown around: painted over it, and not part of it.
void encase_vessel(Scene& scene, const Survey& measured, Random& random) {
  SceneLesion& lesion = scene.lesions.back();
  const double depth = measured.deepest_mm, radius = std::clamp(0.16 * depth, 1.5, 4.0);
  const Frame frame = frame_along({random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-0.6, 0.6)});
  const Vec3 middle = lesion.centre + frame.u * (depth * random.uniform(0.3, 0.6));
  const double half = lesion.reach_mm + random.uniform(10, 25);
  const double host_hu = scene.organs.empty() ? 50 : random.uniform(90, 220);
  const auto tissue = std::make_shared<PlainTissue>(host_hu, 2, random.bits());
  Vec3 from = middle - frame.w * half;
  for (int i = 0; i < 4; ++i) {
    const double t = -half + (i + 1) * half / 2;
    const double stray = i == 1 ? 0 : 0.25 * radius * random.uniform(-1, 1) * (i + 1);
    const Vec3 to = middle + frame.w * t + frame.v * stray;
    const auto piece = std::make_shared<Capsule>(from, to, radius, radius);
    scene.layers.push_back({piece, tissue, 0, 0, {}});
    scene.organs.push_back({"vessel", piece, host_hu, 2, false, false});
    lesion.truth = std::make_shared<Difference>(lesion.truth, piece);
    from = to;
  }
}

bool grow_around_vessel(Scene& scene, const Traits& traits, const LesionForm& form, const Survey& measured,
                        Random& random) {
  Traits free = traits;
  free.close = false;
  if (!grow_in_organ(scene, free, form, measured, random)) return false;
  scene.lesions.back().labels = traits.labels();
  encase_vessel(scene, measured, random);
  return true;
}

double contact_with(const Shape& shape, const Survey& measured, const Vec3& offset) {
  std::size_t touching = 0;
  for (const auto& p : measured.surface) touching += shape.distance(p + offset) < touching_mm;
  return static_cast<double>(touching) / static_cast<double>(measured.surface.size());
}

bool overlaps_other_organs(const Scene& scene, std::size_t cavity, const Ellipsoid& solid) {
  for (const Vec3& side :
       {Vec3{1, 0, 0}, Vec3{-1, 0, 0}, Vec3{0, 1, 0}, Vec3{0, -1, 0}, Vec3{0, 0, 1}, Vec3{0, 0, -1}}) {
    const Vec3 p = solid.centre() + side * (0.8 * solid.radii().x);
    if (clearance(scene, cavity, p) < 0) return true;
  }
  return clearance(scene, cavity, solid.centre()) < 0;
}

/// An organ that the wall's lesion has grown into, lying against its outer side; it is painted before the hollow organ.
std::optional<Organ> draw_neighbour(const Scene& scene, const LesionForm& form, const Survey& measured,
                                    const Place& place, Random& random) {
  for (int trial = 0; trial < 30; ++trial) {
    const double radius = random.uniform(0.5, 1.1) * measured.extent_mm, depth = random.uniform(0.05, 0.4) * radius;
    const Vec3 outside = measured.deepest + form.outward * (0.5 * form.thickness_mm + radius - depth);
    const Frame frame = frame_along(form.outward);
    const auto shape =
        std::make_shared<Ellipsoid>(place.offset + outside + frame.u * random.uniform(-4, 4),
                                    Vec3{radius * random.uniform(0.9, 1.3), radius * random.uniform(0.9, 1.3), radius},
                                    frame, Roughness{0.03 * radius, {random.bits(), radius}});
    const double contact = contact_with(*shape, measured, place.offset);
    if (contact < least_contact + 0.02 || contact > 0.55) continue;
    if (overlaps_other_organs(scene, place.host, *shape)) continue;
    return Organ{"neighbour", shape, random.uniform(30, 110), 5, true, false};
  }
  return {};
}

/// Tissue or content that differs enough from the lesion to show its border.
double draw_lumen(double lesion_hu, Random& random) {
  for (;;) {
    const int kind = random.weighted({1, 1.5, 1});
    const double hu = kind == 0 ? -950 : kind == 1 ? random.uniform(-5, 20) : random.uniform(150, 320);
    if (std::abs(hu - lesion_hu) > 45) return hu;
  }
}

bool thicken_wall(Scene& scene, const Traits& traits, const LesionForm& form, const Survey& measured, Random& random) {
  const double wall_hu = random.uniform(45, 85);
  const double least = visible_contrast(traits.diameter_mm, scene.acquisition);
  const double mean = wall_hu + (traits.density == 0 ? std::max(-75.0, draw_contrast(traits, least, random))
                                                     : draw_contrast(traits, least, random));
  const auto tissue = draw_tissue(scene, traits, measured, mean, random);
  if (!tissue) return false;
  Traits free = traits;
  free.close = false;  // the place is free; what it is close to comes with it
  const auto place = find_place(scene, free, measured, 0.6 * measured.extent_mm, random);
  if (!place) return false;
  if (traits.close) {
    const auto neighbour = draw_neighbour(scene, form, measured, *place, random);
    if (!neighbour) return false;
    scene.layers.push_back({neighbour->shape,
                            std::make_shared<PlainTissue>(neighbour->hu, neighbour->texture_sd, random.bits()),
                            0,
                            0,
                            {}});
    scene.organs.push_back(*neighbour);
  }
  const Vec3& by = place->offset;
  const auto outer = std::make_shared<Moved>(form.organ->outer, by);
  const auto lumen = std::make_shared<Moved>(form.organ->lumen, by);
  const auto shape = std::make_shared<Moved>(form.shape, by);
  const auto fill = [&](const ShapePtr& solid, double hu) {
    scene.layers.push_back({solid, std::make_shared<PlainTissue>(hu, 2, random.bits()), 0, 0, {}});
  };
  fill(outer, wall_hu);
  scene.layers.push_back(paint(traits, measured, shape, std::make_shared<MovedTissue>(tissue, by), random));
  fill(lumen, draw_lumen(mean, random));
  scene.organs.push_back({"hollow organ", outer, wall_hu, 2, false, false});
  scene.lesions.push_back(as_lesion(traits, measured, shape, by));
  return true;
}

/// A stone in the fluid of a thin-walled organ that comes with it, like a gallbladder.
bool put_into_fluid(Scene& scene, const Traits& traits, const LesionForm& form, const Survey& measured,
                    Random& random) {
  double reach = 0;
  for (const auto& p : measured.surface) reach = std::max(reach, length(p - measured.deepest));
  const double room = reach + free_mm + random.uniform(0.5, 6);
  const Vec3 radii{room * random.uniform(1, 1.2), room * random.uniform(1, 1.2), room * random.uniform(1, 1.6)};
  const Frame frame = frame_along({random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1)});
  const auto lumen = std::make_shared<Ellipsoid>(Vec3{}, radii, frame);
  const auto outer = std::make_shared<Offset>(lumen, random.uniform(1.5, 3));
  Traits organ = traits;  // placed as the organs with thickened walls are: in the fat between others
  organ.shape = ShapeKind::wall;
  organ.close = false;
  const Survey outline = survey(*outer);
  const auto place = find_place(scene, organ, outline, 0.6 * outline.extent_mm, random);
  const auto tissue = draw_tissue(scene, traits, measured, random.uniform(300, 1000), random);
  if (!place || !tissue) return false;
  const Vec3 by = place->offset - measured.deepest;
  const auto fill = [&](const ShapePtr& solid, double hu) {
    const auto moved = std::make_shared<Moved>(solid, place->offset);
    scene.layers.push_back({moved, std::make_shared<PlainTissue>(hu, 2, random.bits()), 0, 0, {}});
    scene.organs.push_back({"gallbladder", moved, hu, 2, false, false});
  };
  fill(outer, random.uniform(30, 70));
  fill(lumen, random.uniform(0, 20));
  const auto shape = std::make_shared<Moved>(form.shape, by);
  scene.layers.push_back(paint(traits, measured, shape, std::make_shared<MovedTissue>(tissue, by), random));
  scene.lesions.push_back(as_lesion(traits, measured, shape, by));
  return true;
}

bool place_form(Scene& scene, const Traits& traits, const LesionForm& form, const Survey& measured, Random& random) {
  if (traits.type == LesionType::stone) return put_into_fluid(scene, traits, form, measured, random);
  if (traits.shape == ShapeKind::wall) return thicken_wall(scene, traits, form, measured, random);
  const bool around = traits.close && measured.deepest_mm > 7 && traits.shape != ShapeKind::punctate;
  if (around && random.chance(0.4)) return grow_around_vessel(scene, traits, form, measured, random);
  return grow_in_organ(scene, traits, form, measured, random);
}

}  // namespace

double clearance(const Scene& scene, std::size_t host, const Vec3& p) {
  double free = -scene.organs[host].shape->distance(p);
  for (std::size_t i = host + 1; i < scene.organs.size(); ++i)
    free = std::min(free, scene.organs[i].shape->distance(p));
  return free;
}

void add_siblings(Scene& scene, Random& random) {
  const SceneLesion lesion = scene.lesions.back();
  const Layer original = scene.layers.back();
  for (int i = random.between(1, 4); i > 0; --i) {
    const Vec3 by{random.uniform(-20, 20), random.uniform(-20, 20), random.uniform(-20, 20)};
    const double apart = 2 * lesion.reach_mm + free_mm + 1;
    if (length(by) < apart || length(by) > 24) continue;
    bool fits = true;
    for (const auto& organ : scene.organs) {
      const double d = organ.shape->distance(lesion.centre), there = organ.shape->distance(lesion.centre + by);
      fits = fits && (d < 0) == (there < 0) && std::abs(there) > lesion.reach_mm + 1;
    }
    if (!fits) continue;
    Layer copy = original;
    copy.shape = std::make_shared<Moved>(original.shape, by);
    copy.tissue = std::make_shared<MovedTissue>(original.tissue, by);
    scene.layers.push_back(copy);
    scene.lookalikes.push_back(copy.shape);
  }
}

bool add_lesion(Scene& scene, const Traits& wished, Random& random) {
  Traits traits = wished;
  // A lesion for which there is no room is tried again smaller, so that the attributes stay as they were drawn.
  for (int trial = 0; trial < 24; ++trial) {
    const LesionForm form = draw_form(traits, random);
    const Survey measured = survey(*form.shape);
    if (form_agrees(traits, form, measured) && place_form(scene, traits, form, measured, random)) return true;
    if (trial % 4 == 3) traits.diameter_mm = smaller(traits);
  }
  return false;
}

}  // namespace punctum::phantom
