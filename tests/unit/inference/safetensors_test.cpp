#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>

#include "dicom/types/error.hpp"
#include "inference/model/network_weights.hpp"

namespace punctum {
namespace {

class Safetensors : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            ("punctum-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".safetensors");
    weights_.tensors["a"] = {{2, 2}, {1.0F, -2.5F, 0.0F, 3.0e-6F}};
    weights_.tensors["b"] = {{3}, {65504.0F, 0.333333F, -1.0F}};
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
  }
  void put(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }
  void put(const std::string& header, std::size_t numbers) const {
    const std::uint64_t length = header.size();
    std::string text(8, '\0');
    std::memcpy(text.data(), &length, 8);
    put(text + header + std::string(numbers, '\0'));
  }

  std::filesystem::path path_;
  WeightsFile weights_;
};

TEST_F(Safetensors, GiveBackWhatWasWritten) {
  write_safetensors(path_, weights_, TensorType::f32);
  const auto read = read_safetensors(path_);
  EXPECT_EQ(read.tensors.at("a").values, weights_.tensors["a"].values);
  EXPECT_EQ(read.tensors.at("b").shape, weights_.tensors["b"].shape);
}

TEST_F(Safetensors, HalfPrecisionRoundsToTheNearest) {
  write_safetensors(path_, weights_, TensorType::f16);
  const auto read = read_safetensors(path_);
  EXPECT_EQ(read.tensors.at("b").values[0], 65504.0F);
  EXPECT_NEAR(read.tensors.at("b").values[1], 0.333333F, 0.333333F / 2048);
  EXPECT_NEAR(read.tensors.at("a").values[3], 3.0e-6F, 3.1e-8F);
}

TEST_F(Safetensors, AreReadInBfloat16) {
  const std::string header = R"({"a":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}})";
  put(header, 0);
  std::ofstream(path_, std::ios::binary | std::ios::app).write("\x80\x3f\x20\xc0\x00\x00", 6);
  EXPECT_EQ(read_safetensors(path_).tensors.at("a").values, (std::vector{1.0F, -2.5F, 0.0F}));
}

TEST_F(Safetensors, RefuseEveryTruncation) {
  write_safetensors(path_, weights_, TensorType::f32);
  const auto whole = bytes();
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{7}, std::size_t{20}, whole.size() - 4, whole.size() - 1}) {
    put(whole.substr(0, length));
    EXPECT_THROW(read_safetensors(path_), ModelError) << length;
  }
}

TEST_F(Safetensors, RefuseAHeaderThatLies) {
  put(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4);  // offsets do not fit the shape
  EXPECT_THROW(read_safetensors(path_), ModelError);
  put(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8);  // a gap
  EXPECT_THROW(read_safetensors(path_), ModelError);
  put(R"({"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", 8);  // a type that weights do not have
  EXPECT_THROW(read_safetensors(path_), ModelError);
  put(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4);
  EXPECT_THROW(read_safetensors(path_), ModelError);
  put(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", 4);
  EXPECT_THROW(read_safetensors(path_), ModelError);
  put("not json", 0);
  EXPECT_THROW(read_safetensors(path_), ModelError);
  put(std::string("\xff\xff\xff\xff\xff\xff\xff\x7f", 8) + "{}");  // longer than the file
  EXPECT_THROW(read_safetensors(path_), ModelError);
}

TEST_F(Safetensors, RefuseNumbersThatAreNotFinite) {
  write_safetensors(path_, weights_, TensorType::f32);
  auto text = bytes();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(text.data() + text.size() - 4, &nan, 4);
  put(text);
  EXPECT_THROW(read_safetensors(path_), ModelError);
  weights_.tensors["a"].values[0] = nan;
  EXPECT_THROW(write_safetensors(path_, weights_, TensorType::f32), ModelError);
}

TEST(NetworkWeights, RefuseMissingExtraAndMisshapenTensors) {
  network::LesionNetwork net(NetworkConfig::compact());
  const auto good = network::weights_of(net);
  EXPECT_NO_THROW(network::assign_weights(net, good));
  auto missing = good, extra = good, misshapen = good;
  missing.tensors.erase("image_encoder.pos_embed");
  extra.tensors["surprise"] = {{1}, {0.0F}};
  misshapen.tensors["mask_decoder.iou_token.weight"] = {{128}, std::vector<float>(128)};
  EXPECT_THROW(network::assign_weights(net, missing), ModelError);
  EXPECT_THROW(network::assign_weights(net, extra), ModelError);
  EXPECT_THROW(network::assign_weights(net, misshapen), ModelError);
}

}  // namespace
}  // namespace punctum
