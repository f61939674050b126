#include "dicom/ct/volume_assembler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "dicom/types/error.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

using test::CtSeriesBuilder;
using test::CtSliceBuilder;
using test::TestSlice;
using testing::HasSubstr;

Volume assembled(const std::vector<TestSlice>& slices, int threads = 1) {
  std::vector<CtSliceHeader> headers;
  for (const auto& slice : slices) headers.push_back(read_ct_slice_header(slice.bytes()));
  return assemble_volume(plan_volume(headers, {}), [&](std::size_t i) { return slices[i].bytes(); }, threads);
}

double anywhere(int x, int y, int z) { return -500 + x + 20 * y + 300 * z; }

TEST(VolumeAssembler, PutsEveryVoxelWhereItsSliceLies) {
  auto series = CtSeriesBuilder{};
  series.count(5).hu(anywhere).slice.size(9, 6);
  auto slices = series.build();
  std::reverse(slices.begin(), slices.end());
  for (const int threads : {1, 4}) {
    const auto volume = assembled(slices, threads);
    ASSERT_EQ(volume.hu.size(), 5u * 6u * 9u);
    for (int z = 0; z < 5; ++z) {
      for (int y = 0; y < 6; ++y) {
        for (int x = 0; x < 9; ++x) ASSERT_EQ(volume.at({x, y, z}), anywhere(x, y, z)) << x << " " << y << " " << z;
      }
    }
  }
}

TEST(VolumeAssembler, EachSliceHasItsOwnSlopeAndIntercept) {
  auto series = CtSeriesBuilder{};
  series.count(4).hu([](int, int, int z) { return 100.0 * z; }).each([](CtSliceBuilder& slice, int z) {
    slice.pixels({16, 16, true, z == 2 ? 0.5 : 1.0, -1000.0 + 10 * z, {}});
  });
  const auto volume = assembled(series.build());
  for (int z = 0; z < 4; ++z) EXPECT_EQ(volume.at({3, 3, z}), 100 * z);
}

TEST(VolumeAssembler, ADamagedSliceIsAnErrorWhateverThread) {
  auto series = CtSeriesBuilder{};
  series.count(12).each([](CtSliceBuilder& slice, int z) {
    if (z == 7) slice.without("PixelData");
  });
  const auto slices = series.build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, assembled(slices, 1)), HasSubstr("has no Pixel Data"));
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, assembled(slices, 4)), HasSubstr("has no Pixel Data"));
}

TEST(VolumeAssembler, WhatTheLoaderThrowsArrives) {
  const auto slices = CtSeriesBuilder{}.count(3).build();
  std::vector<CtSliceHeader> headers;
  for (const auto& slice : slices) headers.push_back(read_ct_slice_header(slice.bytes()));
  const auto fails = [](std::size_t) -> Bytes { throw StorageError("cannot read file"); };
  EXPECT_THROW(assemble_volume(plan_volume(headers, {}), fails, 2), StorageError);
}

TEST(VolumeAssembler, LoadsEachFileOnce) {
  const auto slices = CtSeriesBuilder{}.count(6).build();
  std::vector<CtSliceHeader> headers;
  for (const auto& slice : slices) headers.push_back(read_ct_slice_header(slice.bytes()));
  std::vector<std::atomic<int>> loads(6);
  assemble_volume(
      plan_volume(headers, {}),
      [&](std::size_t i) {
        ++loads[i];
        return slices[i].bytes();
      },
      3);
  for (const auto& count : loads) EXPECT_EQ(count, 1);
}

TEST(VolumeAssembler, ThreeHundredSlicesAreQuick) {
  auto series = CtSeriesBuilder{};
  series.slice.size(512, 512).hu([](int x, int y) { return x - y; });
  const auto one = series.count(1).build().front();
  std::vector<TestSlice> slices;
  series.slice.size(16, 16);
  std::vector<CtSliceHeader> headers;
  for (int z = 0; z < 300; ++z) {
    auto header = read_ct_slice_header(one.bytes());
    header.placed.plane.position_mm.z = 2 * z;
    header.placed.instance.sop_instance_uid = Uid::derived_from("quick " + std::to_string(z));
    headers.push_back(header);
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto volume = assemble_volume(plan_volume(headers, {}), [&](std::size_t) { return one.bytes(); }, 1);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(volume.at({500, 3, 299}), 497);
  RecordProperty("seconds", std::to_string(taken.count()));
  EXPECT_LT(taken.count(), 10) << "expected well under a second on an idle core";
}

}  // namespace
}  // namespace punctum
