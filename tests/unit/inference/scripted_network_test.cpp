#include <gmock/gmock.h>
#include <torch/script.h>

#include "dicom/types/digest.hpp"
#include "dicom/types/error.hpp"
#include "inference/model/manifest.hpp"
#include "inference/segmenter.hpp"
#include "tests/support/grids.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// Marks a ball of five voxels around the last click, and what was marked before.
const std::string ball_source = R"(
def encode(self, x: Tensor) -> List[Tensor]:
    return [x]

def decode(self, kept: List[Tensor], points: Tensor, labels: Tensor, previous: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    n = kept[0].size(2)
    at = torch.arange(n).float()
    z = (at - points[0, -1, 0]).view(n, 1, 1)
    y = (at - points[0, -1, 1]).view(1, n, 1)
    x = (at - points[0, -1, 2]).view(1, 1, n)
    ball = 5.0 - torch.sqrt(z * z + y * y + x * x)
    logits = torch.maximum(ball.view(1, 1, n, n, n), previous)
    named = torch.zeros([1, 13])
    named[0, 1] = 5.0
    return logits, torch.zeros([1, 1]), named
)";

class Scripted : public testing::Test {
 protected:
  fs::path model(const std::string& source, bool attributes = true) const {
    const auto folder = scratch_ / "model";
    fs::create_directories(folder);
    torch::jit::Module program("program");
    program.define(source);
    program.save((folder / "program.pt").string());
    Manifest manifest;
    manifest.name = "ball", manifest.version = "1", manifest.licence = "Apache-2.0", manifest.use = "commercial";
    manifest.architecture = ScriptContract{32, {1.5}};
    manifest.temperatures.assign(5, 1), manifest.abstain_below.assign(5, 0);
    manifest.attributes_trained = attributes, manifest.mask_quality_trained = false;
    manifest.weights_file = "program.pt";
    manifest.weights_digest = sha256_of_file(folder / "program.pt");
    manifest.training = nlohmann::json::object(), manifest.metrics = nlohmann::json::object();
    write_manifest(folder / "manifest.json", manifest);
    return folder;
  }
  static SegmenterOptions allowed(const fs::path& folder) {
    SegmenterOptions options{folder, "cpu", 1};
    options.allowed_scripts = {sha256_of_file(folder / "program.pt").hex};
    return options;
  }
  static std::string error_of(const std::function<void()>& act) {
    try {
      act();
    } catch (const ModelError& error) {
      return error.what();
    }
    return "no error";
  }

 private:
  test::TempDir scratch_;
};

Volume air() { return {test::grid({40, 40, 40, 1.5, 1.5, 1.5}), std::vector<std::int16_t>(40 * 40 * 40, -1000)}; }

TEST_F(Scripted, ProgramAnswersClicksAndNamesAttributes) {
  const auto segmenter = Segmenter::load(allowed(model(ball_source)));
  const auto volume = air();
  const auto found = segmenter->segment(volume, "air", {{{20, 20, 20}}, {{24, 20, 20}}}, nullptr);
  const auto marked = [&](int x) { return found.mask.voxels[static_cast<std::size_t>((20 * 40 + 20) * 40 + x)] != 0; };
  EXPECT_TRUE(marked(16));
  EXPECT_TRUE(marked(28));
  EXPECT_FALSE(marked(14));
  EXPECT_FALSE(marked(30));
  ASSERT_EQ(found.attributes.size(), attribute_count);
  EXPECT_GT(found.attributes[0].probabilities[1], 0.9);
  EXPECT_EQ(found.mask_quality, 0);
}

TEST_F(Scripted, WhatItDoesNotKnowIsNotReported) {
  const auto segmenter = Segmenter::load(allowed(model(ball_source, /*attributes=*/false)));
  EXPECT_TRUE(segmenter->segment(air(), "air", {{{20, 20, 20}}}, nullptr).attributes.empty());
}

TEST_F(Scripted, ProgramThatNobodyAllowedIsNotRead) {
  const auto folder = model(ball_source);
  EXPECT_THAT(error_of([&] { Segmenter::load({folder, "cpu", 1}); }),
              AllOf(HasSubstr(sha256_of_file(folder / "program.pt").hex), HasSubstr("/inference/scripts")));
}

TEST_F(Scripted, LackOfAMethodIsSaid) {
  const auto folder = model("def encode(self, x: Tensor) -> List[Tensor]:\n    return [x]\n");
  EXPECT_THAT(error_of([&] { Segmenter::load(allowed(folder)); }), HasSubstr("no method decode"));
}

TEST_F(Scripted, AnswersOfAnotherFormAreErrors) {
  const auto answer_to = [&](const std::string& wanted, const std::string& given) {
    auto source = ball_source;
    source.replace(source.find(wanted), wanted.size(), given);
    const auto segmenter = Segmenter::load(allowed(model(source)));
    return error_of([&] { segmenter->segment(air(), "air", {{{20, 20, 20}}}, nullptr); });
  };
  EXPECT_THAT(answer_to("return logits,", "return logits[:, :, :-1],"),
              AllOf(HasSubstr("mask"), HasSubstr("[1, 1, 31, 32, 32]"), HasSubstr("[1, 1, 32, 32, 32]")));
  EXPECT_THAT(answer_to("return logits,", "return logits / 0.0,"), HasSubstr("finite"));
  EXPECT_THAT(answer_to("torch.zeros([1, 13])", "torch.zeros([1, 12])"), HasSubstr("[1, 13]"));
  EXPECT_THAT(answer_to("5.0 - torch", "1.0 / torch.zeros([3, 2]).view(7) - torch"), HasSubstr("decode"));
}

TEST(ScriptContract, RefusesWhatCannotBe) {
  const nlohmann::json good = ScriptContract{};
  EXPECT_EQ(nlohmann::json(good.get<ScriptContract>()), good);
  for (const char* field : {"torchscript", "crop", "spacings_mm", "attribute_groups"}) {
    auto missing = good;
    missing.erase(field);
    EXPECT_THROW(missing.get<ScriptContract>(), ModelError) << field;
  }
  auto other = good, coarse_first = good;
  other["torchscript"] = "punctum-script/2";
  coarse_first["spacings_mm"] = {3.0, 1.5};
  EXPECT_THROW(other.get<ScriptContract>(), ModelError);
  EXPECT_THROW(coarse_first.get<ScriptContract>(), ModelError);
}

}  // namespace
}  // namespace punctum
