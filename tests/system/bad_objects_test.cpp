// Objects as no decent sender makes them, over a real association to a real node. Each gets the status that
// dicom/CONFORMANCE.md 3.2 documents, the association lives on, a sender beside it is served, and nothing that was
// stored changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/net/store_scu.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/phantom_case.hpp"
#include "tests/system/torture.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum::test {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

constexpr std::string_view sop_class_tag("\x08\0\x16\0UI", 6), sop_instance_tag("\x08\0\x18\0UI", 6);
constexpr std::string_view study_tag("\x20\0\x0d\0UI", 6), pixel_spacing_tag("\x28\0\x30\0DS", 6);
constexpr std::string_view manufacturer_tag("\x08\0\x70\0LO", 6), pixel_data_tag("\xe0\x7f\x10\0OW", 6);
constexpr std::size_t short_header = 8;  // of an element in explicit VR

Bytes data_set_of(const Bytes& part10) {
  const auto offset = locate_dataset(part10).dataset_offset;
  return {part10.begin() + static_cast<std::ptrdiff_t>(offset), part10.end()};
}

/// Where the element with this tag and value representation begins, explicit little endian.
Bytes::iterator place_of(Bytes& data, std::string_view tag_and_vr) {
  const auto found = std::ranges::search(data, bytes_of_text(tag_and_vr));
  if (found.empty()) throw std::logic_error("the test's slice lacks an element");
  return found.begin();
}

Bytes with_value(Bytes data, std::string_view tag_and_vr, std::string value) {
  if (value.size() % 2 != 0) value += '\0';
  const auto begin = place_of(data, tag_and_vr);
  const auto old_size = static_cast<std::ptrdiff_t>(begin[6]);
  begin[6] = static_cast<std::byte>(value.size());
  const auto at = data.erase(begin + short_header, begin + short_header + old_size);
  const auto bytes = bytes_of_text(value);
  data.insert(at, bytes.begin(), bytes.end());
  return data;
}

Bytes without(Bytes data, std::string_view tag_and_vr) {
  const auto begin = place_of(data, tag_and_vr);
  data.erase(begin, begin + short_header + static_cast<std::ptrdiff_t>(begin[6]));
  return data;
}

/// Cut off behind the first byte of this element's value.
Bytes cut_within(Bytes data, std::string_view tag_and_vr) {
  data.erase(place_of(data, tag_and_vr) + short_header + 1, data.end());
  return data;
}

Bytes with_before_pixels(Bytes data, const Bytes& inserted) {
  data.insert(place_of(data, pixel_data_tag), inserted.begin(), inserted.end());
  return data;
}

/// Content Sequences of undefined length within each other, each opened and closed.
Bytes nested(int levels) {
  Bytes out;
  const auto append = [&](std::string_view text) {
    const auto bytes = bytes_of_text(text);
    out.insert(out.end(), bytes.begin(), bytes.end());
  };
  using namespace std::string_view_literals;
  for (int i = 0; i < levels; ++i) append("\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"sv);
  for (int i = 0; i < levels; ++i) append("\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"sv);
  return out;
}

/// Every file below a folder that holds anything, with its bytes.
std::map<std::string, Bytes> files_below(const fs::path& folder) {
  std::map<std::string, Bytes> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    EXPECT_FALSE(entry.is_symlink()) << entry.path();
    if (entry.is_regular_file() && entry.file_size() > 0) out.emplace(entry.path().string(), read_file(entry.path()));
  }
  return out;
}

/// A node that has a study, an honest sender that stays, and what a stranger sends between them.
class BadObjects : public testing::Test {
 protected:
  void SetUp() override {
    node_.start();
    ASSERT_EQ(ledger_.send(node_.address(), honest_), honest_.size());
    stored_before_ = files_below(folder_ / "data/blobs");
    neighbour_ = std::make_unique<RawPeer>(node_.address().port);
    ASSERT_TRUE(neighbour_->associate());
  }

  void TearDown() override {
    if (!neighbour_) return;  // the node did not start
    neighbour_.reset();
    const auto stored_now = files_below(folder_ / "data/blobs");
    for (const auto& [path, bytes] : stored_before_) {
      ASSERT_TRUE(stored_now.contains(path)) << path;
      EXPECT_TRUE(stored_now.at(path) == bytes) << path << " has other bytes";
    }
    EXPECT_THAT(ledger_.lies_about(node_, honest_[0].name().study_instance_uid.str()), IsEmpty());
    EXPECT_THAT(beside_the_data(), testing::UnorderedElementsAre("data", "node.json", "node.log"));
    EXPECT_EQ(node_.stop(), 0) << node_.log();
  }

  std::vector<std::string> beside_the_data() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) names.push_back(entry.path().filename().string());
    return names;
  }

  static std::optional<std::uint16_t> store(RawPeer& peer, const CommandSet& command, ByteView data_set) {
    peer.send(p_data(3, /*is_command=*/true, /*is_last=*/true, command.encode()));
    for (bool last = false; !last;) {
      const auto piece = data_set.first(std::min<std::size_t>(data_set.size(), 16'000));
      data_set = data_set.subspan(piece.size());
      last = data_set.empty();
      peer.send(p_data(3, /*is_command=*/false, last, piece));
    }
    const auto response = peer.receive_command();
    return response ? response->number(command_element::status) : std::nullopt;
  }
  static CommandSet command_for(const std::string& instance) {
    auto command = request_of(command::c_store_rq, "1.2.840.10008.5.1.4.1.1.2");
    command.set_uid(command_element::affected_sop_instance_uid, instance);
    return command;
  }

  /// The next slice of a study that nobody spoils, over the association that was there before the stranger's.
  void neighbour_stores_a_slice() {
    const auto slice = CtSliceBuilder().study("neighbour").instance(++neighbours_slices_).build();
    const auto data_set = data_set_of(slice.bytes());
    ASSERT_EQ(store(*neighbour_, command_for(slice.uid().str()), data_set), 0x0000);
    const auto study = slice.name().study_instance_uid.str();
    EXPECT_EQ(data_set_of(fetch_instance(node_.port(), study, slice.uid().str())), data_set);
  }

  void expect_status(std::uint16_t status, const CommandSet& command, ByteView data_set) {
    RawPeer stranger(node_.address().port);
    ASSERT_TRUE(stranger.associate());
    EXPECT_EQ(store(stranger, command, data_set), status);
    EXPECT_TRUE(stranger.echo()) << "the association did not survive";
    neighbour_stores_a_slice();
  }
  /// C000: the data set cannot be understood, and its bytes are in quarantine.
  void expect_not_understood(const Bytes& data_set) {
    expect_status(0xc000, command_for(spoiled_.uid().str()), data_set);
    const auto kept = files_below(folder_ / "data/quarantine");
    EXPECT_TRUE(std::ranges::any_of(kept, [&](const auto& file) {
      return file.second.size() > data_set.size() &&
             std::ranges::equal(ByteView(file.second).last(data_set.size()), data_set);
    }));
  }

  TempDir folder_;
  NodeProcess node_{folder_.path()};
  Ledger ledger_;
  const std::vector<TestSlice> honest_ = small_study("honest", 5);
  const TestSlice spoiled_ = CtSliceBuilder().study("spoiled").build();  ///< what a stranger makes something bad of
  const Bytes healthy_ = data_set_of(spoiled_.bytes());
  std::map<std::string, Bytes> stored_before_;
  std::unique_ptr<RawPeer> neighbour_;
  int neighbours_slices_ = 0;
};

TEST_F(BadObjects, AStreamThatIsNotDicomIsNotUnderstood) {
  Bytes noise(5000);
  std::mt19937 random(20261129);
  for (auto& byte : noise) byte = static_cast<std::byte>(random());
  for (const auto& stream :
       {bytes_of_text("%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"),
        bytes_of_text("\x89PNG\r\n\x1a\n and so on"), bytes_of_text("no data set at all"), noise}) {
    expect_not_understood(stream);
  }
}

TEST_F(BadObjects, ATruncatedDataSetIsNotUnderstood) {
  expect_not_understood(cut_within(healthy_, study_tag));
  expect_not_understood(cut_within(healthy_, pixel_spacing_tag));
}

TEST_F(BadObjects, WrongLengthsAreNotUnderstood) {
  auto too_long = healthy_;
  const auto manufacturer = place_of(too_long, manufacturer_tag);
  manufacturer[6] = manufacturer[7] = std::byte{0xff};
  expect_not_understood(too_long);
  using namespace std::string_view_literals;
  expect_not_understood(with_before_pixels(healthy_, bytes_of_text("\x29\x00\x01\x10OB\0\0\xfe\xff\xff\xff"sv)));
  const auto item_larger_than_its_sequence = "\x29\x00\x01\x10SQ\0\0\x08\0\0\0\xfe\xff\x00\xe0\x40\0\0\0"sv;
  expect_not_understood(with_before_pixels(healthy_, bytes_of_text(item_larger_than_its_sequence)));
}

TEST_F(BadObjects, TenThousandLevelsAreNotUnderstood) {
  expect_not_understood(with_before_pixels(healthy_, nested(10'000)));
}

TEST_F(BadObjects, AUidThatIsAPathIsNone) {
  auto path = "escaped-" + folder_.path().filename().string();
  for (int depth = 1; depth <= 5; ++depth) {
    path.insert(0, "../");
    expect_status(0x0117, command_for(path), healthy_);
    expect_not_understood(with_value(healthy_, sop_instance_tag, path));
    expect_not_understood(with_value(healthy_, study_tag, path));
  }
  const auto expect_no_trace = [](const fs::path& file) {
    EXPECT_FALSE(file.filename().string().starts_with("escaped-")) << file;
  };
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) expect_no_trace(entry.path());
  for (auto above = folder_.path().parent_path(); above != above.parent_path(); above = above.parent_path()) {
    for (const auto& entry : fs::directory_iterator(above)) expect_no_trace(entry.path());
  }
}

TEST_F(BadObjects, WithoutStudyInstanceUidItIsNotUnderstood) {
  expect_not_understood(without(healthy_, study_tag));
  expect_not_understood(with_value(healthy_, study_tag, ""));
}

TEST_F(BadObjects, WithoutSopClassUidItIsNotUnderstood) {
  expect_not_understood(without(healthy_, sop_class_tag));
  auto command = command_for(spoiled_.uid().str());
  command.set_uid(command_element::affected_sop_class_uid, "");
  expect_status(0x0212, command, healthy_);
}

TEST_F(BadObjects, TheSameObjectIsStoredOnceItIsWhole) {
  expect_not_understood(cut_within(healthy_, study_tag));
  expect_status(0x0000, command_for(spoiled_.uid().str()), healthy_);
  const auto study = spoiled_.name().study_instance_uid.str();
  EXPECT_EQ(data_set_of(fetch_instance(node_.port(), study, spoiled_.uid().str())), healthy_);
}

}  // namespace
}  // namespace punctum::test
