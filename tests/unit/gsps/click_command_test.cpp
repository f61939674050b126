#include "node/tools/click_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/gsps/gsps_reader.hpp"
#include "dicom/net/scp_server.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum {
namespace {

using test::CtSeriesBuilder;
using test::TempDir;
using testing::HasSubstr;

/// What the command printed and how it ended.
struct Ran {
  int exit_code;
  std::string out, err;
};

Ran run(const ClickOptions& options) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int exit_code = run_click(options);
  return {exit_code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

/// First slice at z = 0, 2 mm apart, 16 x 16 pixels of 1 mm whose first centre lies at (-8, -8).
std::vector<test::TestSlice> write_series(const TempDir& folder, const std::string& key, int slices = 8) {
  auto series = CtSeriesBuilder{};
  series.count(slices).slice.series(key);
  const auto built = series.build();
  for (std::size_t i = 0; i < built.size(); ++i) {
    test::write_file(folder / (key + std::to_string(i) + ".dcm"), built[i].bytes());
  }
  return built;
}

ClickOptions click_at(const TempDir& folder, std::vector<PatientPoint> points) {
  ClickOptions options;
  options.ct_folder = folder.path();
  options.on_lesion = std::move(points);
  options.output = folder / "click.pr";
  return options;
}

TEST(ClickCommand, ReadsPointsOfTheCommandLine) {
  const auto point = parse_lps("-12.5,+3,1e2");
  ASSERT_TRUE(point);
  EXPECT_EQ(*point, (PatientPoint{-12.5, 3, 100}));
  for (const auto* bad : {"", "1,2", "1,2,3,4", "1,2,x", "1;2;3", "1,2,nan", "1,2,", "1, 2,3 "}) {
    EXPECT_FALSE(parse_lps(bad)) << bad;
  }
}

TEST(ClickCommand, PlacesThePointOnTheNearestSlice) {
  const TempDir folder;
  const auto slices = write_series(folder, "chest");
  test::write_file(folder / "notes.txt", Bytes(10));  // no DICOM, no matter
  auto options = click_at(folder, {{-3, 2, 6.9}});
  options.beside_lesion = {{7, 7, 2}};
  options.creator = "Reader^One";
  const auto ran = run(options);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto prompt = read_point_prompts(test::read_file(*options.output)).at(0);
  ASSERT_EQ(prompt.clicks.size(), 2u);
  EXPECT_EQ(prompt.clicks[0].drawn_on, slices[3].uid());
  EXPECT_EQ(prompt.clicks[0].point, (ImagePoint{5.5, 10.5}));
  EXPECT_EQ(prompt.clicks[1].drawn_on, slices[1].uid());
  EXPECT_EQ(prompt.clicks[1].sign, ClickSign::negative);
  EXPECT_EQ(prompt.creator.reveal(), "Reader^One");
  EXPECT_TRUE(prompt.lesion.given_by_viewer) << "so that a next round can name it";
}

TEST(ClickCommand, JsonNamesWhatTheNextRoundNeeds) {
  const TempDir folder;
  write_series(folder, "chest");
  auto options = click_at(folder, {{0, 0, 4}});
  options.tracking_uid = Uid::require("1.2.3.4");
  options.json = true;
  const auto ran = run(options);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json.at("tracking_uid"), "1.2.3.4");
  EXPECT_EQ(json.at("file"), options.output->string());
  const auto prompt = read_point_prompts(test::read_file(*options.output)).at(0);
  EXPECT_EQ(json.at("gsps_uid"), prompt.presentation_state.sop_instance_uid.str());
  EXPECT_EQ(json.at("ct_series_uid"), prompt.series_instance_uid.str());
}

TEST(ClickCommand, SaysWhenNoSeriesHoldsThePoint) {
  const TempDir folder;
  write_series(folder, "chest");
  for (const auto& outside :
       {PatientPoint{0, 0, 16}, PatientPoint{9, 0, 4}, PatientPoint{0, -9, 4}, PatientPoint{0, 0, -2}}) {
    const auto ran = run(click_at(folder, {outside}));
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_THAT(ran.err, HasSubstr("no CT series in"));
  }
}

TEST(ClickCommand, SaysWhichSeriesAreMeantWhenSeveralHoldThePoint) {
  const TempDir folder;
  const auto thin = write_series(folder, "thin"), thick = write_series(folder, "thick");
  const auto ran = run(click_at(folder, {{0, 0, 4}}));
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("2 CT series hold the point"));
  EXPECT_THAT(ran.err, HasSubstr(thin[0].name().series_instance_uid.str()));
  EXPECT_THAT(ran.err, HasSubstr(thick[0].name().series_instance_uid.str()));
}

TEST(ClickCommand, TakesTheOnlySeriesThatReachesThere) {
  const TempDir folder;
  write_series(folder, "short", 3);
  const auto tall = write_series(folder, "tall", 8);
  auto options = click_at(folder, {{0, 0, 12}});
  ASSERT_EQ(run(options).exit_code, 0);
  EXPECT_EQ(read_point_prompts(test::read_file(*options.output)).at(0).series_instance_uid,
            tall[0].name().series_instance_uid);
}

TEST(ClickCommand, WarnsThatANodeWillRefuseASeriesWithAGap) {
  const TempDir folder;
  write_series(folder, "chest");
  std::filesystem::remove(folder / "chest5.dcm");
  const auto ran = run(click_at(folder, {{0, 0, 4}}));
  EXPECT_EQ(ran.exit_code, 0) << "the click is written all the same";
  EXPECT_THAT(ran.err, HasSubstr("a node will refuse this: The CT series has a gap"));
}

TEST(ClickCommand, WithoutPointOrFolderItSaysSo) {
  const TempDir folder;
  EXPECT_EQ(run(click_at(folder, {})).exit_code, 2);
  auto options = click_at(folder, {{0, 0, 0}});
  options.ct_folder = folder / "missing";
  const auto ran = run(options);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("cannot read"));
}

/// Takes one object and keeps it.
class Inbox : public StoreSink {
 public:
  explicit Inbox(Bytes& kept) : kept_(kept) {}
  void write(ByteView bytes) override { kept_.insert(kept_.end(), bytes.begin(), bytes.end()); }
  void finish() override {}

 private:
  Bytes& kept_;
};

TEST(ClickCommand, SendsThePresentationStateToAPeer) {
  const TempDir folder;
  write_series(folder, "chest");
  Bytes received;
  Services services;
  services.begin_store = [&](const StoreRequest&) { return std::make_unique<Inbox>(received); };
  ScpServer server({}, services);
  server.start();
  auto options = click_at(folder, {{0, 0, 4}});
  options.to = Peer{AeTitle::require("PUNCTUM"), "127.0.0.1", server.port()};
  const auto ran = run(options);
  server.stop();
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto written = test::read_file(*options.output);
  ASSERT_LT(received.size(), written.size());
  EXPECT_TRUE(std::equal(received.rbegin(), received.rend(), written.rbegin())) << "the data set as it was written";
}

TEST(ClickCommand, FailsWhenThePeerIsNotThere) {
  const TempDir folder;
  write_series(folder, "chest");
  auto options = click_at(folder, {{0, 0, 4}});
  options.to = Peer{AeTitle::require("NOBODY"), "127.0.0.1", 1};
  const auto ran = run(options);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("did not take the presentation state"));
}

TEST(ClickCommand, ClicksOnRealSeriesOfSeveralMakers) {
  struct Case {
    const char* folder;
    PatientPoint point;
  };
  int seen = 0;
  for (const auto& one :
       {Case{"ct-chest-cmb-crc", {60, -20, -90}}, Case{"lesions-lung-radiomics-phantom-NC/pat_4", {60, 10, -420}},
        Case{"geometry-tilt-ge-head", {0, 0, 100}}}) {
    const auto data = std::filesystem::path(PUNCTUM_SHARED_DATA) / one.folder;
    if (!std::filesystem::exists(data)) continue;
    SCOPED_TRACE(one.folder);
    const TempDir out;
    auto options = click_at(out, {one.point});
    options.ct_folder = data;
    const auto ran = run(options);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    const auto click = read_point_prompts(test::read_file(*options.output)).at(0).clicks.at(0);
    for (const auto& file : test::read_dicom_files(data)) {
      try {
        const auto header = read_ct_slice_header(file);
        if (header.placed.instance.sop_instance_uid != click.drawn_on) continue;
        const auto place = to_patient(click.point, header.placed.plane);
        EXPECT_NEAR(place.x, one.point.x, 1e-3);
        EXPECT_LT(std::abs(dot(place - one.point, header.placed.plane.normal())), 4);
        ++seen;
      } catch (const Error&) {
        continue;  // the RTSTRUCT beside the images
      }
    }
  }
  if (seen == 0) GTEST_SKIP() << "needs real series below " PUNCTUM_SHARED_DATA;
}

}  // namespace
}  // namespace punctum
