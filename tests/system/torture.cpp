#include "tests/system/torture.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/net/store_scu.hpp"
#include "dicom/types/digest.hpp"
#include "tests/support/files.hpp"

namespace punctum::test {
namespace {

std::string digest_of_data_set(const Bytes& file) {
  Sha256 digest;
  digest.update(ByteView(file).subspan(locate_dataset(file).dataset_offset));
  return digest.finish().hex;
}

/// Digests of a study's data sets by SOP Instance UID, fetched by getscu as they are stored.
std::map<std::string, std::string> fetch_digests(const NodeProcess& node, const std::string& study) {
  const TempDir folder;
  run_program({"getscu", "-S", "+B", "-aec", "PUNCTUM", "-od", folder.path().string(), "-k", "QueryRetrieveLevel=STUDY",
               "-k", "StudyInstanceUID=" + study, "127.0.0.1", node.port()});
  std::map<std::string, std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    const auto bytes = read_file(entry.path());
    const auto dataset = parse_part10(bytes, Extent::header);
    out.emplace(require_sop_instance(*dataset).sop_instance_uid.str(), digest_of_data_set(bytes));
  }
  return out;
}

std::size_t indexed_instances(const NodeProcess& node, const std::string& study) {
  const auto found =
      run_program({"findscu", "-S", "-aec", "PUNCTUM", "-k", "QueryRetrieveLevel=STUDY", "-k",
                   "StudyInstanceUID=" + study, "-k", "NumberOfStudyRelatedInstances", "127.0.0.1", node.port()});
  std::smatch match;
  const std::regex count(R"(\(0020,1208\) IS \[(\d+))");
  std::size_t instances = 0;
  for (auto text = found.output; std::regex_search(text, match, count); text = match.suffix()) {
    instances = std::stoul(match[1]);
  }
  return instances;
}

}  // namespace

bool is_long_run() {
  const char* torture = std::getenv("PUNCTUM_TORTURE");
  return torture != nullptr && std::string(torture) == "long";
}

std::vector<TestSlice> small_study(const std::string& key, int slices) {
  CtSeriesBuilder builder;
  builder.slice.study(key).size(64, 64);
  return builder.count(slices).build();
}

std::vector<Retrievable> to_send(const std::vector<TestSlice>& slices) {
  std::vector<Retrievable> out;
  for (const auto& slice : slices) {
    out.push_back(retrievable(slice.file));
  }
  return out;
}

std::size_t Ledger::send(const Peer& node, const std::vector<TestSlice>& slices) {
  const auto study = slices.at(0).name().study_instance_uid.str();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& slice : slices) studies_[study].sent[slice.uid().str()] = digest_of_data_set(slice.bytes());
  }
  std::size_t acknowledged = 0;
  send_objects(node, to_send(slices), {}, [&](std::size_t i, const SendOutcome& outcome) {
    if (outcome.kind != SendOutcome::Kind::sent) return;
    ++acknowledged;
    const std::lock_guard lock(mutex_);
    studies_[study].acknowledged.insert(slices[i].uid().str());
  });
  return acknowledged;
}

void Ledger::deleting(const std::string& study) {
  const std::lock_guard lock(mutex_);
  studies_.at(study).deletion = Study::Deletion::asked;
}

void Ledger::deleted(const std::string& study) {
  const std::lock_guard lock(mutex_);
  studies_.at(study).deletion = Study::Deletion::confirmed;
}

std::vector<std::string> Ledger::studies() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [uid, study] : studies_) out.push_back(uid);
  return out;
}

bool Ledger::knows(const std::string& study) const {
  const std::lock_guard lock(mutex_);
  return studies_.contains(study);
}

std::size_t Ledger::acknowledged() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [uid, study] : studies_) count += study.acknowledged.size();
  return count;
}

std::size_t Ledger::confirmed_deletions() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count_if(
      studies_, [](const auto& each) { return each.second.deletion == Study::Deletion::confirmed; }));
}

std::vector<std::string> Ledger::lies_about(const NodeProcess& node, const std::string& study_instance_uid) const {
  Study study;
  {
    const std::lock_guard lock(mutex_);
    study = studies_.at(study_instance_uid);
  }
  const auto stored = fetch_digests(node, study_instance_uid);
  const auto indexed = indexed_instances(node, study_instance_uid);
  std::vector<std::string> lies;
  if (indexed != stored.size()) {
    lies.push_back("the index counts " + std::to_string(indexed) + " instances, " + std::to_string(stored.size()) +
                   " can be retrieved");
  }
  for (const auto& [uid, digest] : stored) {
    const auto sent = study.sent.find(uid);
    if (sent == study.sent.end()) lies.push_back(uid + " was never sent");
    if (sent != study.sent.end() && sent->second != digest) lies.push_back(uid + " has other bytes than were sent");
  }
  if (study.deletion == Study::Deletion::confirmed && !stored.empty()) lies.emplace_back("a deleted study is back");
  const bool may_be_gone = study.deletion != Study::Deletion::none && stored.empty();
  std::size_t missing = 0;
  for (const auto& uid : study.acknowledged) missing += stored.contains(uid) ? 0 : 1;
  if (missing > 0 && !may_be_gone) {
    lies.push_back(std::to_string(missing) + " of " + std::to_string(study.acknowledged.size()) +
                   " acknowledged instances are lost");
  }
  for (auto& lie : lies) lie = "study " + study_instance_uid + ": " + lie;
  return lies;
}

void MixedLoad::run(std::function<void()> step) {
  threads_.emplace_back([this, step = std::move(step)] {
    while (!over_) step();
  });
}

MixedLoad::MixedLoad(const NodeProcess& node, Ledger& ledger, int round)
    : ledger_(ledger), acknowledged_before_(ledger.acknowledged()) {
  const auto key = "load " + std::to_string(round);
  slices_.push_back(small_study(key + " large", 300));
  for (int i = 0; i < 8; ++i) slices_.push_back(small_study(key + " small " + std::to_string(i), 5));
  const auto peer = node.address();
  const auto port = node.port();
  const auto study = slices_[0][0].name().study_instance_uid.str();
  run([this, peer, &ledger] {
    ledger.send(peer, slices_[0]);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  run([this, peer, &ledger, next = std::size_t{1}]() mutable {
    ledger.send(peer, slices_[next]);
    next = next + 1 == slices_.size() ? 1 : next + 1;
  });
  run([port] {
    run_program({"findscu", "-S", "-aec", "PUNCTUM", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID", "-k",
                 "PatientName=PHANTOM*", "-k", "NumberOfStudyRelatedInstances", "127.0.0.1", port});
  });
  run([port, study] {
    const TempDir folder;
    run_program({"getscu", "-S", "--ignore", "-aec", "PUNCTUM", "-od", folder.path().string(), "-k",
                 "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=" + study, "127.0.0.1", port});
  });
}

MixedLoad::~MixedLoad() { over_ = true; }

std::vector<std::string> MixedLoad::studies() const {
  std::vector<std::string> out;
  for (const auto& study : slices_) out.push_back(study[0].name().study_instance_uid.str());
  return out;
}

void MixedLoad::wait_for_acknowledged(std::size_t count) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (ledger_.acknowledged() < acknowledged_before_ + count && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

bool Clicks::send_images() {
  return punctum({"send", phantom_.ct.string(), "--to", node_.address().str()}).exit_code == 0;
}

void Clicks::click() {
  const auto done =
      punctum({"click", phantom_.ct.string(), "--lps=" + lps(phantom_.click(0)), "--to", node_.address().str()});
  if (done.exit_code == 0) ++acknowledged_;
}

std::vector<std::string> Clicks::unanswered() const {
  if (acknowledged_ == 0) return {"no click was acknowledged"};
  try {
    node_.finished_job(acknowledged_, std::chrono::seconds(240));
  } catch (const std::runtime_error& error) {
    return {error.what()};
  }
  std::vector<std::string> wrong;
  const auto jobs = node_.jobs();
  for (const auto& job : jobs.at("jobs")) {
    const bool given_up = job.at("state") == "failed" &&
                          job.dump().find("the node stopped while working on this job") != std::string::npos;
    if (job.at("state") != "delivered" && !given_up) wrong.push_back(job.dump());
  }
  return wrong;
}

void remove_study(const NodeProcess& node, Ledger& ledger, const std::string& study, double seconds_to_live,
                  const std::map<std::string, std::string>& environment) {
  ledger.deleting(study);
  std::vector<std::string> command{"timeout", "--signal=KILL", std::to_string(seconds_to_live), "env"};
  for (const auto& [name, value] : environment) command.push_back(name + "=" + value);
  for (const auto& word : {std::string(PUNCTUM_PROGRAM), std::string("delete"), std::string("--study"), study,
                           std::string("--config"), node.config().string()}) {
    command.push_back(word);
  }
  if (run_program(command).exit_code == 0) ledger.deleted(study);
}

std::size_t resident_bytes(pid_t process) {
  std::ifstream statm("/proc/" + std::to_string(process) + "/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t open_descriptors(pid_t process) {
  const std::filesystem::directory_iterator descriptors("/proc/" + std::to_string(process) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors)));
}

}  // namespace punctum::test
