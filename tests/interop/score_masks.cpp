// Scores one mask against another by the evaluation's own metrics, so that foreign ones can be held against it.
//   score_masks COLUMNS ROWS SLICES DX_MM DY_MM DZ_MM TRUTH FOUND
// TRUTH, FOUND: one byte a voxel, 0 or 1, x fastest. Prints {"dsc": ..., "hd95_mm": ..., "nsd": ...}; null where a
// score says nothing, "inf" where one mask is empty.

#include <cmath>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "dicom/types/error.hpp"
#include "inference/evaluation/metrics.hpp"

namespace {

using namespace punctum;

std::vector<std::uint8_t> read_mask(const char* path, std::size_t size) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  if (text.size() != size) {
    throw GeometryError("cannot read mask " + std::string(path) + ": found " + std::to_string(text.size()) +
                        " bytes, expected " + std::to_string(size));
  }
  return {text.begin(), text.end()};
}

std::string as_text(const std::optional<double>& value) {
  if (!value) return "null";
  return std::isinf(*value) ? "\"inf\"" : std::to_string(*value);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 9) {
    std::cerr << "usage: score_masks COLUMNS ROWS SLICES DX_MM DY_MM DZ_MM TRUTH FOUND\n";
    return 2;
  }
  try {
    const MaskGrid grid{std::stoi(argv[1]), std::stoi(argv[2]), std::stoi(argv[3]),
                        std::stod(argv[4]), std::stod(argv[5]), std::stod(argv[6])};
    const auto scores = score({grid, {}, read_mask(argv[7], grid.size()), read_mask(argv[8], grid.size())});
    std::cout << "{\"dsc\": " << as_text(scores.dice) << ", \"hd95_mm\": " << as_text(scores.hd95_mm)
              << ", \"nsd\": " << as_text(scores.nsd) << "}\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
