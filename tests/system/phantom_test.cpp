// `punctum phantom` from the command line: forms of real lesions and CT of others as what its lesions are made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "inference/datasets/shape_archive.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/node_process.hpp"
#include "tests/system/phantom_case.hpp"
#include "tests/unit/datasets/nifti_writer.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t seed = 950'100;

/// An ellipsoid with a bite taken out, some three centimetres long.
synthesis::ShapeMask bitten_ellipsoid() {
  synthesis::ShapeMask shape{{24, 20, 16, 1.4, 1.4, 1.6}, {}, -1, -1};
  for (int z = 0; z < 16; ++z) {
    for (int y = 0; y < 20; ++y) {
      for (int x = 0; x < 24; ++x) {
        const double from_middle = std::hypot((x - 11.5) / 11, (y - 9.5) / 8, (z - 7.5) / 7);
        const double from_bite = std::hypot(x - 20, y - 10, z - 8);
        shape.voxels.push_back(from_middle <= 1 && from_bite > 5 ? 1 : 0);
      }
    }
  }
  return shape;
}

std::vector<std::string> phantom_into(const std::filesystem::path& out, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"phantom", "--out", out.string(), "--seed", std::to_string(seed)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

PhantomCase made_by(const std::vector<std::string>& arguments, const std::filesystem::path& out) {
  const auto result = punctum(arguments);
  if (result.exit_code != 0) throw std::runtime_error(result.output);
  return PhantomCase::read(out, seed);
}

/// Voxels of one grid whose HU differ, and how many of them lie in lesions of `truth`.
struct Difference {
  std::size_t voxels = 0, in_lesions = 0;
};
Difference difference(const PhantomCase& truth, const Volume& before) {
  const auto after = truth.volume();
  std::vector<std::uint8_t> lesions(after.hu.size());
  for (std::size_t lesion = 0; lesion < truth.lesions(); ++lesion) {
    const auto mask = truth.mask(lesion);
    for (std::size_t i = 0; i < lesions.size(); ++i) lesions[i] |= mask.voxels.at(i);
  }
  Difference out;
  for (std::size_t i = 0; i < lesions.size(); ++i) {
    const bool changed = after.hu[i] != before.hu.at(i);
    out.voxels += changed;
    out.in_lesions += changed && lesions[i] != 0;
  }
  return out;
}

/// Of one lesion of truth.json: all but the number of its segment.
nlohmann::json place_and_labels(nlohmann::json lesion) {
  lesion.erase("segment");
  return lesion;
}
std::vector<nlohmann::json> places_and_labels(const PhantomCase& phantom) {
  std::vector<nlohmann::json> out;
  for (const auto& lesion : phantom.truth.at("lesions")) out.push_back(place_and_labels(lesion));
  return out;
}

TEST(PhantomCommand, PutsFormsOfRealLesionsBesideItsOwn) {
  const TempDir folder;
  write_shape_pack(folder / "one.shapes", {bitten_ellipsoid()});
  const auto usual = made_by(phantom_into(folder / "usual"), folder / "usual");
  const auto with_forms = phantom_into(folder / "forms", {"--shapes", (folder / "one.shapes").string()});
  const auto made = made_by(with_forms, folder / "forms");
  ASSERT_GT(made.lesions(), usual.lesions());
  for (const auto& lesion : usual.truth.at("lesions")) {
    EXPECT_THAT(places_and_labels(made), testing::Contains(place_and_labels(lesion)));
  }
  EXPECT_NE(made.study(), usual.study()) << "another image under the same UIDs";
  const auto changed = difference(made, usual.volume());
  EXPECT_GT(changed.in_lesions, 0U);
  EXPECT_LT(changed.voxels, made.volume().hu.size() / 20);

  const auto again =
      made_by(phantom_into(folder / "again", {"--shapes", (folder / "one.shapes").string()}), folder / "again");
  EXPECT_EQ(again.truth, made.truth);
  EXPECT_EQ(again.truth_segmentation, made.truth_segmentation);
  EXPECT_EQ(read_dicom_files(again.ct), read_dicom_files(made.ct));
}

TEST(PhantomCommand, RendersLesionsIntoSomebodysCt) {
  const TempDir folder;
  const auto background = made_by(phantom_into(folder / "background"), folder / "background");
  const auto made = made_by(
      phantom_into(folder / "out", {"--background", background.ct.string(), "--body-part", "ABDOMEN"}), folder / "out");
  ASSERT_GE(made.lesions(), 1U);
  EXPECT_NE(made.study(), background.study());
  EXPECT_EQ(made.geometry.slice_count(), background.geometry.slice_count());
  const auto changed = difference(made, background.volume());
  EXPECT_GT(changed.in_lesions, 0U);
  EXPECT_LT(changed.voxels, made.volume().hu.size() / 20);
  for (std::size_t lesion = 0; lesion < made.lesions(); ++lesion) EXPECT_GT(made.mask(lesion).count(), 0U);
}

NiftiFile as_nifti(const LesionMask& mask) {
  const auto& g = mask.geometry;
  NiftiFile file;
  file.count = {g.columns(), g.rows(), g.slice_count()};
  const auto origin = g.to_patient(0, 0, 0);
  const std::array steps{g.to_patient(1, 0, 0), g.to_patient(0, 1, 0), g.to_patient(0, 0, 1)};
  const auto in_ras = [](const PatientPoint& p) { return std::array{-p.x, -p.y, p.z}; };
  for (std::size_t row = 0; row < 3; ++row) {
    const double at = in_ras(origin).at(row);
    for (std::size_t i = 0; i < 3; ++i) file.to_ras[row][i] = static_cast<float>(in_ras(steps.at(i)).at(row) - at);
    file.to_ras[row][3] = static_cast<float>(at);
  }
  file.values.assign(mask.voxels.begin(), mask.voxels.end());
  return file;
}

TEST(PhantomCommand, KeepsTheLesionsOfAManifestFree) {
  const TempDir folder;
  const auto patient = made_by(phantom_into(folder / "patient"), folder / "patient");
  // Where nothing is known of the CT, the lesion comes here; say that the patient has one just there.
  const auto unaware =
      made_by(phantom_into(folder / "unaware", {"--background", patient.ct.string()}), folder / "unaware");
  write_nifti(folder / "known.nii.gz", as_nifti(unaware.mask(0)));
  const nlohmann::json line{{"image", patient.ct.string()},
                            {"mask", (folder / "known.nii.gz").string()},
                            {"labels", {1}},
                            {"patient", "P1"},
                            {"split", "test"}};
  const auto manifest = (folder / "manifest.jsonl").string();
  std::ofstream(manifest) << line << '\n';
  const auto made = made_by(phantom_into(folder / "out", {"--manifest", manifest}), folder / "out");
  ASSERT_GE(made.lesions(), 1U);
  const auto known = unaware.mask(0);
  const auto before = patient.volume(), after = made.volume();
  for (std::size_t i = 0; i < known.voxels.size(); ++i) {
    const bool is_known = known.voxels[i] != 0;
    ASSERT_TRUE(!is_known || after.hu.at(i) == before.hu.at(i)) << "somebody's lesion was painted over";
  }
  const auto none = punctum(phantom_into(folder / "none", {"--manifest", manifest, "--split", "train"}));
  EXPECT_NE(none.exit_code, 0);
  EXPECT_THAT(none.output, HasSubstr("no image in split train"));
}

TEST(PhantomCommand, SaysWhatItCannotTakeShapesFrom) {
  const TempDir folder;
  std::filesystem::create_directory(folder / "empty");
  const auto none = punctum(phantom_into(folder / "out", {"--shapes", (folder / "empty").string()}));
  EXPECT_NE(none.exit_code, 0);
  EXPECT_THAT(none.output, HasSubstr("found none"));
  write_file(folder / "bad.shapes", std::as_bytes(std::span("no pack")));
  const auto bad = punctum(phantom_into(folder / "out", {"--shapes", (folder / "bad.shapes").string()}));
  EXPECT_NE(bad.exit_code, 0);
  EXPECT_THAT(bad.output, HasSubstr("bad.shapes"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out")) << "nothing is begun";
}

}  // namespace
}  // namespace punctum::test
