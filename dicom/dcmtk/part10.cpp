#include "dicom/dcmtk/part10.hpp"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcmetinf.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmdata/dcwcache.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/inflate.hpp"
#include "dicom/dcmtk/structure_guard.hpp"
#include "dicom/dcmtk/whole_stream.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/implementation.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr std::size_t preamble_size = 128;
constexpr std::size_t meta_offset = preamble_size + 4;

E_TransferSyntax xfer_of(const Uid& transfer_syntax_uid) {
  const DcmXfer xfer(transfer_syntax_uid.str().c_str());
  if (xfer.getXfer() != EXS_Unknown) return xfer.getXfer();
  // A syntax that DCMTK does not know is encapsulated or private, and those are explicit little endian (PS3.5 A.4).
  return EXS_LittleEndianExplicit;
}

std::unique_ptr<DcmDataset> read_dataset(ByteView bytes, E_TransferSyntax xfer, Extent extent) {
  auto dataset = std::make_unique<DcmDataset>();
  WholeStream stream(bytes);
  dataset->transferInit();
  const auto condition = extent == Extent::whole
                             ? dataset->read(stream, xfer, EGL_noChange, stream.longest_value())
                             : dataset->readUntilTag(stream, xfer, EGL_noChange, stream.longest_value(), DCM_PixelData);
  dataset->transferEnd();
  check(condition, "parse data set");
  return dataset;
}

/// @param bytes the data set or its first part. @param size of the whole, as it came.
std::unique_ptr<DcmDataset> read_guarded(ByteView bytes, const Uid& transfer_syntax_uid, std::uint64_t size,
                                         Extent extent, std::size_t most_elements = 0) {
  if (bytes.empty()) return std::make_unique<DcmDataset>();
  StructureLimits limits;
  if (most_elements > 0) limits.elements = most_elements;
  limits.with_pixel_data = extent == Extent::whole;
  const auto xfer = xfer_of(transfer_syntax_uid);
  if (DcmXfer(xfer).getStreamCompression() != ESC_zlib) {
    guard_structure(bytes, transfer_syntax_uid, size, limits);
    return read_dataset(bytes, xfer, extent);
  }
  // What is guarded is what is parsed: DCMTK gets the inflated bytes.
  static const auto inflated_syntax = Uid::require(transfer_syntax::explicit_vr_little_endian);
  const auto inflated = inflate_dataset(bytes, limits.inflated_bytes);
  if (!inflated.complete && extent == Extent::whole) {
    throw DicomError("cannot inflate data set: it ends after " + std::to_string(inflated.bytes.size()) +
                     " inflated bytes without the end of the compressed stream");
  }
  guard_structure(inflated.bytes, inflated_syntax, inflated.complete ? inflated.bytes.size() : UINT64_MAX, limits);
  return read_dataset(inflated.bytes, EXS_LittleEndianExplicit, extent);
}

void append_u16(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::byte>(value & 0xff));
  out.push_back(static_cast<std::byte>(value >> 8));
}

void append_u32(Bytes& out, std::size_t value) {
  append_u16(out, static_cast<unsigned>(value & 0xffff));
  append_u16(out, static_cast<unsigned>(value >> 16));
}

/// One explicit VR element of group 2 with a text value, padded to even length.
void append_element(Bytes& out, unsigned element, std::string_view vr, std::string value, char padding) {
  if (value.size() % 2 != 0) value += padding;
  append_u16(out, 0x0002);
  append_u16(out, element);
  for (const char c : vr) out.push_back(static_cast<std::byte>(c));
  append_u16(out, static_cast<unsigned>(value.size()));
  for (const char c : value) out.push_back(static_cast<std::byte>(c));
}

std::uint32_t u16_at(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) | static_cast<std::uint32_t>(bytes[at + 1]) << 8;
}

std::uint32_t u32_at(ByteView bytes, std::size_t at) { return u16_at(bytes, at) | u16_at(bytes, at + 2) << 16; }

}  // namespace

Part10Layout locate_dataset(ByteView part10) {
  if (part10.size() < meta_offset || std::memcmp(part10.data() + preamble_size, "DICM", 4) != 0) {
    throw DicomError("cannot read file of " + std::to_string(part10.size()) +
                     " bytes: expected \"DICM\" after a preamble of 128 bytes (PS3.10 7.1)");
  }
  // Group 2 is always explicit little endian. Walked element by element, since the group length is not to be trusted.
  std::optional<Uid> syntax;
  std::size_t at = meta_offset;
  while (at + 8 <= part10.size() && u16_at(part10, at) == 0x0002) {
    const auto element = u16_at(part10, at + 2);
    const std::string_view vr(reinterpret_cast<const char*>(part10.data()) + at + 4, 2);
    const bool long_form = vr == "OB" || vr == "UN" || vr == "OW" || vr == "UT" || vr == "SQ";
    if (long_form && at + 12 > part10.size()) break;
    const std::size_t value = at + (long_form ? 12 : 8);
    const std::size_t length = long_form ? u32_at(part10, at + 8) : u16_at(part10, at + 6);
    if (length > part10.size() - value) {
      throw DicomError("cannot read file meta information: element " + std::to_string(element) + " says it has " +
                       std::to_string(length) + " bytes, but only " + std::to_string(part10.size() - value) +
                       " follow");
    }
    if (element == 0x0010) {
      syntax = Uid::parse(std::string_view(reinterpret_cast<const char*>(part10.data()) + value, length));
    }
    at = value + length;
  }
  if (!syntax) throw DicomError("cannot read file: no Transfer Syntax UID (0002,0010) in its file meta information");
  return {*syntax, at};
}

std::unique_ptr<DcmDataset> parse_part10(ByteView part10, Extent extent) {
  const auto layout = locate_dataset(part10);
  const auto dataset = part10.subspan(layout.dataset_offset);
  return read_guarded(dataset, layout.transfer_syntax_uid, dataset.size(), extent);
}

std::unique_ptr<DcmDataset> parse_dataset(ByteView dataset, const Uid& transfer_syntax_uid, std::size_t most_elements) {
  return read_guarded(dataset, transfer_syntax_uid, dataset.size(), Extent::whole, most_elements);
}

std::unique_ptr<DcmDataset> parse_dataset_header(ByteView head, const Uid& transfer_syntax_uid,
                                                 std::uint64_t dataset_size) {
  return read_guarded(head, transfer_syntax_uid, dataset_size, Extent::header);
}

Bytes file_meta_information(const Uid& sop_class_uid, const Uid& sop_instance_uid, const Uid& transfer_syntax_uid,
                            std::string_view source_ae_title) {
  Bytes group;
  append_u16(group, 0x0002);
  append_u16(group, 0x0001);
  for (const char c : std::string_view("OB")) group.push_back(static_cast<std::byte>(c));
  append_u16(group, 0);
  append_u32(group, 2);
  append_u16(group, 0x0100);  // File Meta Information Version: bytes 00 01
  append_element(group, 0x0002, "UI", sop_class_uid.str(), '\0');
  append_element(group, 0x0003, "UI", sop_instance_uid.str(), '\0');
  append_element(group, 0x0010, "UI", transfer_syntax_uid.str(), '\0');
  append_element(group, 0x0012, "UI", std::string(implementation::class_uid), '\0');
  append_element(group, 0x0013, "SH", std::string(implementation::version_name), ' ');
  if (!source_ae_title.empty()) append_element(group, 0x0016, "AE", std::string(source_ae_title), ' ');

  Bytes out(preamble_size);
  for (const char c : std::string_view("DICM")) out.push_back(static_cast<std::byte>(c));
  append_u16(out, 0x0002);
  append_u16(out, 0x0000);
  for (const char c : std::string_view("UL")) out.push_back(static_cast<std::byte>(c));
  append_u16(out, 4);
  append_u32(out, group.size());
  out.insert(out.end(), group.begin(), group.end());
  return out;
}

Part10File to_part10(DcmDataset& dataset, E_TransferSyntax syntax) {
  const auto name = require_sop_instance(dataset);
  const auto transfer_syntax_uid = Uid::require(DcmXfer(syntax).getXferID());
  check(dataset.chooseRepresentation(syntax, nullptr), "encode data set as " + transfer_syntax_uid.str());
  auto bytes = file_meta_information(name.sop_class_uid, name.sop_instance_uid, transfer_syntax_uid, "");
  const auto head = bytes.size();
  // Sequences with undefined length avoid a second pass that computes lengths; room for their delimiters is left.
  const auto size = static_cast<std::size_t>(dataset.calcElementLength(syntax, EET_ExplicitLength));
  bytes.resize(head + size + (1 << 16));
  DcmOutputBufferStream stream(bytes.data() + head, static_cast<offile_off_t>(bytes.size() - head));
  DcmWriteCache cache;
  dataset.transferInit();
  const auto condition = dataset.write(stream, syntax, EET_ExplicitLength, &cache, EGL_recalcGL);
  dataset.transferEnd();
  check(condition, "encode data set");
  stream.flush();  // a deflating filter still holds the end
  void* start = nullptr;
  offile_off_t filled = 0;
  stream.flushBuffer(start, filled);
  bytes.resize(head + static_cast<std::size_t>(filled));
  return {name, transfer_syntax_uid, std::move(bytes)};
}

}  // namespace punctum
