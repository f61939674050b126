// Every file of other makers that is made to break a reader, or merely odd: foreign_files.tsv holds the answer that
// each gets at the one door, and no answer may change without that table. What the answers are now is written to
// build/foreign_files.tsv, so that a change can be read and taken over.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "dicom/net/dimse_status.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/node/memory_of_a_node.hpp"

namespace punctum::test {
namespace {

namespace fs = std::filesystem;

using Answers = std::map<std::string, std::string>;  // by path below the shared data

/// "0000", or the status and sentence that a sender would get.
std::string answer_to(const Bytes& file, MemoryOfANode& node) {
  try {
    node.ingest.store_brought(file);
    return "0000";
  } catch (const IdentityConflict&) {  // understood; another of these files has its UID
    return "0000";
  } catch (const std::exception& error) {
    return hexadecimal(status_of(std::current_exception(), Operation::store).code) + "\t" + error.what();
  }
}

Answers answers_now(const fs::path& data) {
  Answers answers;
  MemoryOfANode node;
  for (const auto* const folder : {"malformed-pwnlab-fuzz", "syntax-charset-odd-pydicom"}) {
    for (const auto& entry : fs::recursive_directory_iterator(data / folder)) {
      if (entry.path().extension() != ".dcm") continue;
      answers.emplace(fs::relative(entry.path(), data).string(), answer_to(read_file(entry.path()), node));
    }
  }
  return answers;
}

Answers answers_documented() {
  Answers answers;
  std::ifstream file(fs::path(PUNCTUM_SOURCE_DIR) / "tests/unit/node/foreign_files.tsv");
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    answers.emplace(line.substr(0, tab), tab == std::string::npos ? "" : line.substr(tab + 1));
  }
  return answers;
}

TEST(ForeignFiles, EachGetsItsDocumentedAnswer) {
  const fs::path data = PUNCTUM_SHARED_DATA;
  if (!fs::exists(data / "malformed-pwnlab-fuzz")) GTEST_SKIP() << "no " << data / "malformed-pwnlab-fuzz";
  const auto now = answers_now(data), documented = answers_documented();
  std::ofstream out(fs::path(PUNCTUM_SOURCE_DIR) / "build/foreign_files.tsv");
  for (const auto& [name, answer] : now) {
    out << name << '\t' << answer << '\n';
    const auto known = documented.find(name);
    EXPECT_EQ(answer, known == documented.end() ? "not in the table" : known->second) << name;
  }
  EXPECT_GT(now.size(), 600u);
  EXPECT_EQ(now.size(), documented.size()) << "the table names files that are gone";
}

}  // namespace
}  // namespace punctum::test
