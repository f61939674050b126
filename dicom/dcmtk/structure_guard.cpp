#include "dicom/dcmtk/structure_guard.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctag.h>
#include <zlib.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

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

/// One open sequence or item; `end` is absent for undefined length.
struct Scope {
  bool is_item = false;
  std::optional<std::uint64_t> end;
  Encoding encoding;
};

class Walker {
 public:
  Walker(ByteView head, Encoding encoding, std::uint64_t size, const StructureLimits& limits)
      : head_(head), encoding_(encoding), size_(size), limits_(limits) {}

  void walk() {
    while (close_finished_scopes() && has(8)) {
      const auto tag = read_tag();
      if (tag == item_tag) {
        open(/*is_item=*/true, read_u32(), encoding_);
      } else if (tag == item_end_tag || tag == sequence_end_tag) {
        position_ += 4;
        close_one();
      } else if (!step_over_element(tag)) {
        return;
      }
    }
  }

 private:
  /// @return false when the walk is over: top-level pixel data, or a value that reaches beyond the part we have.
  bool step_over_element(std::uint32_t tag) {
    count_element();
    if (tag == pixel_data_tag && scopes_.empty() && !limits_.with_pixel_data) return false;
    std::string_view vr;
    std::uint32_t length = 0;
    if (encoding_.explicit_vr) {
      vr = std::string_view(reinterpret_cast<const char*>(head_.data()) + position_, 2);
      position_ += 2;
      if (has_long_length(vr)) {
        if (!has(6)) return false;
        position_ += 2;
        length = read_u32();
      } else {
        length = read_u16();
      }
    } else {
      length = read_u32();
    }
    if (is_sequence(tag, vr, length)) {
      // A sequence of undefined length under VR UN is encoded in implicit little endian (PS3.5 6.2.2, note 5).
      open(/*is_item=*/false, length, vr == "UN" ? Encoding{false, false} : encoding_);
      return true;
    }
    if (length == undefined_length) return skip_fragments();
    require_inside(length);
    position_ += length;
    return position_ <= head_.size();
  }

  static bool has_long_length(std::string_view vr) {
    return vr == "OB" || vr == "OD" || vr == "OF" || vr == "OL" || vr == "OV" || vr == "OW" || vr == "SQ" ||
           vr == "SV" || vr == "UC" || vr == "UN" || vr == "UR" || vr == "UT" || vr == "UV";
  }

  static bool is_sequence(std::uint32_t tag, std::string_view vr, std::uint32_t length) {
    if (vr == "SQ") return true;
    if (vr == "UN") return length == undefined_length;
    if (!vr.empty()) return false;
    if (tag == pixel_data_tag) return false;
    if (length == undefined_length) return true;
    return DcmTag(static_cast<Uint16>(tag >> 16), static_cast<Uint16>(tag & 0xffff)).getEVR() == EVR_SQ;
  }

  void count_element() {
    if (++elements_ > limits_.elements) {
      throw DicomError("cannot read data set: more than " + std::to_string(limits_.elements) + " elements");
    }
  }

  bool skip_fragments() {
    while (has(8)) {
      count_element();
      const auto tag = read_tag();
      const auto length = read_u32();
      if (tag == sequence_end_tag) return true;
      if (tag != item_tag)
        throw DicomError("cannot read data set: encapsulated pixel data holds something else than items");
      require_inside(length);
      position_ += length;
    }
    return false;
  }

  void open(bool is_item, std::uint32_t length, Encoding encoding) {
    if (scopes_.size() >= 2 * limits_.depth) {
      throw DicomError("cannot read data set: sequences nest deeper than " + std::to_string(limits_.depth) + " levels");
    }
    std::optional<std::uint64_t> end;
    if (length != undefined_length) {
      require_inside(length);
      end = position_ + length;
    }
    scopes_.push_back({is_item, end, encoding_});
    encoding_ = encoding;
  }

  void close_one() {
    if (scopes_.empty()) return;  // a stray delimiter: DCMTK decides what to make of it
    encoding_ = scopes_.back().encoding;
    scopes_.pop_back();
  }

  bool close_finished_scopes() {
    while (!scopes_.empty() && position_ >= scopes_.back().end.value_or(UINT64_MAX)) close_one();
    return true;
  }

  void require_inside(std::uint64_t length) const {
    if (position_ + length > size_) {
      throw DicomError("cannot read data set: an element at byte " + std::to_string(position_) + " says it has " +
                       std::to_string(length) + " bytes, but only " + std::to_string(size_ - position_) + " follow");
    }
  }

  bool has(std::size_t count) const { return position_ + count <= head_.size(); }
  std::uint32_t byte(std::size_t at) const { return static_cast<std::uint32_t>(head_[at]); }
  std::uint32_t read_u16() {
    const auto at = position_;
    position_ += 2;
    return encoding_.big_endian ? byte(at) << 8 | byte(at + 1) : byte(at + 1) << 8 | byte(at);
  }
  std::uint32_t read_u32() {
    const auto first = read_u16(), second = read_u16();
    return encoding_.big_endian ? first << 16 | second : second << 16 | first;
  }
  std::uint32_t read_tag() {
    const auto group = read_u16(), element = read_u16();
    return group << 16 | element;
  }

  ByteView head_;
  Encoding encoding_;
  std::uint64_t size_;
  StructureLimits limits_;
  std::uint64_t position_ = 0;
  std::size_t elements_ = 0;
  std::vector<Scope> scopes_;
};

/// Inflates as much as the limit allows; a deflated data set has no zlib header (PS3.5 A.5).
Bytes inflate_bounded(ByteView deflated, std::size_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw DicomError("cannot inflate data set: no decoder");
  Bytes out;
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(deflated.data()));
  stream.avail_in = static_cast<uInt>(deflated.size());
  int state = Z_OK;
  while (state == Z_OK && out.size() <= limit) {
    const auto start = out.size();
    out.resize(start + (1 << 16));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
    stream.avail_out = 1 << 16;
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (out.size() > limit) {
    throw DicomError("cannot inflate data set: more than " + std::to_string(limit) + " bytes after decompression");
  }
  return out;
}

}  // namespace

void guard_structure(ByteView head, const Uid& transfer_syntax_uid, std::uint64_t dataset_size,
                     const StructureLimits& limits) {
  const auto& syntax = transfer_syntax_uid.str();
  if (syntax == transfer_syntax::deflated_explicit_vr_little_endian) {
    const auto inflated = inflate_bounded(head, limits.inflated_bytes);
    const bool complete = head.size() >= dataset_size;
    Walker(inflated, {true, false}, complete ? inflated.size() : UINT64_MAX, limits).walk();
    return;
  }
  const Encoding encoding{syntax != transfer_syntax::implicit_vr_little_endian,
                          syntax == transfer_syntax::explicit_vr_big_endian};
  Walker(head, encoding, dataset_size, limits).walk();
}

}  // namespace punctum
