#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "dicom/ct/volume_assembler.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

/// What each real series of the shared data gives: a volume, or a sentence.
namespace punctum {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StrEq;

struct Series {
  std::vector<Bytes> files;
  std::vector<CtSliceHeader> headers;

  explicit Series(const std::filesystem::path& folder) : files(test::read_dicom_files(folder)) {
    // RTSTRUCT and other company of the images is not CT, and no part of their series.
    std::erase_if(files, [&](const Bytes& file) {
      try {
        headers.push_back(read_ct_slice_header(file));
        return false;
      } catch (const Refusal&) {
        return true;
      }
    });
  }
  Uid uid(std::size_t i) const { return headers.at(i).placed.instance.sop_instance_uid; }
  VolumePlan plan(const std::vector<Uid>& clicked = {}) const { return plan_volume(headers, clicked); }
  Volume volume() const {
    return assemble_volume(plan(), [&](std::size_t i) { return files[i]; });
  }
};

class RealSeries : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(PUNCTUM_SHARED_DATA)) GTEST_SKIP() << "needs the shared data at " PUNCTUM_SHARED_DATA;
  }
};

double mean_of(const Volume& volume) {
  return std::accumulate(volume.hu.begin(), volume.hu.end(), 0.0) / static_cast<double>(volume.hu.size());
}

TEST_F(RealSeries, ChestOfTheColorectalCollectionIsOneVolumeOf100Slices) {
  const Series series{PUNCTUM_SHARED_DATA "/ct-chest-cmb-crc"};
  const auto volume = series.volume();
  EXPECT_EQ(volume.geometry.slice_count(), 100);
  EXPECT_DOUBLE_EQ(volume.geometry.slice_spacing_mm(), 2.5);
  EXPECT_NEAR(volume.geometry.slices().front().plane.position_mm.z, -236.5, 1e-6);
  EXPECT_EQ(volume.at({0, 0, 50}), -1024) << "a corner outside of the field of view, stored as padding";
  EXPECT_EQ(*std::min_element(volume.hu.begin(), volume.hu.end()), -1024);
  EXPECT_LT(mean_of(volume), -300) << "air and lungs";
}

TEST_F(RealSeries, SiemensHeadWithTiltIsAVolumeWithShear) {
  const Series series{PUNCTUM_SHARED_DATA "/geometry-broken-series/gantrytilting/001"};
  const auto geometry = series.plan().geometry;
  EXPECT_EQ(geometry.slice_count(), 4);
  EXPECT_NEAR(geometry.slice_spacing_mm(), 5 * 0.970295726276, 1e-6) << "along the normal";
  EXPECT_NEAR(geometry.slice_step_mm().z, 5, 1e-9) << "along the table";
}

TEST_F(RealSeries, BolusMonitorAtOnePositionGivesOnlyItsSingleSlices) {
  const Series series{PUNCTUM_SHARED_DATA "/geometry-broken-series/notavolume/001"};
  EXPECT_THAT(
      PUNCTUM_MESSAGE_OF(Refusal, series.plan({series.uid(2)})),
      StrEq("Only one slice is there to make a volume of (the slice at z = 61.5 mm (image 25)), and it does not "
            "say how thick it is."));
}

TEST_F(RealSeries, GeSeriesWithAMissingSliceIsRefusedWithItsName) {
  const Series series{PUNCTUM_SHARED_DATA "/geometry-broken-series/sliceincrement/001"};
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, series.plan({series.uid(0)})),
              StrEq("The CT series has a gap of 10.0 mm between the slice at z = 28.1 mm (image 9) and the slice at "
                    "z = 38.1 mm (image 10), while slices elsewhere lie 5.0 mm apart: 1 slice is missing."));
}

TEST_F(RealSeries, TiltedSiemensSeriesWithAMissingSliceIsRefusedWithItsName) {
  const Series series{PUNCTUM_SHARED_DATA "/geometry-broken-series/sliceincrement/002"};
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, series.plan()),
              AllOf(HasSubstr("a gap of 1.5 mm"), HasSubstr("1 slice is missing")));
}

TEST_F(RealSeries, GeHeadWithTwoThicknessesGivesTheClickedStack) {
  const Series series{PUNCTUM_SHARED_DATA "/geometry-tilt-ge-head"};
  const auto base = series.plan({series.uid(3)});
  EXPECT_EQ(base.geometry.slice_count(), 14);
  EXPECT_NEAR(base.geometry.slice_spacing_mm(), 4.002, 1e-3);
  EXPECT_THAT(base.left_out,
              ElementsAre("14 images left out: ORIGINAL\\PRIMARY\\AXIAL of 7.0 mm, while the volume is made "
                          "of ORIGINAL\\PRIMARY\\AXIAL\\ADD of 4.0 mm."));
  const auto top = series.plan({series.uid(20)});
  EXPECT_EQ(top.geometry.slice_count(), 14);
  EXPECT_NEAR(top.geometry.slice_spacing_mm(), 6.999, 1e-3);
  EXPECT_THROW(series.plan({series.uid(3), series.uid(20)}), Refusal) << "clicks on both stacks";
}

TEST_F(RealSeries, LungPhantomsKeepRowsAndColumnsApart) {
  struct Expected {
    const char* name;
    int columns, rows, slices;
  };
  for (const auto& expected : {Expected{"pat_1", 204, 201, 60}, Expected{"pat_2", 141, 138, 41},
                               Expected{"pat_3", 136, 137, 46}, Expected{"pat_4", 178, 172, 56}}) {
    const Series series{std::filesystem::path(PUNCTUM_SHARED_DATA "/lesions-lung-radiomics-phantom-NC") /
                        expected.name};
    const auto volume = series.volume();
    EXPECT_EQ(volume.geometry.slice_count(), expected.slices) << expected.name;
    EXPECT_EQ(volume.geometry.columns(), expected.columns) << expected.name;
    EXPECT_EQ(volume.geometry.rows(), expected.rows) << expected.name;
    EXPECT_NEAR(volume.geometry.slice_spacing_mm(), 3.0, 1e-6) << expected.name;
    EXPECT_GE(*std::min_element(volume.hu.begin(), volume.hu.end()), -1000) << "12 bit unsigned, intercept -1000";
    EXPECT_LE(*std::max_element(volume.hu.begin(), volume.hu.end()), 3095) << expected.name;
  }
}

TEST_F(RealSeries, SarcomaSeriesAreVolumesOfEvenSlices) {
  int seen = 0;
  for (const auto* name : {"STS_004", "STS_008", "STS_010", "STS_019", "STS_025", "STS_029", "STS_042", "STS_043"}) {
    const Series series{std::filesystem::path(PUNCTUM_SHARED_DATA "/lesions-sts-ibsi/dicom") / name / "CT/image"};
    const auto planned = series.plan();
    EXPECT_EQ(static_cast<std::size_t>(planned.geometry.slice_count()), series.files.size()) << name;
    EXPECT_NEAR(planned.geometry.slice_spacing_mm(), 3.27, 1e-6) << name;
    EXPECT_THAT(planned.left_out, IsEmpty()) << name;
    ++seen;
  }
  EXPECT_EQ(seen, 8);
}

}  // namespace
}  // namespace punctum
