#include "dicom/dcmtk/structure_guard.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctag.h>
#include <dcmtk/dcmdata/dcxfer.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/inflate.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::uint32_t undefined_length = 0xffffffff;
constexpr std::uint32_t item_tag = 0xfffee000;
constexpr std::uint32_t item_end_tag = 0xfffee00d;
constexpr std::uint32_t sequence_end_tag = 0xfffee0dd;
constexpr std::uint32_t pixel_data_tag = 0x7fe00010;

struct Encoding {
  bool explicit_vr = true;
  bool big_endian = false;
};
constexpr Encoding implicit_little_endian{false, false};

DcmTagKey key_of(std::uint32_t tag) { return {static_cast<Uint16>(tag >> 16), static_cast<Uint16>(tag & 0xffff)}; }

std::string name_of(std::uint32_t tag) {
  if (tag == item_tag) return "an item";
  return "element " + describe(key_of(tag));
}

/// What DCMTK makes of a value, as far as the walk must know.
enum class Kind {
  value,           ///< bytes, as many as the length says
  sequence,        ///< items, encoded like what surrounds them
  sequence_as_un,  ///< items in implicit little endian (PS3.5 6.2.2, note 5)
  fragments,       ///< encapsulated pixel data
};

Kind kind_of(DcmEVR vr, std::uint32_t tag, std::uint32_t length) {
  if (vr == EVR_SQ) return Kind::sequence;
  if (length != undefined_length) return Kind::value;
  const bool is_private = (tag >> 16 & 1) != 0;
  switch (vr) {
    case EVR_UN:
    case EVR_UNKNOWN:  // two capital letters that name no VR: one of the future, read like UN
    case EVR_UNKNOWN2B:
      return Kind::sequence_as_un;
    case EVR_OB:
    case EVR_OW:
    case EVR_ox:
    case EVR_px:
      if (tag == pixel_data_tag || is_private) return Kind::fragments;
      break;
    default:
      break;
  }
  throw DicomError("cannot read data set: " + name_of(tag) + " has undefined length, which " +
                   DcmVR(vr).getValidVRName() + " cannot have");
}

/// Who reserved which block of private elements, as far as the item has been read (PS3.5 7.8.1). Without explicit VR
/// the creator decides whether a private element is a sequence.
class PrivateBlocks {
 public:
  void note(std::uint32_t tag, ByteView value) {
    const auto group = tag >> 16, block = tag & 0xffff;
    if ((group & 1) == 0 || block < 0x10 || block > 0xff) return;
    std::string creator(reinterpret_cast<const char*>(value.data()), value.size());
    creator.erase(creator.find_last_not_of(' ') + 1);
    creator.resize(std::min(creator.find('\0'), creator.size()));
    creators_.emplace(group << 8 | block, std::move(creator));
  }
  const char* creator_of(std::uint32_t tag) const {
    if ((tag >> 16 & 1) == 0 || (tag & 0xffff) < 0x1000) return nullptr;
    const auto found = creators_.find(tag >> 8);
    return found == creators_.end() ? nullptr : found->second.c_str();
  }

 private:
  std::map<std::uint32_t, std::string> creators_;
};

DcmEVR vr_in_dictionary(std::uint32_t tag, const PrivateBlocks& blocks) {
  if (const auto* creator = blocks.creator_of(tag)) {
    const auto vr = DcmTag(key_of(tag), creator).getEVR();
    if (vr != EVR_UNKNOWN) return vr;
  }
  return DcmTag(key_of(tag)).getEVR();
}

/// One open sequence or item, or the data set itself.
struct Scope {
  bool is_sequence = false;
  std::optional<std::uint64_t> end;  ///< absent for undefined length
  std::uint64_t limit = 0;           ///< its own end or that of the innermost scope around it that has one
  Encoding encoding;
  PrivateBlocks blocks;
  std::uint32_t last_tag = 0;  ///< the largest so far
  std::size_t elements = 0;
};

class Walker {
 public:
  Walker(ByteView head, Encoding encoding, std::uint64_t size, const StructureLimits& limits)
      : head_(head), size_(size), limits_(limits) {
    scopes_.push_back({false, {}, size, encoding, {}, 0, 0});
  }

  void walk() {
    for (;;) {
      while (current().end && position_ >= *current().end) scopes_.pop_back();
      if (!has(8)) return require_whole_header();
      if (!(current().is_sequence ? step_in_sequence() : step_in_item())) return;
    }
  }

 private:
  /// A part that ends between two elements looks like a whole data set without pixel data.
  void require_whole_header() const {
    if (limits_.with_pixel_data || head_.size() >= size_) return;
    throw DicomError("cannot read data set: its first " + std::to_string(head_.size()) +
                     " bytes end before its pixel data");
  }

  /// @return false when the walk is over, here and below.
  bool step_in_sequence() {
    require_inside(8, "the next item");
    const auto tag = read_tag();
    const auto length = read_u32();
    if (tag == sequence_end_tag) {
      scopes_.pop_back();
    } else if (tag == item_tag) {
      count();
      open(tag, length, Kind::sequence);
    } else {
      throw DicomError("cannot read data set: " + name_of(tag) + " stands where a sequence should have an item");
    }
    return true;
  }

  bool step_in_item() {
    const bool in_dataset = scopes_.size() == 1;
    if (!in_dataset) require_inside(8, "the next element");
    const auto tag = read_tag();
    if (in_dataset && tag >= pixel_data_tag && !limits_.with_pixel_data) return false;
    if (tag == item_tag || tag == sequence_end_tag) {
      throw DicomError("cannot read data set: " + std::string(tag == item_tag ? "an item" : "the end of a sequence") +
                       " stands where an element should");
    }
    if (tag == item_end_tag) {
      position_ += 4;
      if (!in_dataset) scopes_.pop_back();
      return !in_dataset;  // DCMTK ends the data set with it
    }
    count();
    note_order(tag);
    return step_over_element(tag);
  }

  bool step_over_element(std::uint32_t tag) {
    DcmEVR vr = EVR_UNKNOWN;
    std::uint32_t length = 0;
    if (current().encoding.explicit_vr) {
      const auto read = read_vr(tag);
      vr = read.getEVR();
      if (read.usesExtendedLengthEncoding()) {
        if (!has(6)) return false;
        position_ += 2;
        length = read_u32();
      } else {
        length = read_u16();
      }
    } else {
      length = read_u32();
      vr = vr_in_dictionary(tag, current().blocks);
    }
    const auto kind = kind_of(vr, tag, length);
    if (kind == Kind::fragments) return step_over_fragments(tag);
    if (kind != Kind::value) {
      open(tag, length, kind);
      return true;
    }
    require_length(length, tag);
    if (!has(length)) return false;  // goes on beyond the part at hand
    if (!current().encoding.explicit_vr) current().blocks.note(tag, head_.subspan(position_, length));
    position_ += length;
    return true;
  }

  /// Takes unknown letters for a VR as DCMTK does, and refuses what it refuses.
  DcmVR read_vr(std::uint32_t tag) {
    const char letters[3] = {static_cast<char>(head_[position_]), static_cast<char>(head_[position_ + 1]), '\0'};
    position_ += 2;
    const DcmVR vr(letters);
    if (vr.isInvalid() || vr.getEVR() == EVR_na || vr.getEVR() == EVR_pixelItem) {
      throw DicomError("cannot read data set: " + name_of(tag) + " has no value representation");
    }
    return vr;
  }

  bool step_over_fragments(std::uint32_t pixel_data) {
    while (has(8)) {
      require_inside(8, "the next fragment");
      count();
      const auto tag = read_tag();
      const auto length = read_u32();
      if (tag == sequence_end_tag) return true;
      if (tag != item_tag) {
        throw DicomError("cannot read data set: encapsulated " + describe(key_of(pixel_data)) +
                         " holds something else than items");
      }
      require_length(length, tag);
      position_ += length;
    }
    return false;
  }

  void open(std::uint32_t tag, std::uint32_t length, Kind kind) {
    if (scopes_.size() > 2 * limits_.depth) {
      throw DicomError("cannot read data set: sequences nest deeper than " + std::to_string(limits_.depth) + " levels");
    }
    Scope scope{tag != item_tag, {}, current().limit, current().encoding, {}, 0, 0};
    if (length != undefined_length) {
      require_length(length, tag);
      scope.end = scope.limit = position_ + length;
    }
    if (kind == Kind::sequence_as_un) scope.encoding = implicit_little_endian;
    scopes_.push_back(std::move(scope));
  }

  void count() {
    if (++elements_ > limits_.elements) {
      throw DicomError("cannot read data set: more than " + std::to_string(limits_.elements) + " elements");
    }
  }

  void note_order(std::uint32_t tag) {
    auto& scope = current();
    if (tag < scope.last_tag) steps_of_sorting_ += scope.elements;
    if (steps_of_sorting_ > limits_.steps_of_sorting) {
      throw DicomError("cannot read data set: too many elements are out of order, " + name_of(tag) + " among them");
    }
    scope.last_tag = std::max(scope.last_tag, tag);
    ++scope.elements;
  }

  std::uint64_t remaining() const { return scopes_.back().limit - std::min(scopes_.back().limit, position_); }

  void require_length(std::uint64_t length, std::uint32_t tag) const {
    if (length > remaining()) refuse(name_of(tag), length);
  }
  void require_inside(std::uint64_t length, std::string_view what) const {
    if (length > remaining()) refuse(what, length);
  }
  [[noreturn]] void refuse(std::string_view what, std::uint64_t length) const {
    throw DicomError("cannot read data set: " + std::string(what) + " at byte " + std::to_string(position_) +
                     " says it has " + std::to_string(length) + " bytes, but only " + std::to_string(remaining()) +
                     (scopes_.back().limit == scopes_.front().limit ? " follow" : " remain of what surrounds it"));
  }

  Scope& current() { return scopes_.back(); }
  bool has(std::uint64_t size) const { return position_ + size <= head_.size(); }
  std::uint32_t byte(std::size_t at) const { return static_cast<std::uint32_t>(head_[at]); }
  std::uint32_t read_u16() {
    const auto at = position_;
    position_ += 2;
    return current().encoding.big_endian ? byte(at) << 8 | byte(at + 1) : byte(at + 1) << 8 | byte(at);
  }
  std::uint32_t read_u32() {
    const auto first = read_u16(), second = read_u16();
    return current().encoding.big_endian ? first << 16 | second : second << 16 | first;
  }
  std::uint32_t read_tag() {
    const auto group = read_u16(), element = read_u16();
    return group << 16 | element;
  }

  ByteView head_;
  std::uint64_t size_;  ///< of the whole data set
  StructureLimits limits_;
  std::uint64_t position_ = 0;
  std::size_t elements_ = 0, steps_of_sorting_ = 0;
  std::vector<Scope> scopes_;  ///< the data set first; never empty
};

}  // namespace

void guard_structure(ByteView head, const Uid& transfer_syntax_uid, std::uint64_t dataset_size,
                     const StructureLimits& limits) {
  const DcmXfer syntax(transfer_syntax_uid.str().c_str());
  if (syntax.getStreamCompression() == ESC_zlib) {
    const auto inflated = inflate_dataset(head, limits.inflated_bytes);
    const bool complete = head.size() >= dataset_size;
    Walker(inflated.bytes, {true, false}, complete ? inflated.bytes.size() : UINT64_MAX, limits).walk();
    return;
  }
  // A syntax that DCMTK does not know is encapsulated or private, and those are explicit little endian (PS3.5 A.4).
  const bool known = syntax.getXfer() != EXS_Unknown;
  Walker(head, {!known || syntax.isExplicitVR(), known && syntax.isBigEndian()}, dataset_size, limits).walk();
}

}  // namespace punctum
