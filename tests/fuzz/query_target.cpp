// Queries of a peer all the way into the index: the rules of the information model, the conditions made of each key's
// value, SQLite, and the answers. The first byte says what was negotiated and how the rest is to be read: as an
// identifier in some transfer syntax, or as lines of a key's number and its value, which lead to the conditions without
// detours. What breaks the information model (DicomError) is answered; a failure of the index is a finding.
#include <array>
#include <optional>

#include "dicom/net/identifier.hpp"
#include "node/query/query_service.hpp"
#include "node/runtime/log.hpp"
#include "storage/sequence_keys.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::fuzz {
namespace {

constexpr std::array people{
    "DOE^JANE", "Müller^Jörg", "Wang^XiaoDong=王^小東=", "Yamada^Tarou=山田^太郎=やまだ^たろう", "",
    "%_*?'\"",  "ΣΊΣΥΦΟΣ"};

/// Instances with values of every kind, strange ones among them.
InstanceRecord instance(int number, const Bytes& content) {
  auto record = test::record_of(1 + number / 4, 1 + number / 2, number, content);
  record.attributes = {
      {"PatientID", "P" + std::to_string(number / 4)},
      {"PatientName", people.at(static_cast<std::size_t>(number / 4) % people.size())},
      {"StudyDate", number % 3 == 0 ? "" : "2026011" + std::to_string(number % 10)},
      {"StudyTime", number % 2 == 0 ? "235959.999999" : "0930"},
      {"Modality", number % 2 == 0 ? "CT" : "SEG"},
      {"StudyDescription", "CT abdomen, 100 %"},
      {"InstanceNumber", std::to_string(number)},
      {"RequestAttributesSequence", sequence_text({{{"ScheduledProcedureStepID", "S" + std::to_string(number)}}})}};
  return record;
}

/// A node's archive, and who asks it.
class StoredNode {
 public:
  StoredNode() : archive_(test::options_for(folder_)) {
    set_log_level(LogLevel::error);
    for (int number = 0; number < 28; ++number) {
      const auto content = test::bytes_of(std::to_string(number));
      test::put(archive_, instance(number, content), content);
    }
  }

  void ask(const QueryRequest& request) {
    const QueryService service(archive_);
    const auto encode = [&](const Identifier& match) {
      (void)encode_match(match, request.level, AeTitle::require("PUNCTUM"), "1.2.840.10008.1.2.1");
      return true;
    };
    refusing([&] { service.find(request, encode, {}); });
    refusing([&] { (void)service.select(request); });
  }

 private:
  template <typename Question>
  static void refusing(Question question) {
    try {
      question();
    } catch (const DicomError&) {  // NOLINT(bugprone-empty-catch): A900 with a sentence, as it should be
    }
  }

  test::TempFolder folder_;
  LocalArchive archive_;
};

constexpr std::array levels{"PATIENT", "STUDY", "SERIES", "IMAGE"};

/// One key: its number, then the value; a sequence's first byte of the value chooses the key in its item.
IdentifierElement key_of(ByteView line) {
  const auto all = query_keys();
  const auto& key = all[std::to_integer<std::size_t>(line[0]) % all.size()];
  auto value = text_of(line.subspan(1));
  if (key.kind != KeyKind::sequence) return {key.group, key.element, std::string(key.vr), value};
  const auto inner = sequence_keys(key.keyword);
  if (value.empty() || inner.empty()) return {key.group, key.element, "SQ", "", {}};
  const auto& chosen = inner[static_cast<unsigned char>(value[0]) % inner.size()];
  return {
      key.group, key.element, "SQ", "", {{{chosen.group, chosen.element, std::string(chosen.vr), value.substr(1)}}}};
}

Identifier keys_of(ByteView lines) {
  Identifier keys;
  while (!lines.empty()) {
    const auto end = std::ranges::find(lines, std::byte{'\n'});
    const auto length = static_cast<std::size_t>(end - lines.begin());
    if (length > 0) keys.push_back(key_of(lines.first(length)));
    lines = lines.subspan(std::min(length + 1, lines.size()));
  }
  return keys;
}

DecodedIdentifier read(ByteView input, unsigned how) {
  if ((how & 8U) == 0) return decode_identifier(input, syntax_of(static_cast<std::byte>(how >> 4U)));
  return {levels.at((how >> 4U) % levels.size()), keys_of(input)};
}

void run(ByteView input) {
  if (input.empty()) return;
  static StoredNode node;
  const auto how = std::to_integer<unsigned>(input[0]);
  std::optional<DecodedIdentifier> asked;
  expecting_errors([&] { asked = read(input.subspan(1), how); });
  if (!asked) return;
  const Caller caller{AeTitle::require("VIEWER"), AeTitle::require("PUNCTUM"), "127.0.0.1", 1};
  const auto model = (how & 1U) != 0 ? InformationModel::patient_root : InformationModel::study_root;
  node.ask({caller, model, asked->level, asked->keys, (how & 2U) != 0, (how & 4U) != 0, (how & 64U) != 0});
}

const Registered target("query", run);

}  // namespace
}  // namespace punctum::fuzz
