// What a node says when it cannot start, and what it answers when it cannot store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/node_process.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;

const std::filesystem::path shipped_model = std::filesystem::path(PUNCTUM_SOURCE_DIR) / "inference/weights/compact";

ProgramResult serve(const TempDir& folder, const nlohmann::json& settings) {
  return punctum({"serve", "--config", write_node_config(folder.path(), settings).string()});
}

TEST(Start, UsageIsExitCodeTwo) {
  EXPECT_EQ(punctum({}).exit_code, 2);
  EXPECT_EQ(punctum({"serve"}).exit_code, 2);
  EXPECT_EQ(punctum({"send", "/etc/hostname", "--to", "nonsense"}).exit_code, 2);
  EXPECT_EQ(punctum({"--help"}).exit_code, 0);
  for (const auto* command : {"serve", "jobs", "send", "click", "show", "phantom", "train", "evaluate"}) {
    const auto help = punctum({command, "--help"});
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.output, HasSubstr("--help")) << command;
  }
}

TEST(Start, UnknownFieldIsNamed) {
  const TempDir folder;
  const auto result = serve(folder, {{"dicom", {{"prot", 1}}}});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("/dicom/prot"));
}

TEST(Start, PortInUseIsNamed) {
  const TempDir folder, other;
  NodeProcess first(folder.path());
  first.start();
  const auto dicom = serve(other, {{"dicom", {{"port", first.address().port}}}});
  EXPECT_EQ(dicom.exit_code, 1);
  EXPECT_THAT(dicom.output, HasSubstr(std::to_string(first.address().port)));
  const auto http = serve(other, {{"http", {{"port", first.http_port()}}}});
  EXPECT_EQ(http.exit_code, 1);
  EXPECT_THAT(http.output, HasSubstr(std::to_string(first.http_port())));
}

TEST(Start, DataFolderThatCannotBeWrittenIsNamed) {
  const TempDir folder;
  std::ofstream(folder / "occupied") << "a file";
  const auto result = serve(folder, {{"data_dir", "occupied/data"}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("occupied/data"));
}

constexpr const char* bound = "--bounding-set=-dac_override,-dac_read_search";

/// `serve` as somebody whom permissions bind: root passes over them unless it gives that right up.
ProgramResult serve_bound_by_permissions(const std::filesystem::path& config) {
  std::vector<std::string> command{PUNCTUM_PROGRAM, "serve", "--config", config.string()};
  if (::geteuid() == 0) command.insert(command.begin(), {"setpriv", bound});
  return run_program(command);
}

TEST(Start, DataFolderWithoutPermissionToWriteIsNamed) {
  if (::geteuid() == 0 && run_program({"setpriv", bound, "true"}).exit_code != 0) {
    GTEST_SKIP() << "permissions do not bind root here, and setpriv cannot take that right away";
  }
  const TempDir folder;
  const auto config = write_node_config(folder.path());
  std::filesystem::create_directory(folder / "data");
  std::filesystem::permissions(folder / "data", std::filesystem::perms(0500));
  const auto result = serve_bound_by_permissions(config);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("punctum: cannot write in the data folder " + (folder / "data").string()));
  EXPECT_THAT(result.output, HasSubstr("Permission denied"));
}

TEST(Start, MissingModelIsNamed) {
  const TempDir folder;
  const auto result = serve(folder, {{"inference", {{"model", "nowhere"}}}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("nowhere"));
}

TEST(Start, DamagedModelIsRefused) {
  const TempDir folder;
  std::filesystem::copy(shipped_model, folder / "model", std::filesystem::copy_options::recursive);
  const auto weights = folder / "model/weights.safetensors";
  auto bytes = read_file(weights);
  bytes.at(bytes.size() - 100) ^= std::byte{1};
  write_file(weights, bytes);
  const auto result = serve(folder, {{"inference", {{"model", "./model"}}}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, testing::AnyOf(HasSubstr("digest"), HasSubstr("SHA-256")));
}

TEST(Start, ModelOfALicenceClassThatIsNotAllowedIsRefused) {
  const TempDir folder;
  std::filesystem::copy(shipped_model, folder / "model", std::filesystem::copy_options::recursive);
  auto manifest = nlohmann::json::parse(std::ifstream(folder / "model/manifest.json"));
  manifest["use"] = "research";
  std::ofstream(folder / "model/manifest.json") << manifest.dump();
  const auto result = serve(folder, {{"inference", {{"model", "./model"}}}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("its licence class is \"research\""));
  EXPECT_THAT(result.output, HasSubstr("/inference/licences"));
}

TEST(Start, FullDiskTurnsAssociationsAwayForNowAndTheNodeLives) {
  const TempDir folder;
  NodeProcess node(folder.path(), {{"min_free_mb", 1 << 30}});
  node.start();
  write_file(folder / "slice.dcm", CtSliceBuilder{}.build().file.bytes);
  const std::vector<std::string> send{
      "storescu", "-v", "-aec", "PUNCTUM", "127.0.0.1", node.port(), (folder / "slice.dcm").string()};
  for (int i = 0; i < 2; ++i) {  // also the second time: nothing hangs, nothing ended
    const auto sent = run_program(send);
    EXPECT_NE(sent.exit_code, 0);
    EXPECT_THAT(sent.output, HasSubstr("Rejected Transient")) << sent.output;
  }
}

}  // namespace
}  // namespace punctum::test
