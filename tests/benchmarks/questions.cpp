#include "tests/benchmarks/questions.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace punctum::benchmark {

namespace {

using std::string;
using Sample = std::map<string, string>;  // keyword to value of some instance and of what is above it
using Samples = std::shared_ptr<const std::vector<Sample>>;
using L = QueryLevel;

constexpr int samples_taken = 211;  // a prime, so that two walks through them do not run side by side

std::vector<Sample> read_samples(sqlite::Connection& index, const char* whose) {
  constexpr std::array keywords{"PatientName",      "PatientID",        "PatientBirthDate",  "StudyDate",
                                "AccessionNumber",  "StudyInstanceUID", "StudyID",           "ReferringPhysicianName",
                                "StudyDescription", "Modality",         "SeriesInstanceUID", "SeriesDate",
                                "SOPInstanceUID",   "SOPClassUID"};
  auto row = index.prepare(
      string("SELECT study.patient_name, study.patient_id, study.patient_birth_date, study_date, accession_number, "
             "study_instance_uid, study_id, referring_physician_name, study_description, modality, "
             "series_instance_uid, series_date, sop_instance_uid, sop_class_uid FROM study JOIN series ON series.study "
             "= study.id JOIN instance ON instance.series = series.id WHERE ") +
      whose + " GROUP BY study.id ORDER BY study.id * 7919 % 104729 LIMIT ?");
  row.bind(1, std::int64_t{samples_taken});
  std::vector<Sample> all;
  while (row.step()) {
    Sample sample;
    for (std::size_t i = 0; i < keywords.size(); ++i) sample[keywords.at(i)] = row.text(static_cast<int>(i));
    all.push_back(std::move(sample));
  }
  return all;
}

const std::vector<string>& shown_at(QueryLevel level) {
  static const std::map<QueryLevel, std::vector<string>> shown{
      {L::patient,
       {"PatientName", "PatientBirthDate", "PatientSex", "NumberOfPatientRelatedStudies",
        "NumberOfPatientRelatedSeries", "NumberOfPatientRelatedInstances"}},
      {L::study,
       {"PatientName", "PatientBirthDate", "StudyDate", "StudyTime", "StudyDescription", "AccessionNumber",
        "ReferringPhysicianName", "ModalitiesInStudy", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances"}},
      {L::series, {"Modality", "SeriesNumber", "SeriesDescription", "SeriesDate", "NumberOfSeriesRelatedInstances"}},
      {L::instance, {"InstanceNumber", "SOPClassUID", "Rows", "Columns", "ContentDate"}}};
  return shown.at(level);
}

string next_day(const string& date, int days) {  // of our months, which have 28 days
  const int day = std::stoi(date.substr(6)) + days;
  return date.substr(0, 6) + (day < 10 ? "0" : "") + std::to_string(day);
}

/// Whole characters of UTF-8 text: the wire has no halves.
string letters(const string& text, std::size_t first, std::size_t number) {
  string some;
  std::size_t at = 0;
  for (const char c : text) {
    const bool starts = (c & 0xc0) != 0x80;
    if (starts) ++at;
    if (at > first && at <= first + number) some += c;
  }
  return some;
}

string given_name(const Sample& one) {
  const auto& name = one.at("PatientName");
  return name.substr(name.find('^') + 1, name.find('=') - name.find('^') - 1);
}

string lower(string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

class Asking {
 public:
  explicit Asking(sqlite::Connection& index)
      : any_(std::make_shared<const std::vector<Sample>>(read_samples(index, "1"))),
        tomographic_(std::make_shared<const std::vector<Sample>>(
            read_samples(index, "modality IN ('CT', 'MR', 'PT') AND series.instance_count > 10"))) {}

  using Matches = std::function<std::vector<Match>(const Sample&)>;

  Question& add(const string& name, QueryLevel level, const Samples& from, Matches matches, std::size_t limit = 0) {
    auto ask = [=](int i) {
      const auto& one = from->at(static_cast<std::size_t>(i) % from->size());
      return Query{level, matches(one), shown_at(level), limit};
    };
    questions_.push_back({name, std::move(ask)});
    return questions_.back();
  }
  /// One key, taken from the sample by a function.
  void single(const string& name, QueryLevel level, const string& keyword, std::function<string(const Sample&)> value) {
    add(name, level, any_, [=](const Sample& one) { return std::vector<Match>{{keyword, value(one)}}; });
  }
  /// The same value each time, and at most `limit` rows.
  void fixed(const string& name, QueryLevel level, std::vector<Match> matches, std::size_t limit = 0) {
    add(name, level, any_, [=](const Sample&) { return matches; }, limit);
  }
  void broad(const string& name, QueryLevel level, std::vector<Match> matches, std::size_t limit = 0) {
    fixed(name, level, std::move(matches), limit);
    questions_.back().shape = Question::Shape::broad;
  }
  /// Values of many samples as one list.
  Matches list_of(const string& keyword, std::size_t number) const {
    return [all = any_, keyword, number](const Sample& one) {
      const auto start = static_cast<std::size_t>(&one - all->data());
      string list;
      for (std::size_t i = 0; i < number; ++i) {
        list += (i ? "\\" : "") + all->at((start + i) % all->size()).at(keyword);
      }
      return std::vector<Match>{{keyword, list}};
    };
  }

  void patients();
  void studies();
  void studies_by_what_they_hold();
  void series();
  void instances();
  void broad_ones();
  std::vector<Question> take() { return std::move(questions_); }

 private:
  Samples any_, tomographic_;
  std::vector<Question> questions_;
};

std::function<string(const Sample&)> value_of(const string& keyword) {
  return [keyword](const Sample& one) { return one.at(keyword); };
}
string name_beginning(const Sample& one) { return letters(lower(one.at("PatientName")), 0, 5) + "*"; }
string name_middle(const Sample& one) { return "*" + letters(one.at("PatientName"), 2, 4) + "*"; }
string given_only(const Sample& one) { return "*^" + letters(given_name(one), 0, 3) + "*"; }
string week_of(const Sample& one) { return next_day(one.at("StudyDate"), 0) + "-" + next_day(one.at("StudyDate"), 7); }
std::vector<Match> code_is(const char* sequence, const string& keyword, const string& value) {
  return {{sequence, "", {{keyword, value}}}};
}

void Asking::patients() {
  single("PATIENT single value: Patient ID", L::patient, "PatientID", value_of("PatientID"));
  single("PATIENT single value: birth date", L::patient, "PatientBirthDate", value_of("PatientBirthDate"));
  single("PATIENT wildcard: Patient ID", L::patient, "PatientID",
         [](const Sample& one) { return one.at("PatientID").substr(0, 7) + "*"; });
  single("PATIENT name in other case", L::patient, "PatientName",
         [](const Sample& one) { return lower(one.at("PatientName")); });
  single("PATIENT name wildcard: abcde*", L::patient, "PatientName", name_beginning);
  single("PATIENT name wildcard: *cdef*", L::patient, "PatientName", name_middle);
  single("PATIENT relational: study UID", L::patient, "StudyInstanceUID", value_of("StudyInstanceUID"));
  single("PATIENT relational: study date", L::patient, "StudyDate", value_of("StudyDate"));
  single("PATIENT relational: study dates of a week", L::patient, "StudyDate", week_of);
  single("PATIENT relational: instance UID", L::patient, "SOPInstanceUID", value_of("SOPInstanceUID"));
  fixed("PATIENT relational: modality PT", L::patient, {{"Modality", "PT"}});
  fixed("PATIENT universal, first 100", L::patient, {}, 100);
}

void Asking::studies() {
  single("STUDY single value: UID", L::study, "StudyInstanceUID", value_of("StudyInstanceUID"));
  add("STUDY list of 50 UIDs", L::study, any_, list_of("StudyInstanceUID", 50));
  single("STUDY single value: Patient ID", L::study, "PatientID", value_of("PatientID"));
  single("STUDY single value: accession number", L::study, "AccessionNumber", value_of("AccessionNumber"));
  single("STUDY single value: study ID", L::study, "StudyID", value_of("StudyID"));
  single("STUDY single value: birth date", L::study, "PatientBirthDate", value_of("PatientBirthDate"));
  single("STUDY wildcard: accession number", L::study, "AccessionNumber",
         [](const Sample& one) { return "*" + one.at("AccessionNumber").substr(2); });
  single("STUDY wildcard: Patient ID", L::study, "PatientID",
         [](const Sample& one) { return one.at("PatientID").substr(0, 7) + "*"; });
  single("STUDY name in other case", L::study, "PatientName",
         [](const Sample& one) { return lower(one.at("PatientName")); });
  single("STUDY name wildcard: abcde*", L::study, "PatientName", name_beginning);
  single("STUDY name wildcard: *cdef*", L::study, "PatientName", name_middle);
  single("STUDY name wildcard: *^giv*", L::study, "PatientName", given_only);
  fixed("STUDY name in the second group", L::study, {{"PatientName", "山田^太*"}}, 100);
  single("STUDY name: referring physician", L::study, "ReferringPhysicianName", value_of("ReferringPhysicianName"));
  fixed("STUDY wildcard: description, first 100", L::study, {{"StudyDescription", "*BEFORE*"}}, 100);
  single("STUDY date", L::study, "StudyDate", value_of("StudyDate"));
  single("STUDY date range of a week", L::study, "StudyDate", week_of);
  auto& night = add("STUDY date-time range of a night", L::study, any_, [](const Sample& one) {
    return std::vector<Match>{{"StudyDate", one.at("StudyDate") + "-" + next_day(one.at("StudyDate"), 1)},
                              {"StudyTime", "2200-0600"}};
  });
  night.ask = [plain = night.ask](int i) {
    auto query = plain(i);
    query.combined_date_time = true;
    return query;
  };
  add("STUDY date range and name *cdef*", L::study, any_, [](const Sample& one) {
    return std::vector<Match>{{"StudyDate", one.at("StudyDate").substr(0, 4) + "0101-"},
                              {"PatientName", name_middle(one)}};
  });
  add("STUDY in patient root, its dates and counts", L::study, any_, [](const Sample& one) {
    return std::vector<Match>{{"PatientID", one.at("PatientID")}, {"StudyDate", "20000101-"}};
  });
  fixed("STUDY universal, first 100", L::study, {}, 100);
}

void Asking::studies_by_what_they_hold() {
  fixed("STUDY Modalities in Study: PT", L::study, {{"ModalitiesInStudy", "PT"}}, 100);
  add("STUDY Modalities in Study: CT\\MR in a week", L::study, any_, [](const Sample& one) {
    return std::vector<Match>{{"StudyDate", week_of(one)}, {"ModalitiesInStudy", "CT\\MR"}};
  });
  fixed("STUDY SOP Classes in Study: SR", L::study, {{"SOPClassesInStudy", "1.2.840.10008.5.1.4.1.1.88.34"}}, 100);
  auto& classes = add("STUDY SOP Classes in Study, returned", L::study, tomographic_, [](const Sample& one) {
    return std::vector<Match>{{"StudyInstanceUID", one.at("StudyInstanceUID")}};
  });
  classes.ask = [plain = classes.ask](int i) {
    auto query = plain(i);
    query.returned.emplace_back("SOPClassesInStudy");
    return query;
  };
  add("STUDY sequence key: procedure code", L::study, any_, [](const Sample& one) {
    return code_is("ProcedureCodeSequence", "CodeValue", "P" + std::to_string(1 + std::stoi(one.at("StudyID")) % 400));
  });
  fixed("STUDY sequence key: procedure code *7?", L::study, code_is("ProcedureCodeSequence", "CodeValue", "P*7?"), 100);
  single("STUDY relational: series UID", L::study, "SeriesInstanceUID", value_of("SeriesInstanceUID"));
  single("STUDY relational: instance UID", L::study, "SOPInstanceUID", value_of("SOPInstanceUID"));
  single("STUDY relational: series date", L::study, "SeriesDate", value_of("SeriesDate"));
  fixed("STUDY relational: series description PT N*", L::study, {{"SeriesDescription", "PT N*"}});
  single("STUDY relational: requested procedure", L::study, "RequestAttributesSequence", value_of("StudyID"));
  questions_.back().ask = [all = any_](int i) {
    const auto& one = all->at(static_cast<std::size_t>(i) % all->size());
    return Query{L::study, code_is("RequestAttributesSequence", "RequestedProcedureID", "RP" + one.at("StudyID")),
                 shown_at(L::study), 0};
  };
}

void Asking::series() {
  const auto in_study = [](const Sample& one) {
    return std::vector<Match>{{"StudyInstanceUID", one.at("StudyInstanceUID")}};
  };
  add("SERIES of a study", L::series, any_, in_study);
  add("SERIES of a study, patient root", L::series, any_, [](const Sample& one) {
    return std::vector<Match>{{"PatientID", one.at("PatientID")}, {"StudyInstanceUID", one.at("StudyInstanceUID")}};
  });
  add("SERIES of a study by modality", L::series, any_, [](const Sample& one) {
    return std::vector<Match>{{"StudyInstanceUID", one.at("StudyInstanceUID")}, {"Modality", one.at("Modality")}};
  });
  add("SERIES of a study by description *1.0", L::series, any_, [](const Sample& one) {
    return std::vector<Match>{{"StudyInstanceUID", one.at("StudyInstanceUID")}, {"SeriesDescription", "*1.0"}};
  });
  add("SERIES of a study by requested procedure", L::series, any_, [](const Sample& one) {
    auto matches = code_is("RequestAttributesSequence", "RequestedProcedureID", "RP" + one.at("StudyID"));
    matches.push_back({"StudyInstanceUID", one.at("StudyInstanceUID")});
    return matches;
  });
  single("SERIES relational: UID", L::series, "SeriesInstanceUID", value_of("SeriesInstanceUID"));
  add("SERIES relational: list of 50 UIDs", L::series, any_, list_of("SeriesInstanceUID", 50));
  single("SERIES relational: name abcde*", L::series, "PatientName", name_beginning);
  single("SERIES relational: name *cdef*", L::series, "PatientName", name_middle);
  single("SERIES relational: series date", L::series, "SeriesDate", value_of("SeriesDate"));
  add("SERIES relational: CT in a week", L::series, any_,
      [](const Sample& one) { return std::vector<Match>{{"StudyDate", week_of(one)}, {"Modality", "CT"}}; });
  fixed("SERIES relational: modality PT", L::series, {{"Modality", "PT"}});
  add("SERIES relational: scheduled step", L::series, any_, [](const Sample& one) {
    return code_is("RequestAttributesSequence", "ScheduledProcedureStepID", "S" + one.at("StudyID"));
  });
  fixed("SERIES universal, first 100", L::series, {}, 100);
}

void Asking::instances() {
  const auto in_series = [](const Sample& one) {
    return std::vector<Match>{{"StudyInstanceUID", one.at("StudyInstanceUID")},
                              {"SeriesInstanceUID", one.at("SeriesInstanceUID")}};
  };
  add("IMAGE of a series", L::instance, any_, in_series);
  add("IMAGE of a series, patient root", L::instance, any_, [=](const Sample& one) {
    auto matches = in_series(one);
    matches.push_back({"PatientID", one.at("PatientID")});
    return matches;
  });
  add("IMAGE of a series of up to 600", L::instance, tomographic_, in_series);
  add("IMAGE of a series by number", L::instance, tomographic_, [=](const Sample& one) {
    auto matches = in_series(one);
    matches.push_back({"InstanceNumber", "7"});
    return matches;
  });
  single("IMAGE relational: UID", L::instance, "SOPInstanceUID", value_of("SOPInstanceUID"));
  add("IMAGE relational: list of 50 UIDs", L::instance, any_, list_of("SOPInstanceUID", 50));
  add("IMAGE relational: reports of a study", L::instance, tomographic_, [](const Sample& one) {
    return std::vector<Match>{{"StudyInstanceUID", one.at("StudyInstanceUID")},
                              {"SOPClassUID", "1.2.840.10008.5.1.4.1.1.88.34"}};
  });
  fixed("IMAGE relational: SOP class SR", L::instance, {{"SOPClassUID", "1.2.840.10008.5.1.4.1.1.88.34"}}, 100);
  fixed("IMAGE relational: content label", L::instance, {{"ContentLabel", "CLICK"}}, 100);
  fixed("IMAGE relational: content creator ber*", L::instance, {{"ContentCreatorName", "ber*"}});
  fixed("IMAGE relational: concept name code", L::instance, code_is("ConceptNameCodeSequence", "CodeValue", "126000"),
        100);
  add(
      "IMAGE relational: content date, first 100", L::instance, any_,
      [](const Sample& one) { return std::vector<Match>{{"ContentDate", one.at("StudyDate")}}; }, 100);
  fixed("IMAGE universal, first 100", L::instance, {}, 100);
}

void Asking::broad_ones() {
  broad("PATIENT all", L::patient, {});
  broad("STUDY all", L::study, {});
  broad("STUDY Modalities in Study: DX", L::study, {{"ModalitiesInStudy", "DX"}});
  broad("STUDY date range of ten years", L::study, {{"StudyDate", "20100101-20191231"}});
  broad("SERIES all", L::series, {});
  broad("SERIES relational: all of CT", L::series, {{"Modality", "CT"}});
  broad("IMAGE relational: 100,000 of CT", L::instance, {{"Modality", "CT"}}, 100'000);
  broad("IMAGE relational: first 100,000", L::instance, {}, 100'000);
}

}  // namespace

std::vector<Question> all_questions(sqlite::Connection& index) {
  Asking asking(index);
  asking.patients();
  asking.studies();
  asking.studies_by_what_they_hold();
  asking.series();
  asking.instances();
  asking.broad_ones();
  return asking.take();
}

}  // namespace punctum::benchmark
