#include "node/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "dicom/types/error.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum {
namespace {

using testing::HasSubstr;

TEST(ModelFolder, FolderBesideTheConfigurationComesFirst) {
  const test::TempDir folder;
  std::filesystem::create_directory(folder / "compact");
  std::ofstream(folder / "compact/manifest.json") << "{}";
  EXPECT_EQ(find_model_folder("compact", folder.path()), folder / "compact");
  EXPECT_EQ(find_model_folder((folder / "compact").string(), "/elsewhere"), folder / "compact");
}

TEST(ModelFolder, MissingModelListsWhereItWasLookedFor) {
  const test::TempDir folder;
  const auto message = PUNCTUM_MESSAGE_OF(ModelError, find_model_folder("nothing", folder.path()));
  EXPECT_THAT(message, HasSubstr((folder / "nothing").string()));
  EXPECT_THAT(message, HasSubstr("inference/weights/nothing"));
}

}  // namespace
}  // namespace punctum
