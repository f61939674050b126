#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

/// dicom3tools as judges: they share no code with DCMTK.
namespace punctum::test {

inline std::string output_of(const std::string& command) {
  std::string output;
  auto* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "cannot run " + command;
  std::array<char, 4096> part{};
  while (const auto n = std::fread(part.data(), 1, part.size(), pipe)) output.append(part.data(), n);
  pclose(pipe);
  return output;
}

inline bool has_validators() { return !output_of("command -v dciodvfy").empty() && !output_of("command -v dcentvfy").empty(); }

/// Every line with Error or Warning that dciodvfy prints, except the one that no private coding scheme can avoid.
inline std::string complaints_about(const std::filesystem::path& file) {
  std::string complaints;
  const auto output = output_of("dciodvfy '" + file.string() + "'");
  for (std::size_t start = 0; start < output.size();) {
    const auto end = std::min(output.find('\n', start), output.size());
    const auto line = output.substr(start, end - start);
    start = end + 1;
    const bool complains = line.find("Error") != std::string::npos || line.find("Warning") != std::string::npos;
    const bool allowed =
        line.find("Unrecognized defined term <99PUNCTUM>") != std::string::npos;
    if (complains && !allowed) complaints += line + "\n";
  }
  return output.empty() ? "dciodvfy printed nothing" : complaints;
}

/// All that dcentvfy prints over objects that should belong together.
inline std::string inconsistencies_between(const std::vector<std::filesystem::path>& files) {
  std::string command = "dcentvfy";
  for (const auto& file : files) command += " '" + file.string() + "'";
  return output_of(command);
}

}  // namespace punctum::test

#define PUNCTUM_VALIDATORS_OR_SKIP() \
  if (!punctum::test::has_validators()) GTEST_SKIP() << "needs dciodvfy and dcentvfy (package dicom3tools)"
