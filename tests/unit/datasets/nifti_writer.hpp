#pragma once

#include <zlib.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <vector>

#include "dicom/geometry/points.hpp"

namespace punctum::test {

/// A NIfTI-1 file byte by byte as the format's header file describes it, independent of the library that reads it.
struct NiftiFile {
  std::array<int, 3> count{4, 3, 2};
  /// Rows of the sform: RAS mm = matrix * (i, j, k, 1).
  std::array<std::array<float, 4>, 3> to_ras{{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}};
  float slope = 1, intercept = 0;
  std::vector<float> values;  ///< first axis fastest
  int volumes = 1;            ///< length of the fourth axis
};

inline void write_nifti(const std::filesystem::path& file, const NiftiFile& nifti) {
  std::array<unsigned char, 352> header{};
  const auto put = [&header](std::size_t at, auto value) { std::memcpy(&header[at], &value, sizeof value); };
  put(0, std::int32_t{348});
  put(40, static_cast<std::int16_t>(nifti.volumes > 1 ? 4 : 3));
  for (std::size_t i = 0; i < 3; ++i) {
    put(42 + 2 * i, static_cast<std::int16_t>(nifti.count[i]));
    float length2 = 0;
    for (std::size_t row = 0; row < 3; ++row) length2 += nifti.to_ras[row][i] * nifti.to_ras[row][i];
    put(80 + 4 * i, std::sqrt(length2));
  }
  put(48, static_cast<std::int16_t>(nifti.volumes));
  for (std::size_t at = 50; at < 56; at += 2) put(at, std::int16_t{1});
  put(70, std::int16_t{16});  // float32
  put(72, std::int16_t{32});
  put(76, 1.0F);
  put(108, 352.0F);
  put(112, nifti.slope);
  put(116, nifti.intercept);
  put(123, std::uint8_t{2});  // mm
  put(254, std::int16_t{1});  // sform: scanner
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t i = 0; i < 4; ++i) put(280 + 16 * row + 4 * i, nifti.to_ras[row][i]);
  }
  std::memcpy(&header[344], "n+1", 4);
  gzFile out = gzopen(file.c_str(), file.extension() == ".gz" ? "wb1" : "wbT");
  gzwrite(out, header.data(), header.size());
  gzwrite(out, nifti.values.data(), static_cast<unsigned>(nifti.values.size() * sizeof(float)));
  gzclose(out);
}

}  // namespace punctum::test
