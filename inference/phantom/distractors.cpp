#include "inference/phantom/anatomy.hpp"
#include "inference/phantom/lesions.hpp"

namespace punctum::phantom {
namespace {

constexpr double free_mm = 7;   // a little more than what "no close relationship" asks for
constexpr int close_label = 1;  // of Attribute::invasion

class Painter {
 public:
  Painter(Scene& scene, Random& random) : scene_(scene), random_(random) {}

  /// @return false if the place is not free.
  bool add(const ShapePtr& shape, const Vec3& where, double radius, double hu, double texture_sd = 0) {
    if (!free(where, radius)) return false;
    made_.push_back({shape, std::make_shared<PlainTissue>(hu, texture_sd, random_.bits()), 0, 0, {}});
    return true;
  }
  /// May something of this radius lie here? Not near a lesion that keeps its distance.
  bool free(const Vec3& where, double radius) const {
    for (const auto& lesion : scene_.lesions) {
      const bool close = lesion.labels[static_cast<std::size_t>(Attribute::invasion)] == close_label;
      if (close) continue;
      if (length(where - lesion.centre) - lesion.reach_mm > free_mm + radius) continue;
      if (lesion.truth->distance(where) < free_mm + radius) return false;
    }
    return true;
  }
  void insert_before(std::size_t layer) {
    scene_.layers.insert(scene_.layers.begin() + static_cast<std::ptrdiff_t>(layer), made_.begin(), made_.end());
  }

 private:
  Scene& scene_;
  Random& random_;
  std::vector<Layer> made_;
};

Vec3 somewhere_in(const Box& box, Random& random) {
  return {random.uniform(box.low.x, box.high.x), random.uniform(box.low.y, box.high.y),
          random.uniform(box.low.z, box.high.z)};
}

Vec3 turned(const Vec3& direction, double by, Random& random) {
  return unit(direction + Vec3{random.uniform(-by, by), random.uniform(-by, by), random.uniform(-by, by)});
}

/// What one tree of vessels is made of.
struct Sap {
  const Scene& scene;
  std::size_t organ;
  double hu;
};

/// A branch that wanders, thins and forks until it would leave its organ.
void grow_branch(Painter& painter, const Sap& sap, Vec3 from, Vec3 direction, double radius, int forks,
                 Random& random) {
  for (int step = 0; step < 9 && radius > 0.7; ++step) {
    direction = turned(direction, 0.35, random);
    const double reach = random.uniform(5, 9);
    const Vec3 to = from + direction * reach;
    if (clearance(sap.scene, sap.organ, to) < radius + 1) return;
    const auto piece = std::make_shared<Capsule>(from, to, radius, 0.93 * radius);
    if (!painter.add(piece, (from + to) * 0.5, 0.5 * reach + radius, sap.hu)) return;
    from = to;
    radius *= 0.93;
    if (forks > 0 && random.chance(0.3)) {
      grow_branch(painter, sap, from, turned(direction, 0.9, random), 0.75 * radius, forks - 1, random);
    }
  }
}

struct Habit {
  int trees;
  double thickest_mm, least_hu, most_hu;
};

Habit habit_of(const Organ& organ, Random& random) {
  if (organ.name == "lung") return {random.between(24, 40), 3.0, 0, 60};
  if (organ.name == "cavity") return {random.between(20, 45), 2.4, 20, 160};
  if (organ.name == "liver" || organ.name == "mass") {
    return {random.between(8, 20), 5.0, organ.hu + 12, organ.hu + 100};
  }
  return {0, 0, 0, 0};
}

void add_trees(Painter& painter, const Scene& scene, Random& random) {
  const auto& series = scene.acquisition;
  for (std::size_t o = 0; o < scene.organs.size(); ++o) {
    const Habit habit = habit_of(scene.organs[o], random);
    const Sap sap{scene, o, random.uniform(habit.least_hu, habit.most_hu)};
    const Box box = scene.organs[o].shape->bounds();
    for (int i = 0; i < habit.trees; ++i) {
      Vec3 root = somewhere_in(box, random);
      root.z = series.centre.z + random.uniform(-0.6, 0.6) * series.height_mm();
      if (clearance(scene, o, root) < 6) continue;
      const double radius = random.log_uniform(1.0, habit.thickest_mm);
      grow_branch(painter, sap, root, turned({0, 0, 0}, 1, random), radius, 3, random);
    }
  }
}

/// Loops of bowel in the fat of the cavity: wall and content, a new course every few centimetres.
void add_bowel(Painter& painter, const Scene& scene, Random& random) {
  const auto& series = scene.acquisition;
  const int loops = random.between(4, 18);
  for (int i = 0; i < loops; ++i) {
    const double half = 0.5 * series.height_mm();
    Vec3 at = somewhere_in({{-90, -75, series.centre.z - half}, {90, 10, series.centre.z + half}}, random);
    Vec3 direction = turned({0, 0, 0}, 1, random);
    const double radius = random.uniform(7, 15), wall = random.uniform(1.5, 3);
    const double content = random.chance(0.35)  ? -900
                           : random.chance(0.5) ? random.uniform(0, 40)
                                                : random.uniform(120, 300);
    struct Piece {
      Vec3 from, to;
    };
    std::vector<Piece> course;
    for (int step = 0; step < 6; ++step) {
      direction = turned(direction, 0.7, random);
      const Vec3 to = at + direction * random.uniform(10, 18);
      bool fits = painter.free((at + to) * 0.5, radius + 9);
      for (std::size_t o = 0; o < scene.organs.size() && fits; ++o) {
        const double d = scene.organs[o].shape->distance(to);
        fits = o == 0 ? d < -radius - 2 : d > radius + 1;
      }
      if (!fits) break;
      course.push_back({at, to});
      at = to;
    }
    for (const auto& p : course) {
      painter.add(std::make_shared<Capsule>(p.from, p.to, radius, radius), (p.from + p.to) * 0.5, 0,
                  random.uniform(45, 75), 2);
    }
    for (const auto& p : course) {
      painter.add(std::make_shared<Capsule>(p.from, p.to, radius - wall, radius - wall), (p.from + p.to) * 0.5, 0,
                  content, 4);
    }
  }
}

/// Cysts, nodes and calcifications that nobody clicks on.
void add_lookalikes(Painter& painter, Scene& scene, Random& random) {
  const auto& series = scene.acquisition;
  for (std::size_t o = 0; o < scene.organs.size(); ++o) {
    const Organ organ = scene.organs[o];
    if (!organ.host || random.chance(0.4)) continue;
    for (int i = random.between(1, 3); i > 0; --i) {
      Vec3 c = somewhere_in(organ.shape->bounds(), random);
      c.z = series.centre.z + random.uniform(-0.5, 0.5) * series.height_mm();
      const double radius = random.log_uniform(1.5, 9);
      bool fits = organ.shape->distance(c) < -radius - 1 && painter.free(c, radius);
      for (const auto& lesion : scene.lesions) fits = fits && lesion.truth->distance(c) > radius + 5;
      for (std::size_t later = o + 1; later < scene.organs.size() && fits; ++later) {
        fits = scene.organs[later].shape->distance(c) > radius + 1;
      }
      if (!fits) continue;
      const bool chalk = random.chance(0.2) && radius < 3;
      const double hu = chalk              ? random.uniform(250, 700)
                        : organ.parenchyma ? random.uniform(-5, 25)
                                           : random.uniform(10, 60);
      const auto shape = std::make_shared<Ellipsoid>(c, Vec3{radius, radius * random.uniform(0.8, 1.2), radius});
      if (painter.add(shape, c, radius, hu)) scene.lookalikes.push_back(shape);
    }
  }
}

}  // namespace

void add_distractors(Scene& scene, std::size_t first_lesion_layer, Region region, Random& random) {
  Painter painter(scene, random);
  add_trees(painter, scene, random);
  if (region != Region::chest) add_bowel(painter, scene, random);
  add_lookalikes(painter, scene, random);
  painter.insert_before(first_lesion_layer);
}

}  // namespace punctum::phantom
