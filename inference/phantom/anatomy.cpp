#include "inference/phantom/anatomy.hpp"

namespace punctum::phantom {
namespace {

/// Puts solids into the scene one by one.
class Builder {
 public:
  Builder(Scene& scene, Random& random) : scene_(scene), random_(random) {}

  void fill(const ShapePtr& shape, double hu, double texture_sd = 0) {
    scene_.layers.push_back({shape, std::make_shared<PlainTissue>(hu, texture_sd, random_.bits()), 0, 0, {}});
  }
  void organ(std::string_view name, const ShapePtr& shape, double hu, double texture_sd, bool parenchyma, bool host) {
    fill(shape, hu, texture_sd);
    scene_.organs.push_back({name, shape, hu, texture_sd, parenchyma, host});
  }
  void bone(std::string_view name, const ShapePtr& shape) {
    const double cortex = random_.uniform(300, 600), marrow = random_.uniform(100, 220);
    scene_.layers.push_back(
        {shape, std::make_shared<BoneTissue>(cortex, marrow, random_.uniform(1.5, 3), random_.bits()), 0, 0, {}});
    scene_.organs.push_back({name, shape, marrow, 40, false, false});
  }
  /// An ellipsoid, a little turned, with an uneven surface.
  ShapePtr blob(const Vec3& centre, const Vec3& radii, double unevenness) {
    const Vec3 c = centre + Vec3{random_.uniform(-8, 8), random_.uniform(-6, 6), random_.uniform(-8, 8)};
    const Vec3 r{radii.x * random_.uniform(0.85, 1.15), radii.y * random_.uniform(0.85, 1.15),
                 radii.z * random_.uniform(0.85, 1.15)};
    const double smallest = std::min({r.x, r.y, r.z});
    const Frame frame = frame_along({random_.uniform(-0.25, 0.25), random_.uniform(-0.25, 0.25), 1});
    return std::make_shared<Ellipsoid>(c, r, frame,
                                       Roughness{unevenness * smallest, NoiseField(random_.bits(), 0.8 * smallest)});
  }
  ShapePtr tube(const Vec3& from, const Vec3& to, double radius) {
    return std::make_shared<Capsule>(from, to, radius, radius * random_.uniform(0.85, 1.1));
  }

 private:
  Scene& scene_;
  Random& random_;
};

struct Trunk {
  double radius_x, radius_y;  ///< of the cavity
};

Trunk add_trunk(Builder& build, Random& random) {
  const double outer_x = random.uniform(125, 168), outer_y = outer_x * random.uniform(0.66, 0.8);
  const double fat = random.uniform(6, 24), wall = random.uniform(8, 14);
  build.fill(std::make_shared<EllipticColumn>(outer_x, outer_y), 40);
  build.fill(std::make_shared<EllipticColumn>(outer_x - 2, outer_y - 2), random.uniform(-115, -85), 5);
  const Trunk muscle{outer_x - fat, outer_y - fat};
  build.fill(std::make_shared<EllipticColumn>(muscle.radius_x, muscle.radius_y), random.uniform(45, 65), 6);
  return {muscle.radius_x - wall, muscle.radius_y - wall};
}

void add_spine(Builder& build, Scene& scene, const Trunk& trunk, Random& random) {
  const double back = trunk.radius_y, muscle_hu = random.uniform(45, 65);
  for (const double side : {-1.0, 1.0}) {
    build.organ("muscle", build.blob({side * 36, back - 13, 0}, {22, 15, 400}, 0.03), muscle_hu, 6, true, true);
  }
  const double front = back - random.uniform(22, 30);
  const double reach = 0.5 * scene.acquisition.height_mm() + 60;
  const double pitch = random.uniform(28, 36), start = random.uniform(-pitch, 0);
  build.fill(build.tube({0, front, -reach - 40}, {0, front, reach + 40}, 16), random.uniform(60, 95), 5);
  for (double z = start - std::floor(reach / pitch) * pitch; z < reach; z += pitch) {
    const Vec3 c{0, front, z};
    build.bone("vertebra", std::make_shared<Ellipsoid>(c, Vec3{22, 17, 0.56 * pitch}));
    build.bone("arch", std::make_shared<Capsule>(Vec3{-16, front + 20, z}, Vec3{0, front + 34, z - 6}, 4, 5));
    build.bone("arch", std::make_shared<Capsule>(Vec3{16, front + 20, z}, Vec3{0, front + 34, z - 6}, 4, 5));
  }
}

void add_great_vessels(Builder& build, const Trunk& trunk, double blood, Random& random) {
  const double y = trunk.radius_y - 58, lean = random.uniform(-10, 10);
  build.organ("aorta", build.tube({14 + lean, y, -300}, {10 - lean, y, 300}, random.uniform(9, 13)), blood, 2, false,
              false);
  build.organ("cava", build.tube({-20, y + 4, -300}, {-18, y, 300}, random.uniform(9, 13)),
              blood * random.uniform(0.6, 1), 2, false, false);
}

void add_kidneys(Builder& build, const Trunk& trunk, double enhancement, Random& random) {
  const double hu = 32 + 130 * enhancement;
  for (const double side : {-1.0, 1.0}) {
    const Vec3 c{side * 68, trunk.radius_y - 42, random.uniform(-40, -5)};
    const auto kidney = build.blob(c, {26, 28, 52}, 0.04);
    build.organ("kidney", kidney, hu, random.uniform(3, 7), true, true);
    const Vec3 hilum = c + Vec3{-side * 16, -3, 0};
    build.organ("pelvis", build.blob(hilum, {9, 8, 18}, 0.1), random.chance(0.5) ? 8 : 8 + 120 * enhancement, 2, false,
                false);
  }
}

void add_abdomen(Builder& build, const Trunk& trunk, bool roomy, double blood, double enhancement, Random& random) {
  add_great_vessels(build, trunk, blood, random);
  add_kidneys(build, trunk, enhancement, random);
  const double texture = random.uniform(3, 8);
  build.organ("liver", build.blob({-trunk.radius_x + 68, -8, 30}, {72, 66, 78}, 0.06), 55 + 55 * enhancement, texture,
              true, true);
  build.organ("spleen", build.blob({trunk.radius_x - 40, 20, 34}, {34, 42, 50}, 0.05), 48 + 65 * enhancement, texture,
              true, true);
  if (roomy) return;
  if (random.chance(0.7)) {
    const double hu = 40 + 55 * enhancement, r = random.uniform(9, 13);
    const auto head = build.tube({-22, 4, -16}, {8, -6, -2}, r), tail = build.tube({8, -6, -2}, {62, 14, 12}, r * 0.9);
    build.organ("pancreas", head, hu, 6, true, true);
    build.organ("pancreas", tail, hu, 6, true, true);
  }
  if (random.chance(0.6)) {
    build.organ("mass", build.blob({random.uniform(-30, 40), -45, -70}, {48, 36, 48}, 0.08), random.uniform(30, 110),
                texture, true, true);
  }
}

void add_chest(Builder& build, const Trunk& trunk, double blood, double enhancement, Random& random) {
  const double lung_hu = random.uniform(-890, -780);
  for (const double side : {-1.0, 1.0}) {
    const double rx = 0.44 * trunk.radius_x;
    build.organ("lung", build.blob({side * (trunk.radius_x - rx - 2), -4, 0}, {rx, 0.86 * trunk.radius_y, 190}, 0.02),
                lung_hu, random.uniform(8, 18), false, true);
  }
  build.organ("heart", build.blob({18, -trunk.radius_y + 62, -30}, {46, 44, 52}, 0.05), blood * 0.9, 4, true, true);
  add_great_vessels(build, trunk, blood, random);
  build.organ("trachea", build.tube({-2, -5, 20}, {0, -10, 200}, 8), -980, 0, false, false);
  if (random.chance(0.7)) {
    build.organ("liver", build.blob({-45, 0, -105}, {78, 70, 62}, 0.05), 55 + 55 * enhancement, 6, true, true);
  }
  for (double z = -140; z < 141; z += 28) {
    for (const double side : {-1.0, 1.0}) {
      const double x = trunk.radius_x - 1, y = 0.45 * trunk.radius_y;
      build.bone("rib", std::make_shared<Capsule>(Vec3{side * 0.84 * x, y * 1.1, z}, Vec3{side * x, 0, z - 9}, 5, 5));
      build.bone("rib",
                 std::make_shared<Capsule>(Vec3{side * x, 0, z - 9}, Vec3{side * 0.84 * x, -y * 1.1, z - 20}, 5, 4));
    }
  }
}

void add_pelvis(Builder& build, const Trunk& trunk, bool roomy, double enhancement, Random& random) {
  for (const double side : {-1.0, 1.0}) {
    build.bone("ilium", build.blob({side * (trunk.radius_x - 16), 18, 10}, {11, 42, 70}, 0.05));
    build.organ("muscle", build.blob({side * 62, 26, 20}, {24, 26, 130}, 0.05), random.uniform(45, 65), 6, true, true);
  }
  if (!roomy) {
    build.organ("mass", build.blob({random.uniform(-10, 10), 10, -20}, {52, 42, 52}, 0.07),
                50 + 50 * enhancement * random.uniform(), random.uniform(3, 8), true, true);
    build.organ("bladder", build.blob({0, -42, -48}, {40, 30, 34}, 0.03), random.uniform(0, 12), 0, false, false);
  }
}

}  // namespace

void add_body(Scene& scene, Region region, bool roomy, Random& random) {
  Builder build(scene, random);
  const double enhancement = random.chance(0.3) ? 0 : random.uniform(0.3, 1);  // contrast medium
  const double blood = 42 + 140 * enhancement;
  const Trunk trunk = add_trunk(build, random);
  const double cavity_hu = region == Region::chest ? random.uniform(-95, -50) : random.uniform(-115, -85);
  build.organ("cavity", std::make_shared<EllipticColumn>(trunk.radius_x, trunk.radius_y), cavity_hu, 6, false, true);
  add_spine(build, scene, trunk, random);
  switch (region) {
    case Region::abdomen:
      add_abdomen(build, trunk, roomy, blood, enhancement, random);
      break;
    case Region::chest:
      add_chest(build, trunk, blood, enhancement, random);
      break;
    case Region::pelvis:
      add_pelvis(build, trunk, roomy, enhancement, random);
      break;
  }
}

}  // namespace punctum::phantom
