#include "dicom/ct/code_stream_head.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "dicom/dcmtk/fragments.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::size_t longest_head = 1 << 18;  ///< bytes in which the size must have been said

bool is_jpeg(std::string_view syntax) {
  constexpr std::string_view root = "1.2.840.10008.1.2.4.";  // JPEG .50 to .70, JPEG-LS .80 and .81
  if (!syntax.starts_with(root) || syntax.size() != root.size() + 2) return false;
  const auto number = syntax.substr(root.size());
  return number >= "50" && number <= "81";
}

[[noreturn]] void refuse(const std::string& reason) { throw DicomError("cannot decode pixels: " + reason); }

/// The beginning of a code stream, read big endian and never past its end.
class Head {
 public:
  explicit Head(ByteView bytes) : bytes_(bytes) {}
  std::uint32_t at(std::size_t position, std::size_t width) const {
    if (position + width > bytes_.size()) refuse("expected a code stream that begins with the size of its image");
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<std::uint32_t>(bytes_[position + i]);
    return value;
  }

 private:
  ByteView bytes_;
};

struct StatedSize {
  std::uint32_t columns = 0, rows = 0, components = 0;
};

bool starts_frame(std::uint32_t marker) {  // SOF0 to SOF15 without DHT, JPG and DAC; SOF55 of JPEG-LS
  return marker == 0xfff7 ||
         (marker >= 0xffc0 && marker <= 0xffcf && marker != 0xffc4 && marker != 0xffc8 && marker != 0xffcc);
}

StatedSize read_jpeg(const Head& head) {
  if (head.at(0, 2) != 0xffd8) refuse("expected a code stream that begins with its SOI marker");
  std::size_t at = 2;
  for (;;) {
    while (head.at(at, 2) == 0xffff) ++at;  // fill bytes
    const auto marker = head.at(at, 2);
    if (marker < 0xff01) refuse("expected a marker segment before the size of the image");
    if (starts_frame(marker)) return {head.at(at + 7, 2), head.at(at + 5, 2), head.at(at + 9, 1)};
    at += 2 + std::max<std::size_t>(head.at(at + 2, 2), 2);
  }
}

}  // namespace

void require_same_size(const std::vector<ByteView>& fragments, std::string_view transfer_syntax,
                       const PixelForm& form) {
  if (!is_jpeg(transfer_syntax)) return;
  const auto beginning = joined(fragments, longest_head);
  const Head head(beginning);
  const auto stated = read_jpeg(head);
  if (stated.columns != form.columns || stated.rows != form.rows) {
    refuse("the code stream holds " + std::to_string(stated.columns) + " x " + std::to_string(stated.rows) +
           " pixels, the header says " + std::to_string(form.columns) + " x " + std::to_string(form.rows));
  }
  if (stated.components != 1) refuse("expected 1 component, found " + std::to_string(stated.components));
}

}  // namespace punctum
