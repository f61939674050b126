#pragma once

#include <algorithm>
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

inline bool has_validators() {
  return !output_of("command -v dciodvfy").empty() && !output_of("command -v dcentvfy").empty();
}

/// The lines of some output that a test cares about.
template <typename Wanted>
std::string lines_of(const std::string& output, Wanted wanted) {
  std::string kept;
  for (std::size_t start = 0; start < output.size();) {
    const auto end = std::min(output.find('\n', start), output.size());
    const auto line = output.substr(start, end - start);
    start = end + 1;
    if (wanted(line)) kept += line + "\n";
  }
  return kept;
}

inline bool contains(const std::string& line, const char* words) { return line.find(words) != std::string::npos; }

/// Every line with Error or Warning that dciodvfy prints, except the one that no private coding scheme can avoid.
inline std::string complaints_about(const std::filesystem::path& file) {
  const auto output = output_of("dciodvfy '" + file.string() + "'");
  if (output.empty()) return "dciodvfy printed nothing";
  return lines_of(output, [](const auto& line) {
    return (contains(line, "Error") || contains(line, "Warning")) &&
           !contains(line, "Unrecognized defined term <99PUNCTUM>");
  });
}

/// All that dcentvfy prints over objects that should belong together, except that its own tables file Accession Number
/// under the series for images and under the study for reports: any report beside any image provokes that line.
inline std::string inconsistencies_between(const std::vector<std::filesystem::path>& files) {
  std::string command = "dcentvfy";
  for (const auto& file : files) command += " '" + file.string() + "'";
  return lines_of(output_of(command), [](const auto& line) {
    return !contains(line, "Different information entities for attribute - Element=<AccessionNumber>");
  });
}

}  // namespace punctum::test

#define PUNCTUM_VALIDATORS_OR_SKIP() \
  if (!punctum::test::has_validators()) GTEST_SKIP() << "needs dciodvfy and dcentvfy (package dicom3tools)"
