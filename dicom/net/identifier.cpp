#include "dicom/net/identifier.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcsequen.h>
#include <dcmtk/dcmdata/dcvr.h>
#include <dcmtk/dcmdata/dcxfer.h>

#include <algorithm>
#include <cctype>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::size_t growth = 64 * 1024;

E_TransferSyntax encoding_of(std::string_view transfer_syntax) {
  return DcmXfer(std::string(transfer_syntax).c_str()).getXfer();
}

Bytes encode(DcmDataset& dataset, std::string_view transfer_syntax) {
  const auto syntax = encoding_of(transfer_syntax);
  Bytes out;
  Bytes chunk(growth);
  DcmOutputBufferStream stream(chunk.data(), static_cast<offile_off_t>(chunk.size()));
  dataset.transferInit();
  for (;;) {
    const auto condition = dataset.write(stream, syntax, EET_ExplicitLength, nullptr);
    void* filled = nullptr;
    offile_off_t size = 0;
    stream.flushBuffer(filled, size);
    const auto* begin = static_cast<const std::byte*>(filled);
    out.insert(out.end(), begin, begin + size);
    if (condition == EC_StreamNotifyClient) continue;
    check(condition, "write an identifier");
    break;
  }
  dataset.transferEnd();
  return out;
}

bool is_key(const DcmTag& tag) {
  return tag.getElement() != 0 && tag != DCM_SpecificCharacterSet && tag != DCM_QueryRetrieveLevel;
}

void put(DcmItem& dataset, const DcmTag& tag, const std::string& value) {
  DcmElement* element = nullptr;
  check(DcmItem::newDicomElement(element, tag), "create element " + describe(tag));
  std::unique_ptr<DcmElement> owner(element);
  if (element->ident() != EVR_SQ && !value.empty()) {
    check(element->putString(value.data(), static_cast<Uint32>(value.size())), "set element " + describe(tag));
  }
  check(dataset.insert(element, OFTrue), "insert element " + describe(tag));
  (void)owner.release();
}

void put_all(DcmItem& dataset, const Identifier& elements);

void put_items(DcmItem& dataset, const DcmTag& tag, const std::vector<Identifier>& items) {
  auto sequence = std::make_unique<DcmSequenceOfItems>(tag);
  for (const auto& elements : items) {
    auto item = std::make_unique<DcmItem>();
    put_all(*item, elements);
    check(sequence->append(item.get()), "append an item to " + describe(tag));
    (void)item.release();
  }
  check(dataset.insert(sequence.get(), OFTrue), "insert element " + describe(tag));
  (void)sequence.release();
}

void put_all(DcmItem& dataset, const Identifier& elements) {
  for (const auto& element : elements) {
    const DcmTagKey key(element.group, element.element);
    if (!is_key(key)) continue;
    const auto tag = element.vr.empty() ? DcmTag(key) : DcmTag(key, DcmVR(element.vr.c_str()));
    if (element.items.empty()) {
      put(dataset, tag, element.value);
    } else {
      put_items(dataset, tag, element.items);
    }
  }
}

/// The guard has bounded how deep sequences nest.
Identifier keys_of(DcmItem& item, const Utf8Reader& reader) {
  Identifier keys;
  for (auto* at = item.nextInContainer(nullptr); at != nullptr; at = item.nextInContainer(at)) {
    auto& element = *static_cast<DcmElement*>(at);
    const auto& tag = element.getTag();
    if (!is_key(tag)) continue;
    auto& key = keys.emplace_back(
        IdentifierElement{tag.getGroup(), tag.getElement(), DcmVR(element.getVR()).getValidVRName(), {}, {}});
    if (auto* sequence = dynamic_cast<DcmSequenceOfItems*>(at)) {
      for (auto* inner : items_of(*sequence)) key.items.push_back(keys_of(*inner, reader));
    } else {
      key.value = reader.read(element).value_or("");
    }
  }
  return keys;
}

}  // namespace

DecodedIdentifier decode_identifier(ByteView bytes, std::string_view transfer_syntax, std::size_t most_elements) {
  const auto dataset = parse_dataset(bytes, Uid::require(transfer_syntax), most_elements);
  DecodedIdentifier result;
  result.level = read_text(*dataset, DCM_QueryRetrieveLevel).value_or("");
  std::ranges::transform(result.level, result.level.begin(), [](unsigned char c) { return std::toupper(c); });
  const Utf8Reader reader(*dataset);
  result.keys = keys_of(*dataset, reader);
  return result;
}

Bytes encode_match(const Identifier& match, const std::string& level, const AeTitle& retrieve_from,
                   std::string_view transfer_syntax) {
  DcmDataset dataset;
  put(dataset, DCM_SpecificCharacterSet, "ISO_IR 192");
  put(dataset, DCM_QueryRetrieveLevel, level);
  put(dataset, DCM_RetrieveAETitle, retrieve_from.str());
  put_all(dataset, match);
  return encode(dataset, transfer_syntax);
}

Bytes encode_elements(const Identifier& elements, std::string_view transfer_syntax) {
  DcmDataset dataset;
  put_all(dataset, elements);
  return encode(dataset, transfer_syntax);
}

Bytes encode_failed_list(const std::vector<Uid>& failed, std::string_view transfer_syntax) {
  std::string list;
  for (const auto& uid : failed) list += (list.empty() ? "" : "\\") + uid.str();
  DcmDataset dataset;
  put(dataset, DCM_FailedSOPInstanceUIDList, list);
  return encode(dataset, transfer_syntax);
}

}  // namespace punctum
