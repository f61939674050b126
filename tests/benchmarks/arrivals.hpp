#pragma once

#include <vector>

#include "storage/index/index_writer.hpp"
#include "tests/benchmarks/hospital.hpp"
#include "tests/benchmarks/stopwatch.hpp"

namespace punctum::benchmark {

/// A day's arrivals as eight senders bring them: one instance each of eight series at a time. One thread at a time.
class Arrivals {
 public:
  explicit Arrivals(std::uint32_t seed) : hospital_(seed) {}
  std::vector<InstanceRecord> next();

 private:
  Hospital hospital_;
  std::vector<MadeSeries> open_;
};

/// What one commit of these takes.
Times commit(IndexWriter& writer, const std::vector<InstanceRecord>& records);

struct Ingest {
  std::vector<double> wall, cpu;  ///< of each round: rate into the filled index beside that into the empty one
  std::vector<double> instances_per_cpu_s;  ///< into the filled one
};
/// The same arrivals into two indexes, turn by turn, so that what else runs on the machine meets both.
Ingest compare_ingest(const std::filesystem::path& filled, const std::filesystem::path& empty, int rounds);

}  // namespace punctum::benchmark
