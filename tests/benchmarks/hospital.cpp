#include "tests/benchmarks/hospital.hpp"

#include <array>
#include <cstdio>

#include "storage/sequence_keys.hpp"

namespace punctum::benchmark {

namespace {

using std::string;

struct Examination {
  int share;  ///< of a hundred studies
  const char *modality, *sop_class;
  int series_least, series_most, instances_least, instances_most;
};
// Ordered by share. Every long series begins with one or two images (a scout), see next_study().
constexpr auto examinations = std::to_array<Examination>({
    {52, "DX", "1.2.840.10008.5.1.4.1.1.1.1", 1, 2, 1, 2},
    {10, "CR", "1.2.840.10008.5.1.4.1.1.1", 1, 1, 1, 2},
    {13, "US", "1.2.840.10008.5.1.4.1.1.6.1", 1, 3, 1, 60},
    {12, "CT", "1.2.840.10008.5.1.4.1.1.2", 2, 6, 40, 600},
    {7, "MR", "1.2.840.10008.5.1.4.1.1.4", 4, 12, 15, 200},
    {5, "MG", "1.2.840.10008.5.1.4.1.1.1.2", 4, 4, 1, 1},
    {1, "PT", "1.2.840.10008.5.1.4.1.1.128", 2, 3, 150, 400},
});
constexpr std::array syllables{"AN",  "BER", "CO", "DAL", "EL",  "FER", "GRA", "HO", "IM", "JAN", "KO", "LUN",
                               "MÜL", "NO",  "ØS", "PA",  "QUI", "RÉ",  "STA", "TO", "UL", "VAR", "WE", "ZI"};
constexpr std::array given{"ANNA", "BJÖRN", "CLARA", "DAVID", "ÉMILE", "FRIDA", "GEORG",   "HANA", "IVAN", "JOSÉ",
                           "KARL", "LENA",  "MARIA", "NILS",  "OLGA",  "PETER", "QUENTIN", "RUTH", "SVEN", "ZOË"};
constexpr std::array abroad{"Иванов^Пётр",
                            "Жукова^Ольга",
                            "Παπαδόπουλος^Νίκος",
                            "محمد^علي",
                            "Wang^XiaoDong=王^小东",
                            "Hong^Gildong=洪^吉洞=홍^길동",
                            "Yamada^Tarou=山田^太郎=やまだ^たろう",
                            "Satou^Hanako=佐藤^花子=さとう^はなこ"};
constexpr std::array parts{"CHEST", "ABDOMEN", "HEAD", "KNEE", "SPINE", "PELVIS", "HAND", "NECK"};
constexpr std::array ways{"NATIVE", "CONTRAST", "FOLLOW UP", "EMERGENCY", "BEFORE SURGERY"};

string date_of(int day) {  // of 20 years of 336 days
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "20%02d%02d%02d", 5 + day / 336, day / 28 % 12 + 1, day % 28 + 1);
  return text.data();
}

string code(const string& value, const char* meaning) {
  return sequence_text({{{"CodeValue", value}, {"CodingSchemeDesignator", "99HOSPITAL"}, {"CodeMeaning", meaning}}});
}

const Examination& by_share(int hundredth) {
  for (const auto& one : examinations) {
    if (hundredth <= one.share) return one;
    hundredth -= one.share;
  }
  return examinations.back();
}

}  // namespace

int Hospital::between(int least, int most) {
  return least + static_cast<int>(random_() % static_cast<std::uint32_t>(most - least + 1));
}

string Hospital::person() {
  const auto index = [&](std::size_t size) { return static_cast<std::size_t>(between(0, static_cast<int>(size) - 1)); };
  if (one_in(12)) return abroad.at(index(abroad.size()));
  string name;
  for (int i = between(2, 3); i > 0; --i) name += syllables.at(index(syllables.size()));
  return name + "^" + given.at(index(given.size()));
}

void Hospital::next_patient() {
  ++patients_;
  studies_left_ = one_in(3) ? between(2, 8) : between(1, 2);
  patient_ = {{"PatientName", person()},
              {"PatientID", "H" + std::to_string(seed_) + "-" + std::to_string(100000 + patients_ * 7)},
              {"PatientBirthDate", std::to_string(between(1925, 2004)) + date_of(between(0, 335)).substr(4)},
              {"PatientSex", one_in(2) ? "F" : "M"}};
}

Hospital::Attributes Hospital::study_attributes() {
  if (studies_left_ == 0) next_patient();
  --studies_left_;
  ++studies_;
  auto study = patient_;
  const auto number = std::to_string(studies_);
  const string part = parts.at(static_cast<std::size_t>(between(0, 7)));
  std::array<char, 40> time{};
  std::snprintf(time.data(), time.size(), "%02d%02d%02d.%03d", between(0, 23), between(0, 59), between(0, 59),
                between(0, 999));
  study.insert({{"StudyDate", date_of(between(0, 20 * 336 - 1))},
                {"StudyTime", time.data()},
                {"AccessionNumber", "A" + std::to_string(seed_) + number},
                {"StudyID", number},
                {"ReferringPhysicianName", person()},
                {"StudyDescription", part + " " + ways.at(static_cast<std::size_t>(between(0, 4)))},
                {"BodyPartExamined", part}});
  if (!one_in(3)) study.emplace("ProcedureCodeSequence", code("P" + std::to_string(between(1, 400)), "Procedure"));
  return study;
}

MadeSeries Hospital::series(const Attributes& study, const char* modality, const char* sop_class, int instances) {
  const auto study_uid = "1.2.826.0.1.3680043.10.77." + std::to_string(seed_) + "." + std::to_string(studies_);
  const auto series_uid = study_uid + "." + std::to_string(++series_);
  const bool counted = !one_in(3);
  const auto first = counted ? series_uid + ".1" : "2.25.1" + std::to_string(seed_) + "00" + std::to_string(series_);
  MadeSeries made{{{Uid::require(study_uid), Uid::require(series_uid), Uid::require(first), Uid::require(sop_class)},
                   Uid::require("1.2.840.10008.1.2.1"),
                   sha256(series_uid),
                   344,
                   525'000,
                   Origin::received,
                   "MODALITY",
                   study},
                  instances,
                  counted};
  const auto& date = study.at("StudyDate");
  auto& all = made.first.attributes;
  all.insert({{"Modality", modality},
              {"SeriesDate", date},
              {"SeriesTime", study.at("StudyTime")},
              {"SeriesNumber", std::to_string(series_ % 100)},
              {"SeriesDescription", string(modality) + " " + ways.at(static_cast<std::size_t>(between(0, 4))) + " " +
                                        std::to_string(between(1, 9)) + ".0"},
              {"ProtocolName", study.at("StudyDescription")},
              {"Manufacturer", one_in(2) ? "MAKER" : "OTHER MAKER"},
              {"InstitutionName", "HOSPITAL"},
              {"StationName", string(modality) + std::to_string(between(1, 12))},
              {"FrameOfReferenceUID", series_uid + ".0"},
              {"PerformedProcedureStepStartDate", date},
              {"InstanceNumber", "1"},
              {"ContentDate", date},
              {"AcquisitionDate", date},
              {"ContentTime", study.at("StudyTime")},
              {"Rows", "512"},
              {"Columns", "512"},
              {"BitsAllocated", "16"}});
  if (!one_in(4)) {
    all.emplace("RequestAttributesSequence",
                sequence_text({{{"RequestedProcedureID", "RP" + std::to_string(studies_)},
                                {"ScheduledProcedureStepID", "S" + std::to_string(series_)}}}));
  }
  return made;
}

/// What this node would add: a report and a segmentation, and the reader's click.
void Hospital::add_results(std::vector<MadeSeries>& all, const Attributes& study) {
  all.push_back(series(study, "PR", "1.2.840.10008.5.1.4.1.1.11.1", 1));
  all.back().first.attributes["ContentLabel"] = "CLICK";
  all.back().first.attributes["ContentCreatorName"] = person();
  all.push_back(series(study, "SEG", "1.2.840.10008.5.1.4.1.1.66.4", 1));
  all.push_back(series(study, "SR", "1.2.840.10008.5.1.4.1.1.88.34", 1));
  all.back().first.attributes["ConceptNameCodeSequence"] = code("126000", "Imaging Measurement Report");
  all.back().first.attributes["VerificationFlag"] = "UNVERIFIED";
}

std::vector<MadeSeries> Hospital::next_study() {
  const auto study = study_attributes();
  const auto& kind = by_share(between(1, 100));
  std::vector<MadeSeries> all;
  for (int left = between(kind.series_least, kind.series_most); left > 0; --left) {
    const bool scout = all.empty() && kind.instances_least > 10;
    const int instances = scout ? between(1, 2) : between(kind.instances_least, kind.instances_most);
    all.push_back(series(study, kind.modality, kind.sop_class, instances));
  }
  if (string(kind.modality) == "PT") all.push_back(series(study, "CT", "1.2.840.10008.5.1.4.1.1.2", between(150, 400)));
  if (string(kind.modality) == "CT" && one_in(4)) add_results(all, study);
  return all;
}

}  // namespace punctum::benchmark
