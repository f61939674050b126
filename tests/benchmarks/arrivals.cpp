#include "tests/benchmarks/arrivals.hpp"

#include "storage/blobs/posix_file.hpp"
#include "storage/index/database.hpp"

namespace punctum::benchmark {

namespace {

constexpr std::size_t senders = 8;
constexpr int commits_a_round = 50, rounds_to_warm_up = 2;

void add(Times& sum, const Times& one) { sum = {sum.wall_ms + one.wall_ms, sum.cpu_ms + one.cpu_ms}; }

}  // namespace

std::vector<InstanceRecord> Arrivals::next() {
  while (open_.size() < senders) {
    for (auto& series : hospital_.next_study()) open_.push_back(std::move(series));
  }
  std::vector<InstanceRecord> group;
  for (std::size_t i = 0; i < senders; ++i) {
    auto& series = open_[i];
    const auto number = std::to_string(series.instances);
    group.push_back(series.first);
    group.back().name.sop_instance_uid = Uid::require(series.first.name.series_instance_uid.str() + "." + number);
    group.back().attributes["InstanceNumber"] = number;
    --series.instances;
  }
  std::erase_if(open_, [](const MadeSeries& series) { return series.instances == 0; });
  return group;
}

Times commit(IndexWriter& writer, const std::vector<InstanceRecord>& records) {
  std::vector<PendingInstance> pending(records.size());
  std::vector<PendingInstance*> group;
  for (std::size_t i = 0; i < records.size(); ++i) {
    pending[i].record = &records[i];
    pending[i].blob = random_name().insert(3, "/");
    group.push_back(&pending[i]);
  }
  const Stopwatch watch;
  writer.add(group);
  return watch.read();
}

Ingest compare_ingest(const std::filesystem::path& filled, const std::filesystem::path& empty, int rounds) {
  std::filesystem::create_directories(empty);
  IndexWriter into_filled(open_index(filled, sqlite::Access::read_write));
  IndexWriter into_empty(open_index(empty, sqlite::Access::read_write));
  Arrivals arrivals(2);
  Ingest ingest;
  for (int round = -rounds_to_warm_up; round < rounds; ++round) {
    Times with{}, without{};
    for (int i = 0; i < commits_a_round; ++i) {
      const auto group = arrivals.next();
      add(with, commit(into_filled, group));
      add(without, commit(into_empty, group));
    }
    if (round < 0) continue;
    ingest.wall.push_back(without.wall_ms / with.wall_ms);
    ingest.cpu.push_back(without.cpu_ms / with.cpu_ms);
    ingest.instances_per_cpu_s.push_back(1e3 * senders * commits_a_round / with.cpu_ms);
  }
  return ingest;
}

}  // namespace punctum::benchmark
