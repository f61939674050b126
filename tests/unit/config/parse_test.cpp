#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "config/config.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal_of(const std::string& json) {
  try {
    parse_config(json, "/etc/punctum");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Config, EmptyObjectGivesTheDefaults) {
  const auto config = parse_config("{}", "/etc/punctum");
  EXPECT_EQ(config.ae_title.str(), "PUNCTUM");
  EXPECT_EQ(config.data_dir, "/etc/punctum/data");
  EXPECT_EQ(config.dicom.port, 11112);
  EXPECT_EQ(config.dicom.max_associations, 64u);
  EXPECT_FALSE(config.dicom.callers);
  EXPECT_EQ(config.http.port, 8080);
  EXPECT_EQ(config.inference.settle, std::chrono::seconds(1));
  EXPECT_TRUE(config.deliver.empty());
}

TEST(Config, ReadsEveryFieldOfTheDesign) {
  const auto config = parse_config(R"({
    "ae_title": "NODE7", "data_dir": "../memory", "min_free_mb": 64,
    "dicom": {"bind": "0.0.0.0", "port": 0, "max_associations": 3, "max_pdu": 16384, "idle_timeout_s": 5,
              "callers": ["CT1", "VIEWER"], "peers": {"ARCHIVE": {"host": "10.0.0.7", "port": 104}}},
    "http": {"bind": "127.0.0.1", "port": 0},
    "inference": {"model": "base", "device": "cuda", "threads": 2, "settle_s": 0.25, "images_within_s": 30},
    "deliver": ["ARCHIVE"]})",
                                   "/etc/punctum");
  EXPECT_EQ(config.ae_title.str(), "NODE7");
  EXPECT_EQ(config.data_dir, "/etc/memory");
  EXPECT_EQ(config.min_free_mb, 64u);
  EXPECT_EQ(config.dicom.bind, "0.0.0.0");
  EXPECT_EQ(config.dicom.port, 0);
  EXPECT_EQ(config.dicom.max_pdu, 16384u);
  EXPECT_EQ(config.dicom.idle_timeout, std::chrono::seconds(5));
  ASSERT_TRUE(config.dicom.callers);
  EXPECT_TRUE(config.dicom.callers->contains(AeTitle::require("CT1")));
  EXPECT_EQ(config.dicom.peers.at(AeTitle::require("ARCHIVE")).str(), "ARCHIVE@10.0.0.7:104");
  EXPECT_EQ(config.inference.model, "base");
  EXPECT_EQ(config.inference.licences, std::vector<std::string>{"commercial"});
  EXPECT_EQ(config.inference.settle, std::chrono::milliseconds(250));
  EXPECT_EQ(config.inference.images_within, std::chrono::seconds(30));
  ASSERT_EQ(config.deliver.size(), 1u);
  EXPECT_EQ(config.deliver[0].str(), "ARCHIVE");
}

TEST(Config, FilesAreReReadAndNothingIsRemovedUnlessSomebodySaysSo) {
  const auto defaults = parse_config("{}", "/").storage;
  EXPECT_GT(defaults.scrub_mb_per_s, 0);
  EXPECT_EQ(defaults.retention.count(), 0);
  const auto set =
      parse_config(R"({"storage": {"scrub_mb_per_s": 0, "retention_days": 365, "quarantine_mb": 7}})", "/");
  EXPECT_EQ(set.storage.scrub_mb_per_s, 0);
  EXPECT_EQ(set.storage.retention, std::chrono::days(365));
  EXPECT_EQ(set.storage.quarantine_mb, 7u);
  EXPECT_THAT(refusal_of(R"({"storage": {"retention_days": -1}})"), HasSubstr("/storage/retention_days"));
}

TEST(Config, RefusesUnknownFieldWithItsPointer) {
  EXPECT_THAT(refusal_of(R"({"dicom": {"prot": 104}})"), AllOf(HasSubstr("/dicom/prot"), HasSubstr("port")));
  EXPECT_THAT(refusal_of(R"({"deliverto": []})"), HasSubstr("/deliverto: unknown field"));
  EXPECT_THAT(refusal_of(R"({"a/b~c": 1})"), HasSubstr("/a~1b~0c"));
  EXPECT_THAT(refusal_of(R"({"dicom": {"peers": {"X": {"host": "h", "port": 1, "tls": true}}}})"),
              HasSubstr("/dicom/peers/X/tls"));
}

TEST(Config, RefusesValueOutOfRangeOrOfWrongType) {
  EXPECT_THAT(refusal_of(R"({"dicom": {"port": 70000}})"),
              AllOf(HasSubstr("/dicom/port"), HasSubstr("70000"), HasSubstr("65535")));
  EXPECT_THAT(refusal_of(R"({"dicom": {"port": "104"}})"), AllOf(HasSubstr("/dicom/port"), HasSubstr("whole number")));
  EXPECT_THAT(refusal_of(R"({"dicom": {"port": 18446744073709551615}})"), HasSubstr("/dicom/port"));
  EXPECT_THAT(refusal_of(R"({"dicom": {"max_pdu": 100}})"), HasSubstr("4096 to 131072"));
  EXPECT_THAT(refusal_of(R"({"inference": {"settle_s": -1}})"), HasSubstr("/inference/settle_s"));
  EXPECT_THAT(refusal_of(R"({"inference": {"licences": ["commercial", "any"]}})"), HasSubstr("/inference/licences/1"));
  EXPECT_THAT(refusal_of(R"({"inference": {"scripts": ["a1"]}})"), HasSubstr("/inference/scripts/0"));
  EXPECT_THAT(refusal_of(R"({"inference": {"device": "tpu"}})"), HasSubstr("\"auto\", \"cpu\" or \"cuda\""));
  EXPECT_THAT(refusal_of(R"({"ae_title": "MUCH TOO LONG A TITLE"})"), HasSubstr("/ae_title"));
  EXPECT_THAT(refusal_of(R"({"dicom": []})"), HasSubstr("/dicom: found [], expected an object"));
  EXPECT_THAT(refusal_of(R"([])"), HasSubstr("expected an object"));
  EXPECT_THAT(refusal_of(R"({"dicom": {"callers": "all"}})"), HasSubstr("/dicom/callers"));
  EXPECT_THAT(refusal_of(R"({"dicom": {"callers": ["A\\B"]}})"), HasSubstr("/dicom/callers/0"));
}

TEST(Config, RefusesTextThatIsNotJson) { EXPECT_THAT(refusal_of(R"({"ae_title": )"), HasSubstr("not JSON at byte")); }

TEST(Config, RefusesANumberBeyondEveryRange) {
  EXPECT_THAT(refusal_of(R"({"min_free_mb": 33e3333333333337})"),
              AllOf(HasSubstr("not usable JSON"), HasSubstr("33e3333333333337")));
  EXPECT_THAT(refusal_of(R"({"min_free_mb": -1e999})"), HasSubstr("-1e999"));
}

TEST(Config, RefusesDeliveryToUnknownPeer) {
  EXPECT_THAT(refusal_of(R"({"deliver": ["ARCHIVE"]})"), AllOf(HasSubstr("/deliver/0"), HasSubstr("/dicom/peers")));
}

TEST(Config, RefusesPeerWithoutAddress) {
  EXPECT_THAT(refusal_of(R"({"dicom": {"peers": {"X": {"port": 104}}}})"), HasSubstr("/dicom/peers/X/host"));
  EXPECT_THAT(refusal_of(R"({"dicom": {"peers": {"X": {"host": "h"}}}})"), HasSubstr("/dicom/peers/X/port"));
}

TEST(Config, RefusesOpenDoorToTheNetworkAndSaysWhatToDo) {
  EXPECT_THAT(refusal_of(R"({"dicom": {"bind": "0.0.0.0"}})"),
              AllOf(HasSubstr("/dicom/callers"), HasSubstr("list the AE titles"), HasSubstr("127.0.0.1")));
  EXPECT_EQ(refusal_of(R"({"dicom": {"bind": "0.0.0.0", "callers": ["CT1"]}})"), "accepted");
  EXPECT_EQ(refusal_of(R"({"dicom": {"bind": "::1"}})"), "accepted");
  EXPECT_THAT(refusal_of(R"({"http": {"bind": "0.0.0.0"}})"), HasSubstr("/http/bind"));
}

TEST(Config, MissingFileIsNamed) {
  try {
    load_config("/nowhere/node.json");
    FAIL() << "accepted a file that does not exist";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("/nowhere/node.json"));
  }
}

TEST(Config, ShippedFileLoadsAndItsPathsCountFromItsFolder) {
  const std::filesystem::path source(PUNCTUM_SOURCE_DIR);
  EXPECT_EQ(load_config(source / "config/node.json").data_dir, source / "data");
}

}  // namespace
}  // namespace punctum
