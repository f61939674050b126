// What the memory of the node can take in on this disk, beside the floor that the disk itself sets.
//
//   storage_bench DIR [COUNT]       store rates with 1, 4 and 8 senders, and the floor in the same run
//   storage_bench DIR --index N     an index of N instances: time of a restart, of typical queries

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "storage/index/database.hpp"
#include "storage/local_archive.hpp"

namespace {

using namespace punctum;
using Clock = std::chrono::steady_clock;

constexpr std::size_t slice_bytes = 525'000;
constexpr int first_new_study = 5'000'000;  // beyond those of any filled index

double seconds(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

InstanceRecord record_of(int study, int series, int instance, const Digest& digest) {
  const std::string s = "1.2.826.0.1.3680043.10.1.2024013110300" + std::to_string(study);
  const std::string e = s + "." + std::to_string(series);
  const auto number = std::to_string(instance);
  char date[16];
  std::snprintf(date, sizeof date, "20%02d%02d%02d", study / 336 % 25, study / 28 % 12 + 1, study % 28 + 1);
  InstanceRecord record{
      {Uid::require(s), Uid::require(e), Uid::require(e + "." + number), Uid::require("1.2.840.10008.5.1.4.1.1.2")},
      Uid::require("1.2.840.10008.1.2.1"),
      digest,
      344,
      slice_bytes,
      Origin::received,
      "MODALITY",
      {}};
  record.attributes = {{"PatientID", "PID" + std::to_string(study / 2)},
                       {"PatientName", "FAMILY" + std::to_string(study % 5000) + "^GIVEN"},
                       {"PatientBirthDate", "19500101"},
                       {"PatientSex", "F"},
                       {"StudyDate", date},
                       {"StudyTime", "103000"},
                       {"AccessionNumber", "A" + std::to_string(study)},
                       {"StudyDescription", "CT THORAX ABDOMEN"},
                       {"Modality", "CT"},
                       {"SeriesDescription", "venous 1.0"},
                       {"SeriesNumber", std::to_string(series)},
                       {"Manufacturer", "MAKER"},
                       {"InstanceNumber", number},
                       {"ContentDate", date},
                       {"Rows", "512"},
                       {"Columns", "512"}};
  return record;
}

void write_floor(const std::filesystem::path& folder, const Bytes& slice, int count, int threads) {
  const double took = seconds([&] {
    std::vector<std::jthread> senders;
    for (int t = 0; t < threads; ++t) {
      senders.emplace_back([&, t] {
        for (int i = 0; i < count / threads; ++i) {
          const auto path = folder / ("floor" + std::to_string(t) + "-" + std::to_string(i));
          const auto file = create_file(path);
          write_all(file, slice, path);
          if (::fdatasync(file.raw()) != 0) std::abort();
        }
      });
    }
  });
  std::printf("floor, write + fdatasync      %d threads  %7.1f/s\n", threads, count / took);
}

double store(LocalArchive& archive, const Bytes& slice, int count, int threads, int first = first_new_study) {
  const Digest digest = sha256("slice");
  std::vector<std::vector<double>> each(static_cast<std::size_t>(threads));
  const double took = seconds([&] {
    std::vector<std::jthread> senders;
    for (int t = 0; t < threads; ++t) {
      senders.emplace_back([&, t] {
        for (int i = 0; i < count / threads; ++i) {
          auto spool = archive.begin();
          const std::span all(slice);
          for (std::size_t at = 0; at < all.size(); at += 128 << 10) {
            spool->write(all.subspan(at, std::min<std::size_t>(128 << 10, all.size() - at)));
          }
          const auto record = record_of(first + t, 1, i, digest);
          each[static_cast<std::size_t>(t)].push_back(1e3 * seconds([&] { archive.store(std::move(spool), record); }));
        }
      });
    }
  });
  std::vector<double> all;
  for (const auto& one : each) all.insert(all.end(), one.begin(), one.end());
  std::ranges::sort(all);
  std::printf("archive, durable and indexed  %d threads  %7.1f/s  %zu commits, store p50 %.2f ms p99 %.2f ms\n",
              threads, count / took, archive.commits(), all[all.size() / 2], all[all.size() * 99 / 100]);
  return count / took;
}

double store(const std::filesystem::path& folder, const Bytes& slice, int count, int threads) {
  ArchiveOptions options;
  options.data_dir = folder;
  LocalArchive archive(options);
  return store(archive, slice, count, threads);
}

Bytes random_slice() {
  Bytes slice(slice_bytes);
  std::mt19937 random(1);
  for (auto& byte : slice) byte = static_cast<std::byte>(random());
  return slice;
}

int store_rates(const std::filesystem::path& folder, int count) {
  const Bytes slice = random_slice();
  for (const int threads : {1, 4, 8}) {
    const auto below = folder / ("bench-" + std::to_string(threads));
    std::filesystem::create_directories(below);
    write_floor(below, slice, count, threads);
    store(below / "data", slice, count, threads);
    std::filesystem::remove_all(below);
    ::sync();
  }
  return 0;
}

// Rows through the writer, files empty and unsynchronised: the index is what is measured.
void fill(const std::filesystem::path& data_dir, int count) {
  ArchiveOptions options;
  options.data_dir = data_dir;
  {
    const LocalArchive made(options);
  }
  IndexWriter writer(open_index(data_dir, sqlite::Access::read_write));
  const Digest digest = sha256("slice");
  constexpr int per_series = 250, series_per_study = 2, batch = 1000;
  for (int first = 0; first < count; first += batch) {
    std::vector<InstanceRecord> records;
    std::vector<PendingInstance> pending(batch);
    std::vector<PendingInstance*> group;
    for (int i = first; i < first + batch; ++i) {
      const int study = i / (per_series * series_per_study);
      records.push_back(record_of(study, i / per_series % series_per_study, i % per_series, digest));
    }
    for (int i = 0; i < batch; ++i) {
      auto& one = pending[static_cast<std::size_t>(i)];
      const std::string name = random_name(), fan = std::to_string((first / batch) % 1000);
      std::filesystem::create_directories(data_dir / "blobs" / fan);
      std::ofstream(data_dir / "blobs" / fan / name);
      one.record = &records[static_cast<std::size_t>(i)];
      one.blob = fan + "/" + name;
      group.push_back(&one);
    }
    writer.add(group);
  }
}

void time_query(const Archive& archive, const char* name, const std::function<Query(int)>& query) {
  std::vector<double> each;
  std::size_t rows = 0;
  for (int i = 0; i < 200; ++i) {
    each.push_back(1e3 * seconds([&] {
                     archive.query(query(i), [&](const QueryRow&) {
                       ++rows;
                       return true;
                     });
                   }));
  }
  std::ranges::sort(each);
  std::printf("%-44s p50 %7.2f ms  p95 %7.2f ms  %zu rows each\n", name, each[100], each[190], rows / 200);
}

// Turn by turn, so that what else runs on the machine meets both.
void compare_ingest(LocalArchive& filled, const std::filesystem::path& folder) {
  const Bytes slice = random_slice();
  ArchiveOptions options;
  options.data_dir = folder / "bench-empty";
  {
    LocalArchive empty(options);
    std::vector<double> ratios;
    for (int round = 0; round < 7; ++round) {
      const int first = first_new_study + 10 * round;
      const double without = store(empty, slice, 100, 1, first), with = store(filled, slice, 100, 1, first);
      ratios.push_back(with / without);
    }
    std::ranges::sort(ratios);
    std::printf("ingest into the filled index: %.2f of that into an empty one (median of 7)\n", ratios[3]);
  }
  std::filesystem::remove_all(options.data_dir);
}

int index_times(const std::filesystem::path& folder, int count) {
  const auto data = folder / "bench-index";
  std::printf("filling %d instances: %.1f s\n", count, seconds([&] { fill(data, count); }));
  ArchiveOptions options;
  options.data_dir = data;
  std::unique_ptr<LocalArchive> archive;
  std::printf("restart with reconciliation: %.2f s\n",
              seconds([&] { archive = std::make_unique<LocalArchive>(options); }));
  std::printf("  %zu instances found\n", archive->reconciled().instances);
  const std::vector<std::string> study_keys{"PatientName",       "PatientID",
                                            "StudyDate",         "StudyDescription",
                                            "ModalitiesInStudy", "NumberOfStudyRelatedInstances",
                                            "AccessionNumber",   "NumberOfStudyRelatedSeries"};
  const int studies = count / 500;
  const auto study = [&](std::vector<Match> matches) {
    return Query{QueryLevel::study, std::move(matches), study_keys, 0};
  };
  time_query(*archive, "study by date", [&](int i) {
    const auto record = record_of(i * 7 % studies, 0, 0, {});
    return study({{"StudyDate", record.attributes.at("StudyDate")}});
  });
  time_query(*archive, "study by Patient ID", [&](int i) { return study({{"PatientID", "PID" + std::to_string(i)}}); });
  time_query(*archive, "study by name FAMILY12*",
             [&](int i) { return study({{"PatientName", "family" + std::to_string(10 + i % 40) + "*"}}); });
  time_query(*archive, "study by accession number",
             [&](int i) { return study({{"AccessionNumber", "A" + std::to_string(i)}}); });
  time_query(*archive, "study by description *ABD* (no index), 100", [&](int) {
    auto query = study({{"StudyDescription", "*ABD*"}});
    query.limit = 100;
    return query;
  });
  time_query(*archive, "all studies", [&](int) { return study({}); });
  time_query(*archive, "instances of a series", [&](int i) {
    const auto name = record_of(i % studies, 1, 0, {}).name;
    return Query{
        QueryLevel::instance,
        {{"StudyInstanceUID", name.study_instance_uid.str()}, {"SeriesInstanceUID", name.series_instance_uid.str()}},
        {"InstanceNumber", "Rows"},
        0};
  });
  compare_ingest(*archive, folder);
  archive.reset();
  std::filesystem::remove_all(data);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: storage_bench DIR [COUNT] | DIR --index N\n");
    return 2;
  }
  const std::filesystem::path folder(argv[1]);
  if (argc == 4 && std::string(argv[2]) == "--index") return index_times(folder, std::atoi(argv[3]));
  return store_rates(folder, argc > 2 ? std::atoi(argv[2]) : 800);
}
