#include <dirent.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "dicom/net/store_scu.hpp"
#include "tests/unit/net/fake_node.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum {
namespace {

std::size_t open_descriptors() {
  std::size_t count = 0;
  auto* folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST(ScpServer, ThousandsOfAssociationsLeaveNothingBehind) {
  constexpr int warm_up = 200, associations = 2000;
  test::FakeNode node;
  auto services = node.services();
  services.observe = {};
  ScpServer server({}, std::move(services));
  server.start();
  const Peer peer{AeTitle::require("PUNCTUM"), "127.0.0.1", server.port()};
  const auto one_association = [&](int i) {
    if (i % 3 == 0) {
      verify(peer, {});
      return;
    }
    test::RawPeer raw(server.port());
    ASSERT_TRUE(raw.associate());
    if (i % 3 == 1) {
      ASSERT_TRUE(raw.echo());
    }  // and then broken off without a word
  };
  for (int i = 0; i < warm_up; ++i) one_association(i);
  const auto descriptors = open_descriptors();
  const auto memory = resident_bytes();

  for (int i = 0; i < associations; ++i) one_association(i);

  EXPECT_LE(open_descriptors(), descriptors + 8);
#ifndef __SANITIZE_ADDRESS__  // which keeps freed memory
  EXPECT_LE(resident_bytes(), memory + (std::size_t{4} << 20));
#else
  EXPECT_GT(memory, 0u);
#endif
  server.stop();
}

}  // namespace
}  // namespace punctum
