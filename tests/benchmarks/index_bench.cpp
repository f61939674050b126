// What a large index costs: every kind of question at every level, and an arrival beside one into an empty index.
//
//   index_bench DIR [--instances N] [--check wall | cpu] [--restart] [--only WORD]
//
// DIR/index-bench is filled with rows (fill_index.hpp) and removed again. --check: exit 1 where a narrow question takes
// more than 20 ms in 95 of 100 cases, by the wall or by the time it had a processor, or an arrival costs more than 15 %
// above one into an empty index. --restart: with a file for every row, the time of a start, too.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "storage/index/database.hpp"
#include "storage/index/index_reader.hpp"
#include "storage/local_archive.hpp"
#include "tests/benchmarks/arrivals.hpp"
#include "tests/benchmarks/fill_index.hpp"
#include "tests/benchmarks/questions.hpp"
#include "tests/benchmarks/stopwatch.hpp"

namespace {

using namespace punctum;
using namespace punctum::benchmark;

constexpr double most_p95_ms = 20, least_ingest_ratio = 0.85;
constexpr int most_runs = 200, broad_runs = 5;
constexpr double most_ms_a_question = 4000;

struct Options {
  std::filesystem::path folder;
  std::size_t instances = 1'000'000;
  std::string check, only;
  bool restart = false;
};

bool time_narrow(IndexReader& reader, const Question& question, const std::string& check) {
  std::vector<double> wall, cpu;
  std::size_t rows = 0;
  const Stopwatch all;
  for (int i = 0; i < most_runs && all.read().wall_ms < most_ms_a_question; ++i) {
    const auto query = question.ask(i);
    const Stopwatch watch;
    reader.query(query, [&](const QueryRow&) { return ++rows > 0; });
    const auto times = watch.read();
    wall.push_back(times.wall_ms);
    cpu.push_back(times.cpu_ms);
  }
  const double p95 = percentile(check == "cpu" ? cpu : wall, 0.95);
  const bool within = p95 <= most_p95_ms;
  std::printf("%-48s %8.1f %8.2f %8.2f %8.2f %8.2f %8.2f %s\n", question.name.c_str(),
              static_cast<double>(rows) / static_cast<double>(wall.size()), percentile(wall, 0.5),
              percentile(wall, 0.95), percentile(wall, 0.99), percentile(cpu, 0.5), percentile(cpu, 0.95),
              within ? "" : "<- over the limit");
  return within;
}

void time_broad(IndexReader& reader, const Question& question) {
  std::vector<double> first_wall, rate_wall, first_cpu, rate_cpu;
  std::size_t rows = 0;
  for (int i = 0; i < broad_runs; ++i) {
    const auto query = question.ask(i);
    rows = 0;
    Times first;
    const Stopwatch watch;
    reader.query(query, [&](const QueryRow&) {
      if (++rows == 1) first = watch.read();
      return true;
    });
    const auto all = watch.read();
    first_wall.push_back(first.wall_ms);
    first_cpu.push_back(first.cpu_ms);
    rate_wall.push_back(static_cast<double>(rows) / all.wall_ms);
    rate_cpu.push_back(static_cast<double>(rows) / all.cpu_ms);
  }
  std::printf("%-48s %8zu %8.2f %8.0f %17.2f %8.0f\n", question.name.c_str(), rows, percentile(first_wall, 0.5),
              1e3 * percentile(rate_wall, 0.5), percentile(first_cpu, 0.5), 1e3 * percentile(rate_cpu, 0.5));
}

std::size_t answer(IndexReader& reader, const std::vector<Question>& questions, const Options& options) {
  std::size_t too_slow = 0;
  std::printf("%-48s %8s %8s %8s %8s %8s %8s\n", "question", "rows", "p50 ms", "p95 ms", "p99 ms", "p50 cpu",
              "p95 cpu");
  for (const auto& question : questions) {
    const bool asked = question.name.find(options.only) != std::string::npos;
    if (asked && question.shape == Question::Shape::narrow) too_slow += !time_narrow(reader, question, options.check);
  }
  std::printf("%-48s %8s %8s %8s %17s %8s\n", "bound by its rows", "rows", "first ms", "rows/s", "first cpu ms", "cpu");
  for (const auto& question : questions) {
    const bool asked = question.name.find(options.only) != std::string::npos;
    if (asked && question.shape == Question::Shape::broad) time_broad(reader, question);
  }
  return too_slow;
}

bool compare_arrivals(const std::filesystem::path& filled, const std::filesystem::path& empty,
                      const std::string& check) {
  const auto ingest = compare_ingest(filled, empty, 15);
  std::printf(
      "index commits of 8, filled beside empty: %.2f of the rate by the wall, %.2f by processor time (median of %zu; "
      "%.0f instances a second of processor)\n",
      percentile(ingest.wall, 0.5), percentile(ingest.cpu, 0.5), ingest.wall.size(),
      percentile(ingest.instances_per_cpu_s, 0.5));
  return percentile(check == "cpu" ? ingest.cpu : ingest.wall, 0.5) >= least_ingest_ratio;
}

void time_restart(const std::filesystem::path& data_dir) {
  const Stopwatch files;
  make_files(data_dir);
  std::printf("a file for every row: %.1f s\n", files.read().wall_ms / 1e3);
  for (int i = 0; i < 2; ++i) {
    const Stopwatch watch;
    ArchiveOptions options;
    options.data_dir = data_dir;
    const LocalArchive archive(options);
    const auto times = watch.read();
    std::printf("start, %zu instances found: %.2f s (%.2f s of processor)\n", archive.reconciled().instances,
                times.wall_ms / 1e3, times.cpu_ms / 1e3);
  }
}

int run(const Options& options) {
  const auto data = options.folder / "index-bench", empty = options.folder / "index-bench-empty";
  std::filesystem::remove_all(data);
  std::filesystem::remove_all(empty);
  const Stopwatch filling;
  const auto filled = fill_index(data, options.instances);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::printf("filled with %zu instances, %zu series, %zu studies in %.1f s; %.0f MB\n", filled.instances,
              filled.series, filled.studies, filling.read().wall_ms / 1e3,
              static_cast<double>(std::filesystem::file_size(index_path(data))) / 1e6);
  auto index = open_index(data, sqlite::Access::read_only);
  const auto questions = all_questions(index);
  IndexReader reader(data, 4);
  const auto too_slow = answer(reader, questions, options);
  if (options.restart) time_restart(data);
  const bool ingest_holds = compare_arrivals(data, empty, options.check);
  std::filesystem::remove_all(data);
  std::filesystem::remove_all(empty);
  if (options.check.empty()) return 0;
  std::printf("%zu questions over %.0f ms; arrivals %s %.2f of the rate into an empty index\n", too_slow, most_p95_ms,
              ingest_holds ? "reach" : "miss", least_ingest_ratio);
  return too_slow == 0 && ingest_holds ? 0 : 1;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--restart") {
      options.restart = true;
    } else if (word == "--instances" && has_value) {
      options.instances = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--check" && has_value) {
      options.check = argv[++i];
    } else if (word == "--only" && has_value) {
      options.only = argv[++i];
    } else if (!word.starts_with("-") && options.folder.empty()) {
      options.folder = word;
    } else {
      return false;
    }
  }
  const bool known_check = options.check.empty() || options.check == "wall" || options.check == "cpu";
  return known_check && !options.folder.empty() && options.instances > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fprintf(stderr, "usage: index_bench DIR [--instances N] [--check wall | cpu] [--restart] [--only WORD]\n");
    return 2;
  }
  return run(options);
}
