#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "dicom/ct/ct_series_writer.hpp"
#include "dicom/ct/volume_assembler.hpp"
#include "inference/phantom/phantom.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum {
namespace {

struct Grid {
  int columns, rows, slices;
  double column_mm, row_mm;
  PatientVector row, column, step;
};

Volume ramp(const Grid& grid) {
  std::vector<PlacedSlice> slices;
  for (int z = 0; z < grid.slices; ++z) {
    const SopInstance name{Uid::require("1.2.3"), Uid::require("1.2.3.4"),
                           Uid::derived_from("ramp " + std::to_string(z)), Uid::require("1.2.840.10008.5.1.4.1.1.2")};
    const PatientPoint first = PatientPoint{-31.5, 12.25, 100} + grid.step * z;
    slices.push_back({name, {first, grid.row, grid.column, grid.column_mm, grid.row_mm, grid.columns, grid.rows}});
  }
  Volume volume{SeriesGeometry::from_slices(std::move(slices), Uid::require("1.2.3.5")), {}};
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x) volume.hu.push_back(static_cast<std::int16_t>(-1000 + x + 7 * y + 31 * z));
    }
  }
  return volume;
}

Volume read_back(const std::vector<Part10File>& files) {
  std::vector<CtSliceHeader> headers;
  for (const auto& file : files) headers.push_back(read_ct_slice_header(file.bytes));
  const auto plan = plan_volume(headers, {});
  EXPECT_THAT(plan.left_out, testing::IsEmpty());
  return assemble_volume(plan, [&](std::size_t i) { return files[i].bytes; });
}

CtIdentification somebody() {
  CtIdentification who;
  who.patient_name = PatientText("PHANTOM^TEST");
  who.patient_id = PatientText("PHANTOM-TEST");
  return who;
}

class CtSeriesWriter : public testing::TestWithParam<Grid> {};

TEST_P(CtSeriesWriter, WritesWhatTheReaderReadsBackVoxelForVoxel) {
  const Volume written = ramp(GetParam());
  const Volume read = read_back(write_ct_series(written, somebody()));
  EXPECT_EQ(read.hu, written.hu);
  const VoxelIndex last{GetParam().columns - 1, GetParam().rows - 1, GetParam().slices - 1};
  const auto a = written.geometry.to_patient(last), b = read.geometry.to_patient(last);
  EXPECT_NEAR(std::hypot(a.x - b.x, a.y - b.y, a.z - b.z), 0, 1e-3) << "mm";
  EXPECT_EQ(read.geometry.frame_of_reference_uid(), written.geometry.frame_of_reference_uid());
}

const double c = std::sqrt(0.75);
INSTANTIATE_TEST_SUITE_P(
    Geometries, CtSeriesWriter,
    testing::Values(Grid{16, 16, 5, 1, 1, {1, 0, 0}, {0, 1, 0}, {0, 0, 2}},             // plain
                    Grid{33, 21, 5, 0.7, 0.7, {1, 0, 0}, {0, 1, 0}, {0, 0, 1.25}},      // odd matrix
                    Grid{20, 16, 4, 0.6, 0.9, {1, 0, 0}, {0, 1, 0}, {0, 0, 3}},         // pixels not square
                    Grid{16, 16, 5, 1, 1, {c, 0.5, 0}, {-0.5, c, 0}, {0, 0, 2}},        // turned about z
                    Grid{16, 16, 5, 1, 1, {1, 0, 0}, {0, c, 0.5}, {0, -1, 1.7320508}},  // oblique
                    Grid{16, 16, 5, 1, 1, {1, 0, 0}, {0, c, 0.5}, {0, 0, 2}}));         // gantry tilt: sheared

TEST(PhantomSeries, IsReadBackAsItWasMade) {
  auto made = phantom_case(960'000);
  const Volume read = read_back(write_ct_series(made.volume, somebody()));
  EXPECT_EQ(read.hu, made.volume.hu);
  EXPECT_EQ(read.geometry.slices().front().plane, made.volume.geometry.slices().front().plane);
  EXPECT_EQ(read.geometry.slices().back().plane, made.volume.geometry.slices().back().plane);
}

TEST(PhantomSeries, IsValidForDciodvfy) {
  if (std::system("command -v dciodvfy >/dev/null") != 0) GTEST_SKIP() << "dciodvfy is not installed (dicom3tools)";
  const test::TempDir folder;
  const auto file = write_ct_series(ramp({16, 16, 2, 1, 1, {1, 0, 0}, {0, 1, 0}, {0, 0, 2}}), somebody()).front();
  const auto path = folder.path() / "slice.dcm";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(file.bytes.data()), static_cast<std::streamsize>(file.bytes.size()));
  std::string said;
  FILE* pipe = popen(("dciodvfy " + path.string() + " 2>&1").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::array<char, 256> line{};
  while (std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr) said += line.data();
  pclose(pipe);
  EXPECT_THAT(said, testing::HasSubstr("CTImage"));
  EXPECT_THAT(said, testing::Not(testing::HasSubstr("Error")));
  EXPECT_THAT(said, testing::Not(testing::HasSubstr("Warning")));
}

}  // namespace
}  // namespace punctum
