// The two halves of power_cut.sh.
//
//   storage_power_cut write DATA   stores from four threads and prints each UID once it is acknowledged
//   storage_power_cut check DATA   reads such UIDs from standard input; exit 1 if one is lost or damaged

#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "storage/archive.hpp"

namespace {

using namespace punctum;

Digest digest_of(const Bytes& content) {
  Sha256 hash;
  hash.update(std::span(content));
  return hash.finish();
}

void write_until_the_power_is_cut(Archive& archive, int sender) {
  for (int i = 0;; ++i) {
    const Bytes content(100'000 + static_cast<std::size_t>(i % 50) * 10'000, static_cast<std::byte>(i + sender));
    const std::string series = "1.2.4." + std::to_string(sender), instance = series + "." + std::to_string(i);
    const InstanceRecord record{{Uid::require("1.2.3"), Uid::require(series), Uid::require(instance),
                                 Uid::require("1.2.840.10008.5.1.4.1.1.2")},
                                Uid::require("1.2.840.10008.1.2.1"),
                                digest_of(content),
                                0,
                                content.size(),
                                Origin::received,
                                "MODALITY",
                                {{"PatientID", "CUT"}, {"Modality", "CT"}}};
    auto spool = archive.begin();
    spool->write(content);
    archive.store(std::move(spool), record);
    std::cout << instance + "\n" << std::flush;
  }
}

int check(const Archive& archive) {
  int acknowledged = 0, lost = 0, damaged = 0;
  for (std::string line; std::getline(std::cin, line);) {
    const auto uid = Uid::parse(line);
    if (!uid) continue;
    ++acknowledged;
    const auto stored = archive.instance(*uid);
    if (!stored) {
      ++lost;
    } else if (digest_of(archive.read(*stored)) != stored->record.dataset_digest) {
      ++damaged;
    }
  }
  const auto found = archive.reconciled();
  std::printf("acknowledged %d, lost %d, damaged %d; %zu instances, %zu orphans quarantined, %zu rows without file\n",
              acknowledged, lost, damaged, found.instances, found.orphans_quarantined, found.rows_without_file);
  return lost + damaged > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: storage_power_cut write|check DATA\n");
    return 2;
  }
  ArchiveOptions options;
  options.data_dir = argv[2];
  options.low_water_bytes = 0;
  const auto archive = Archive::open(options);
  if (std::string(argv[1]) == "check") return check(*archive);
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < 4; ++sender) {
    senders.emplace_back([&archive, sender] { write_until_the_power_is_cut(*archive, sender); });
  }
  senders.clear();
  return 0;
}
