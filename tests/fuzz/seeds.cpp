// Writes first inputs for every target: `fuzz_seeds FOLDER` makes FOLDER/TARGET/seed-*. Deterministic.
#include <array>
#include <fstream>
#include <functional>
#include <iostream>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/dcmtk/runtime.hpp"
#include "dicom/net/command_set.hpp"
#include "dicom/net/commitment.hpp"
#include "dicom/net/commitment_messages.hpp"
#include "dicom/net/identifier.hpp"
#include "storage/query_keys.hpp"
#include "tests/fuzz/loopback_node.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/files.hpp"
#include "tests/support/gsps_builder.hpp"
#include "tests/support/packed_slice.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum::fuzz {
namespace {

namespace fs = std::filesystem;
using test::bytes_of_text;
using test::joined;

constexpr auto implicit_little = "1.2.840.10008.1.2";
constexpr auto study_root_find = "1.2.840.10008.5.1.4.1.2.2.1";

class Seeds {
 public:
  Seeds(const fs::path& folder, const std::string& target) : folder_(folder / target) {
    fs::create_directories(folder_);
  }
  void add(ByteView bytes) { test::write_file(folder_ / ("seed-" + std::to_string(++count_)), bytes); }
  void add_text(std::string_view text) { add(bytes_of_text(text)); }

 private:
  fs::path folder_;
  int count_ = 0;
};

CommandSet store_command() {
  auto set = test::request_of(command::c_store_rq, "1.2.840.10008.5.1.4.1.1.2", true);
  return set.set_uid(command_element::affected_sop_instance_uid, "1.2.3.4");
}

Bytes query(const std::string& level, std::string_view syntax) {
  const Identifier keys{{0x0008, 0x0020, "DA", "20260101-20260301"},
                        {0x0010, 0x0010, "PN", "DOE*"},
                        {0x0020, 0x000d, "UI", "1.2.3\\1.2.4"},
                        {0x0008, 0x0061, "CS", ""},
                        {0x0020, 0x1208, "IS", ""}};
  return encode_match(keys, level, AeTitle::require("PUNCTUM"), syntax);
}

Bytes small_slice(const std::string& syntax) {
  return test::CtSliceBuilder().size(8, 8).transfer_syntax(syntax).build().bytes();
}

Bytes clicks() {
  const auto slice = test::CtSliceBuilder().build();
  return test::GspsBuilder().refers_to(slice).point(3.5, 4.5).negative_point(1, 1).tracking("1.2.9", "lesion").build();
}

/// One piece of the message target's input; pieces longer than 255 bytes become several.
Bytes piece(std::uint8_t context_id, bool is_command, ByteView bytes) {
  Bytes out;
  do {
    const auto size = std::min<std::size_t>(bytes.size(), 255);
    const bool last = size == bytes.size();
    out.push_back(static_cast<std::byte>((is_command ? 1 : 0) | (last ? 2 : 0) | context_id << 2));
    out.push_back(static_cast<std::byte>(size));
    out.insert(out.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes = bytes.subspan(size);
  } while (!bytes.empty());
  return out;
}

Bytes store_data() {
  const auto slice = small_slice("1.2.840.10008.1.2.1");
  return {slice.begin() + static_cast<std::ptrdiff_t>(locate_dataset(slice).dataset_offset), slice.end()};
}

void write_objects(const fs::path& folder) {
  Seeds pairs(folder, "same_content");
  const auto one = small_slice("1.2.840.10008.1.2"), other = small_slice("1.2.840.10008.1.2.1");
  for (const auto& second : {one, other}) {
    const Bytes length{static_cast<std::byte>(one.size() & 0xff), static_cast<std::byte>(one.size() >> 8)};
    pairs.add(joined({length, one, second}));
  }
  for (const auto* const target : {"dataset", "ct_slice", "transcode", "gsps", "results"}) {
    Seeds seeds(folder, target);
    if (std::string_view(target) == "gsps") {
      seeds.add(clicks());
      continue;
    }
    for (const auto* const syntax : {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"}) {
      seeds.add(small_slice(syntax));
    }
    seeds.add(test::packed(test::CtSliceBuilder().size(8, 8).build()).bytes);
    seeds.add(clicks());
  }
}

/// A-ASSOCIATE-AC (PS3.8 9.3.3) that takes context 1 in Implicit VR Little Endian, then the answer to what is asked
/// there, then A-RELEASE-RP.
Bytes answer_to_us(unsigned what) {
  const auto item = [](std::uint8_t type, const Bytes& body) {
    return joined({Bytes{std::byte{type}, std::byte{0}, static_cast<std::byte>(body.size() >> 8),
                         static_cast<std::byte>(body.size() & 0xff)},
                   body});
  };
  const auto context = joined(
      {Bytes{std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0}}, item(0x40, bytes_of_text(implicit_little))});
  const auto user = joined({item(0x51, Bytes{std::byte{0}, std::byte{0}, std::byte{0x40}, std::byte{0}}),
                            item(0x52, bytes_of_text("1.2.3.4"))});
  Bytes head{std::byte{0}, std::byte{1}, std::byte{0}, std::byte{0}};
  head.resize(4 + 16 + 16 + 32, std::byte{' '});
  const auto accept = test::pdu_of(
      0x02, joined({head, item(0x10, bytes_of_text("1.2.840.10008.3.1.1.1")), item(0x21, context), item(0x50, user)}));
  constexpr std::array fields{command::c_echo_rq, command::c_store_rq, command::n_event_report_rq,
                              command::n_action_rq};
  CommandSet response;
  response.set(command_element::command_field, fields.at(what) | command::response)
      .set(command_element::message_id_being_responded_to, 1)
      .set(command_element::command_data_set_type, 0x0101)
      .set(command_element::status, 0);
  return joined({accept, test::p_data(1, true, true, response.encode()), test::pdu_of(0x06, Bytes(4))});
}

/// For every key a line with a value of each way to match (query_target.cpp).
void write_queries(const fs::path& folder) {
  Seeds queries(folder, "query");
  constexpr std::array<std::string_view, 11> values{
      "",       "\"\"",    "DOE*",      "1.2.3.1\\1.2.3.2", "20260101-20260301",        "-0930",
      "23??59", "CT\\SEG", "王^小東=?", "20260111235959-",  std::string_view("\0S*", 3)};
  constexpr unsigned as_lines = 8, relational_date_time = 2 + 4, empty_value = 64;
  for (const auto value : values) {
    Bytes lines;
    for (std::size_t key = 0; key < query_keys().size(); ++key) {
      lines = joined({lines, Bytes{static_cast<std::byte>(key)}, bytes_of_text(value), bytes_of_text("\n")});
      if (key % 4 != 3) continue;
      for (unsigned level = 0; level < 4; ++level) {
        const auto how = as_lines | relational_date_time | empty_value | level << 4U | (level == 0 ? 1U : 0U);
        queries.add(joined({Bytes{static_cast<std::byte>(how)}, lines}));
      }
      lines.clear();
    }
  }
  queries.add(joined({Bytes{std::byte{0x12}}, query("STUDY", "1.2.840.10008.1.2.1")}));
}

void write_network(const fs::path& folder) {
  const auto verification = test::request_of(command::c_echo_rq, "1.2.840.10008.1.1", false);
  const auto find = test::request_of(command::c_find_rq, study_root_find, true);
  const auto get = test::request_of(command::c_get_rq, "1.2.840.10008.5.1.4.1.2.2.3", true);
  auto move = test::request_of(command::c_move_rq, "1.2.840.10008.5.1.4.1.2.2.2", true);
  move.set_text(command_element::move_destination, "ELSEWHERE");
  const auto cancel = test::request_of(command::c_cancel_rq, study_root_find, false);
  const auto release = test::pdu_of(0x05, Bytes(4));

  Seeds commands(folder, "command");
  for (const auto& set : {verification, find, get, move, cancel, store_command()}) commands.add(set.encode());
  commands.add(good_request());

  Seeds identifiers(folder, "identifier");
  constexpr std::array syntaxes{"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"};
  for (std::size_t i = 0; i < syntaxes.size(); ++i) {
    identifiers.add(joined({Bytes{static_cast<std::byte>(i)}, query("STUDY", syntaxes[i])}));
  }

  write_queries(folder);

  const Commitment wanted{Uid::require("1.2.9"),
                          {{Uid::require("1.2.840.10008.5.1.4.1.1.2"), Uid::require("1.2.3.1")}}};
  auto mixed = wanted;
  mixed.objects.push_back({wanted.objects[0].sop_class_uid, Uid::require("1.2.3.2"), 0x0112});
  Seeds commitments(folder, "commitment");
  for (std::size_t i = 0; i < syntaxes.size(); ++i) {
    commitments.add(joined({Bytes{static_cast<std::byte>(i)}, encode_commitment(mixed, syntaxes[i])}));
  }

  Seeds messages(folder, "message");
  for (auto set : {commitment_action_rq(1), commitment_report_rq(mixed, 2)}) {
    set.set(command_element::command_data_set_type, 1);
    messages.add(joined({piece(11, true, set.encode()), piece(11, false, encode_commitment(mixed, implicit_little)),
                         piece(1, true, verification.encode())}));
  }
  messages.add(piece(1, true, verification.encode()));
  messages.add(joined({piece(3, true, store_command().encode()), piece(3, false, store_data())}));
  messages.add(joined({piece(5, true, find.encode()), piece(5, false, query("STUDY", implicit_little)),
                       piece(5, true, cancel.encode())}));
  messages.add(joined({piece(7, true, get.encode()), piece(7, false, query("STUDY", implicit_little))}));
  messages.add(joined({piece(9, true, move.encode()), piece(9, false, query("STUDY", implicit_little))}));

  Seeds associations(folder, "association");
  associations.add(joined({good_request(), release}));
  associations.add(joined({good_request(), test::p_data(1, true, true, verification.encode()), release}));
  associations.add(
      joined({good_request(), test::p_data(3, true, true, store_command().encode()),
              test::p_data(3, false, false, bytes_of_text("half")), test::p_data(3, false, true, store_data())}));
  associations.add(joined({good_request(), test::pdu_of(0x07, Bytes(4))}));

  Seeds providers(folder, "provider");
  for (unsigned what = 0; what < 4; ++what) {
    providers.add(joined({Bytes{static_cast<std::byte>(what)}, answer_to_us(what)}));
    providers.add(joined({Bytes{static_cast<std::byte>(what)},
                          test::pdu_of(0x03, Bytes{std::byte{0}, std::byte{1}, std::byte{1}, std::byte{7}})}));
  }
}

void write_texts(const fs::path& folder) {
  Seeds http(folder, "http");
  http.add_text("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  http.add_text("HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  http.add_text("POST /studies HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  http.add_text(
      "GET /studies?PatientName=D%2A HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n");

  Seeds config(folder, "config");
  config.add(test::read_file(fs::path(PUNCTUM_SOURCE_DIR) / "config/node.json"));
  config.add_text(
      R"({"ae_title":"A","data_dir":"d","min_free_mb":1,"dicom":{"bind":"127.0.0.1","port":0,"callers":["B"],)"
      R"("peers":{"C":{"host":"h","port":4242}}},"inference":{"settle_s":0.5},"deliver":["C"]})");

  Seeds safetensors(folder, "safetensors");
  const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"k":"v"}})";
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size());
  safetensors.add_text(file + header + std::string(8, '\0'));
  safetensors.add(test::read_file(fs::path(PUNCTUM_SOURCE_DIR) / "inference/weights/compact/manifest.json"));
}

}  // namespace
}  // namespace punctum::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER\n";
    return 2;
  }
  const punctum::DcmtkRuntime runtime;
  punctum::fuzz::write_objects(argv[1]);
  punctum::fuzz::write_network(argv[1]);
  punctum::fuzz::write_texts(argv[1]);
}
