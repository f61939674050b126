#include <gtest/gtest.h>

#include <algorithm>

#include "dicom/ct/volume_assembler.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

using test::CtSeriesBuilder;
using test::CtSliceBuilder;
using test::TestSlice;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<CtSliceHeader> headers_of(const std::vector<TestSlice>& slices) {
  std::vector<CtSliceHeader> headers;
  for (const auto& slice : slices) headers.push_back(read_ct_slice_header(slice.bytes()));
  return headers;
}

std::vector<TestSlice> joined(std::vector<TestSlice> a, const std::vector<TestSlice>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

VolumePlan plan(const std::vector<TestSlice>& slices, const std::vector<TestSlice>& clicked = {}) {
  std::vector<Uid> uids;
  for (const auto& slice : clicked) uids.push_back(slice.uid());
  return plan_volume(headers_of(slices), uids);
}

/// Slices with other UIDs than those of a series built beside them.
CtSeriesBuilder series_numbered_from(int first) {
  CtSeriesBuilder series;
  series.each([first](CtSliceBuilder& slice, int z) { slice.instance(first + z); });
  return series;
}

TEST(VolumePlan, OrdersSlicesByPositionNotByInstanceNumber) {
  auto slices =
      CtSeriesBuilder{}.count(6).each([](CtSliceBuilder& slice, int z) { slice.instance(100 - 7 * z); }).build();
  std::swap(slices[0], slices[4]);
  const auto planned = plan(slices);
  EXPECT_EQ(planned.geometry.slice_count(), 6);
  EXPECT_THAT(planned.source_index, ElementsAre(4, 1, 2, 3, 0, 5));
  EXPECT_THAT(planned.left_out, IsEmpty());
}

TEST(VolumePlan, SlicesThatDescendAreTurnedAround) {
  const auto slices = CtSeriesBuilder{}.count(3).step_mm(-2).build();
  const auto planned = plan(slices);
  EXPECT_THAT(planned.source_index, ElementsAre(2, 1, 0));
  EXPECT_DOUBLE_EQ(planned.geometry.slice_spacing_mm(), 2);
}

TEST(VolumePlan, LeavesLocalizersOutAndSaysSo) {
  auto slices = CtSeriesBuilder{}.count(4).build();
  slices.push_back(CtSliceBuilder{}.instance(50).image_type("ORIGINAL\\PRIMARY\\LOCALIZER").build());
  const auto planned = plan(slices);
  EXPECT_EQ(planned.geometry.slice_count(), 4);
  EXPECT_THAT(planned.left_out, ElementsAre("1 image left out: localizers."));
}

TEST(VolumePlan, RefusesAClickOnALocalizer) {
  const auto scout = CtSliceBuilder{}.instance(50).image_type("ORIGINAL\\PRIMARY\\LOCALIZER").build();
  auto slices = CtSeriesBuilder{}.count(4).build();
  slices.push_back(scout);
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, plan(slices, {scout})), HasSubstr("drawn on a localizer"));
}

TEST(VolumePlan, RefusesASeriesOfLocalizersOnly) {
  const auto scout = CtSliceBuilder{}.image_type("ORIGINAL\\PRIMARY\\LOCALIZER").build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, plan({scout})), HasSubstr("holds no image that can be part of a volume"));
  EXPECT_THROW(plan_volume({}, {}), Refusal);
}

TEST(VolumePlan, RefusesSeriesWithMissingSliceAndNamesItsNeighbours) {
  auto slices = CtSeriesBuilder{}.count(8).step_mm(2).build();
  slices.erase(slices.begin() + 3);
  EXPECT_THAT(
      PUNCTUM_MESSAGE_OF(Refusal, plan(slices)),
      testing::StrEq("The CT series has a gap of 4.0 mm between the slice at z = 4.0 mm (image 3) and the slice at "
                     "z = 8.0 mm (image 5), while slices elsewhere lie 2.0 mm apart: 1 slice is missing."));
}

TEST(VolumePlan, CountsTheSlicesThatAGapLacks) {
  auto slices = CtSeriesBuilder{}.count(12).step_mm(2).build();
  slices.erase(slices.begin() + 4, slices.begin() + 7);
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, plan(slices)), HasSubstr("3 slices are missing"));
}

TEST(VolumePlan, AGapBetweenTwoAcquisitionsIsNotHidden) {
  auto slices =
      CtSeriesBuilder{}.count(8).each([](CtSliceBuilder& slice, int z) { slice.acquisition(z < 4 ? 1 : 2); }).build();
  slices.erase(slices.begin() + 4);
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, plan(slices, {slices[1]})), HasSubstr("1 slice is missing"));
}

TEST(VolumePlan, RefusesUnevenDistances) {
  auto slices = CtSeriesBuilder{}.count(5).step_mm(2).build();
  slices.push_back(CtSliceBuilder{}.instance(6).position_mm(-8, -8, 10.7).build());
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, plan(slices)),
              HasSubstr("uneven slice distances: 2.70 mm between the slice at z = 8.0 mm (image 5)"));
}

TEST(VolumePlan, TakesTheClickedAcquisitionWherePositionsRepeat) {
  auto early = CtSeriesBuilder{};
  early.count(6).slice.acquisition(1);
  auto late = series_numbered_from(101);
  late.count(4).slice.acquisition(2);
  const auto first = early.build(), second = late.build();
  const auto all = joined(first, second);

  const auto planned = plan(all, {second[2]});
  EXPECT_EQ(planned.geometry.slice_count(), 4);
  EXPECT_THAT(planned.source_index, ElementsAre(6, 7, 8, 9));
  EXPECT_THAT(planned.left_out,
              ElementsAre("6 images left out: acquisition 1, while the volume is made of acquisition 2."));
}

TEST(VolumePlan, TakesTheLongestAcquisitionWithoutAClick) {
  auto early = CtSeriesBuilder{};
  early.count(3).slice.acquisition(1);
  auto late = series_numbered_from(101);
  late.count(5).slice.acquisition(2);
  EXPECT_EQ(plan(joined(early.build(), late.build())).geometry.slice_count(), 5);
}

TEST(VolumePlan, SeparatesInterleavedAcquisitions) {
  auto odd = CtSeriesBuilder{};
  odd.count(5).step_mm(3).slice.acquisition(1);
  auto even = series_numbered_from(101);
  even.count(5).step_mm(3).first_position_mm(-8, -8, 1.2).slice.acquisition(2);
  const auto first = odd.build();
  const auto planned = plan(joined(first, even.build()), {first[0]});
  EXPECT_EQ(planned.geometry.slice_count(), 5);
  EXPECT_DOUBLE_EQ(planned.geometry.slice_spacing_mm(), 3);
}

TEST(VolumePlan, RefusesClicksOnTwoAcquisitions) {
  auto early = CtSeriesBuilder{};
  early.count(4).slice.acquisition(1);
  auto late = series_numbered_from(101);
  late.count(4).slice.acquisition(2);
  const auto first = early.build(), second = late.build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, plan(joined(first, second), {first[0], second[0]})),
              AllOf(HasSubstr("cannot be one volume"), HasSubstr("acquisition 1"), HasSubstr("acquisition 2")));
}

TEST(VolumePlan, RefusesRepeatedPositionsThatNothingTellsApart) {
  auto slices = CtSeriesBuilder{}.count(4).build();
  slices.push_back(CtSliceBuilder{}.instance(77).position_mm(-8, -8, 2).build());
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, plan(slices)),
              AllOf(HasSubstr("two images at the same position"), HasSubstr("image 2"), HasSubstr("image 77")));
}

TEST(VolumePlan, TheSameInstanceTwiceCountsOnce) {
  auto slices = CtSeriesBuilder{}.count(4).build();
  slices.push_back(slices[2]);
  EXPECT_EQ(plan(slices).geometry.slice_count(), 4);
}

TEST(VolumePlan, SeparatesReconstructionsOfOtherThicknessByTheClick) {
  auto thin = CtSeriesBuilder{};
  thin.count(6).step_mm(2);
  auto thick = series_numbered_from(101);
  thick.count(4).step_mm(5).first_position_mm(-8, -8, 11);
  const auto first = thin.build(), second = thick.build();
  const auto planned = plan(joined(first, second), {second[0]});
  EXPECT_EQ(planned.geometry.slice_count(), 4);
  EXPECT_DOUBLE_EQ(planned.geometry.slice_spacing_mm(), 5);
  EXPECT_THAT(planned.left_out, ElementsAre(HasSubstr("6 images left out: ORIGINAL\\PRIMARY\\AXIAL of 2.0 mm")));
}

TEST(VolumePlan, SeparatesOrientationsByTheClick) {
  const auto axial = CtSeriesBuilder{}.count(5).build();
  auto sagittal = series_numbered_from(101);
  sagittal.count(7).step_mm(PatientVector{2, 0, 0}).slice.direction({0, 1, 0}, {0, 0, -1});
  const auto second = sagittal.build();
  const auto planned = plan(joined(axial, second), {second[3]});
  EXPECT_EQ(planned.geometry.slice_count(), 7);
  EXPECT_THAT(planned.left_out,
              ElementsAre("5 images left out: axial, 16 x 16, while the volume is made of sagittal, 16 x 16."));
}

TEST(VolumePlan, RefusesClicksOnTwoSizes) {
  auto large = series_numbered_from(101);
  large.slice.size(32, 32);
  const auto first = CtSeriesBuilder{}.build(), second = large.build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, plan(joined(first, second), {first[0], second[0]})),
              AllOf(HasSubstr("axial, 16 x 16"), HasSubstr("axial, 32 x 32")));
}

TEST(VolumePlan, RefusesAClickedImageThatIsNotThere) {
  const auto slices = CtSeriesBuilder{}.count(4).build();
  const auto foreign = CtSliceBuilder{}.instance(99).build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, plan(slices, {foreign})), HasSubstr("is not among the images"));
}

TEST(VolumePlan, KeepsGantryTiltAsShear) {
  auto tilted = CtSeriesBuilder{};
  tilted.count(6).step_mm(PatientVector{0, 0, 5}).slice.direction({1, 0, 0}, {0, 0.9703, -0.2419});
  const auto geometry = plan(tilted.build()).geometry;
  EXPECT_NEAR(geometry.slice_spacing_mm(), 5 * 0.9703, 1e-3);
  EXPECT_NEAR(geometry.slice_step_mm().z, 5, 1e-9);
  const auto last = geometry.slices().back().plane.position_mm;
  EXPECT_THAT(geometry.to_patient(VoxelIndex{0, 0, 5}), test::IsNearMm(last.x, last.y, last.z));
}

TEST(VolumePlan, ASingleSliceIsAVolumeAsThickAsItself) {
  const auto slice = CtSliceBuilder{}.thickness_mm(3).build();
  const auto planned = plan({slice}, {slice});
  EXPECT_EQ(planned.geometry.slice_count(), 1);
  EXPECT_DOUBLE_EQ(planned.geometry.slice_spacing_mm(), 3);
}

TEST(VolumePlan, RefusesASingleSliceOfUnknownThickness) {
  const auto slice = CtSliceBuilder{}.without("SliceThickness").build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, plan({slice})), HasSubstr("does not say how thick it is"));
}

TEST(VolumePlan, ASeriesWithoutFrameOfReferenceGetsOneOfItsOwn) {
  auto series = CtSeriesBuilder{};
  series.slice.without("FrameOfReferenceUID");
  const auto slices = series.build();
  EXPECT_EQ(plan(slices).geometry.frame_of_reference_uid(), plan(slices).geometry.frame_of_reference_uid());
  series.slice.series("another");
  EXPECT_NE(plan(slices).geometry.frame_of_reference_uid(), plan(series.build()).geometry.frame_of_reference_uid());
}

}  // namespace
}  // namespace punctum
