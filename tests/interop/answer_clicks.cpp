// What a model answers in one crop, so that another implementation can be held against it.
//   answer_clicks MODEL CROP Z,Y,X,SIGN...
// CROP: HU as 32-bit floats, x fastest, a cube of the model's size. SIGN: 1 inside, 0 outside. Writes the mask's logits
// after every click, all clicks so far being told, as 32-bit floats.

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "dicom/types/error.hpp"
#include "inference/load_network.hpp"
#include "inference/preprocess/hu_rule.hpp"

namespace {

using namespace punctum;

torch::Tensor read_crop(const char* path, std::int64_t side) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  const auto size = static_cast<std::size_t>(side * side * side) * sizeof(float);
  if (bytes.size() != size) {
    throw GeometryError("cannot read crop: found " + std::to_string(bytes.size()) + " bytes, expected " +
                        std::to_string(size));
  }
  return torch::from_blob(const_cast<char*>(bytes.data()), {1, side, side, side}, torch::kFloat).clone();
}

struct Click {
  float z = 0, y = 0, x = 0;
  int sign = 0;
};

Click click_of(const char* text) {
  Click click;
  if (std::sscanf(text, "%f,%f,%f,%d", &click.z, &click.y, &click.x, &click.sign) == 4) return click;
  throw ConfigError("found \"" + std::string(text) + "\", expected Z,Y,X,SIGN");
}

void write(const torch::Tensor& logits) {
  const auto flat = logits.contiguous();
  std::cout.write(reinterpret_cast<const char*>(flat.data_ptr<float>()),
                  static_cast<std::streamsize>(flat.numel() * static_cast<std::int64_t>(sizeof(float))));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: answer_clicks MODEL CROP Z,Y,X,SIGN...\n";
    return 2;
  }
  try {
    at::set_num_threads(1);
    const torch::InferenceMode inference;
    const std::filesystem::path folder = argv[1];
    const auto manifest = read_manifest(folder / "manifest.json");
    const auto network = load_network(manifest, folder / manifest.weights_file, torch::kCPU);
    const auto hu = read_crop(argv[2], network->crop());
    const auto spacing = torch::full({1}, network->spacings_mm().front(), torch::kFloat);
    const auto embedding = network->encode(network_input(hu, manifest.hu_rule()), spacing);
    network::PromptPoints points;
    network::Prediction answer;
    for (int i = 3; i < argc; ++i) {
      const auto click = click_of(argv[i]);
      const auto place = torch::tensor({click.z, click.y, click.x}).view({1, 1, 3});
      const auto kind = torch::full({1, 1}, std::int64_t{click.sign}, torch::kLong);
      points = network::join(points, network->refine(embedding, place, kind, answer.feedback));
      answer = network->decode(embedding, points, answer.feedback);
      write(answer.logits);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
