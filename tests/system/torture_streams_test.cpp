// Ten thousand mutated associations and messages against a real node, from several strangers at once. The node lives,
// does not grow, and serves the next honest client; what it had stored before is untouched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iostream>
#include <random>
#include <thread>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/net/command_set.hpp"
#include "dicom/net/commitment.hpp"
#include "dicom/net/commitment_messages.hpp"
#include "dicom/net/identifier.hpp"
#include "dicom/net/store_scu.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/gsps_builder.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/torture.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum::test {
namespace {

constexpr auto implicit_little = "1.2.840.10008.1.2", explicit_little = "1.2.840.10008.1.2.1";
constexpr auto find_class = "1.2.840.10008.5.1.4.1.2.2.1", get_class = "1.2.840.10008.5.1.4.1.2.2.3";
constexpr auto move_class = "1.2.840.10008.5.1.4.1.2.2.2", echo_class = "1.2.840.10008.1.1";
constexpr auto commitment_class = "1.2.840.10008.1.20.1";
constexpr auto ct_class = "1.2.840.10008.5.1.4.1.1.2", gsps_class = "1.2.840.10008.5.1.4.1.1.11.1";

Bytes message(std::uint8_t context, const CommandSet& set, ByteView data_set = {}) {
  auto out = p_data(context, /*is_command=*/true, /*is_last=*/true, set.encode());
  for (std::size_t at = 0; at < data_set.size(); at += 1500) {
    const auto piece = data_set.subspan(at, std::min<std::size_t>(1500, data_set.size() - at));
    out = joined({out, p_data(context, false, at + piece.size() == data_set.size(), piece)});
  }
  return out;
}

Bytes store(std::uint8_t context, const Part10File& file) {
  auto set = request_of(command::c_store_rq, file.name.sop_class_uid.str());
  set.set_uid(command_element::affected_sop_instance_uid, file.name.sop_instance_uid.str());
  return message(context, set, ByteView(file.bytes).subspan(locate_dataset(file.bytes).dataset_offset));
}

Bytes query(const std::string& level) {
  return encode_match({{0x0008, 0x0020, "DA", "20200101-20300101"},
                       {0x0010, 0x0010, "PN", "PH*"},
                       {0x0020, 0x000d, "UI", ""},
                       {0x0020, 0x1208, "IS", ""}},
                      level, AeTitle::require("PUNCTUM"), implicit_little);
}

/// Whole honest conversations, request and release included.
std::vector<Bytes> conversations() {
  const auto request = associate_rq({{1, echo_class, {implicit_little}},
                                     {3, ct_class, {explicit_little}},
                                     {5, find_class, {implicit_little}},
                                     {7, get_class, {implicit_little}},
                                     {9, move_class, {implicit_little}},
                                     {11, gsps_class, {explicit_little}},
                                     {13, commitment_class, {implicit_little}}});
  const Commitment wanted{Uid::require("1.2.9"), {{Uid::require(ct_class), Uid::require("1.2.3.1")}}};
  const auto release = pdu_of(0x05, Bytes(4));
  const auto slice = CtSliceBuilder().study("mutated").size(16, 16).build();
  const auto click = GspsBuilder().refers_to(slice).point(3.5, 4.5).build_file();
  auto move = request_of(command::c_move_rq, move_class);
  move.set_text(command_element::move_destination, "ELSEWHERE");
  auto action = commitment_action_rq(1);
  action.set(command_element::command_data_set_type, 1);
  std::vector<Bytes> out;
  for (const auto& messages :
       {message(1, request_of(command::c_echo_rq, echo_class, false)), store(3, slice.file), store(11, click),
        message(5, request_of(command::c_find_rq, find_class), query("STUDY")),
        message(7, request_of(command::c_get_rq, get_class), query("STUDY")), message(9, move, query("STUDY")),
        message(13, action, encode_commitment(wanted, implicit_little))}) {
    out.push_back(joined({request, messages, release}));
  }
  return out;
}

/// One to six small accidents, as a bad line, a broken device or an attacker would have them.
class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  Bytes operator()(Bytes stream, const std::vector<Bytes>& others) {
    // Half of them leave the request alone, so that what follows is looked at.
    const auto request_size = 6 + pdu_length(stream);
    const auto first = below(2) == 0 ? 0 : request_size;
    for (auto changes = 1 + below(6); changes-- > 0 && stream.size() > first + 8;) change(stream, first, others);
    return stream;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  static std::size_t pdu_length(const Bytes& stream) {
    return std::to_integer<std::size_t>(stream[4]) << 8 | std::to_integer<std::size_t>(stream[5]);
  }
  static Bytes::iterator place(Bytes& stream, std::size_t at) {
    return stream.begin() + static_cast<std::ptrdiff_t>(at);
  }

  void change(Bytes& stream, std::size_t first, const std::vector<Bytes>& others) {
    const auto at = first + below(stream.size() - first);
    const auto size = std::min(1 + below(64), stream.size() - at);
    switch (below(8)) {
      case 0:
      case 1:
        stream[at] ^= static_cast<std::byte>(1u << below(8));
        break;
      case 2:
        stream[at] = static_cast<std::byte>(random_());
        break;
      case 3: {  // a number at one of its ends
        constexpr std::array ends{0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};
        std::fill_n(place(stream, at), std::min<std::size_t>(1 + below(4), stream.size() - at),
                    static_cast<std::byte>(ends.at(below(ends.size()))));
        break;
      }
      case 4:
        stream.resize(at);
        break;
      case 5:
        stream.erase(place(stream, at), place(stream, at + size));
        break;
      case 6: {
        const Bytes again(place(stream, at), place(stream, at + size));
        stream.insert(place(stream, at), again.begin(), again.end());
        break;
      }
      default: {  // another conversation begins in the middle
        const auto& other = others[below(others.size())];
        const auto from = below(other.size());
        stream.resize(at);
        stream.insert(stream.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      }
    }
  }

  std::mt19937 random_;
};

class MutatedStreams : public testing::Test {
 protected:
  MutatedStreams() { node_.start(); }

  /// @return streams after which the node did not close the connection.
  std::size_t send_mutated(int streams, std::uint32_t seed) {
    constexpr int strangers = 8;
    std::atomic<std::size_t> hanging = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < strangers; ++i) {
      threads.emplace_back([&, i] {
        Mutator mutate(seed + static_cast<std::uint32_t>(i));
        for (int n = i; n < streams; n += strangers) {
          RawPeer peer(node_.address().port);
          peer.send(mutate(conversations_[static_cast<std::size_t>(n) % conversations_.size()], conversations_));
          peer.finish_sending();
          if (!peer.wait_for_close()) ++hanging;
        }
      });
    }
    threads.clear();
    return hanging;
  }

  const std::vector<Bytes> conversations_ = conversations();
  TempDir folder_;
  NodeProcess node_{folder_.path()};
};

TEST_F(MutatedStreams, NeitherStopNorSwellNorSpoilTheNode) {
  const int streams = short_or_long(10'000, 500'000);
  const auto seed = is_long_run() ? std::random_device()() : 20261124u;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Ledger ledger;
  const auto honest = small_study("honest", 20);
  ASSERT_EQ(ledger.send(node_.address(), honest), honest.size());

  Clicks clicks(node_);  // what the first answer keeps must not count
  ASSERT_TRUE(clicks.send_images());
  clicks.click();
  ASSERT_THAT(clicks.unanswered(), testing::IsEmpty());
  ASSERT_EQ(send_mutated(streams / 5, seed), 0u);
  const auto memory = resident_bytes(node_.process());
  const auto descriptors = open_descriptors(node_.process());
  ASSERT_EQ(send_mutated(streams - streams / 5, seed + 100), 0u);

  EXPECT_LE(resident_bytes(node_.process()), memory + (std::size_t{24} << 20));
  EXPECT_LE(open_descriptors(node_.process()), descriptors + 8);
  std::cout << streams << " streams, " << (memory >> 20) << " MiB after a fifth of them, "
            << (resident_bytes(node_.process()) >> 20) << " MiB after all\n";
  EXPECT_NO_THROW(verify(node_.address(), {}));
  EXPECT_THAT(ledger.lies_about(node_, honest[0].name().study_instance_uid.str()), testing::IsEmpty());
  const auto later = small_study("honest later", 20);
  EXPECT_EQ(ledger.send(node_.address(), later), later.size());
  EXPECT_EQ(node_.stop(), 0);
}

}  // namespace
}  // namespace punctum::test
