#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dicom/types/coded_concept.hpp"
#include "dicom/types/uid.hpp"

class DcmItem;

/// A structured report as a tree of values (PS3.3 C.17.3): the same words for writing and for reading.
namespace punctum {

/// How an item stands to the one above it (0040,A010).
namespace relationship {
inline constexpr std::string_view contains = "CONTAINS";
inline constexpr std::string_view has_obs_context = "HAS OBS CONTEXT";
inline constexpr std::string_view has_acq_context = "HAS ACQ CONTEXT";
inline constexpr std::string_view has_concept_mod = "HAS CONCEPT MOD";
inline constexpr std::string_view has_properties = "HAS PROPERTIES";
inline constexpr std::string_view inferred_from = "INFERRED FROM";
}  // namespace relationship

struct Container {
  std::string template_id{};  ///< of DCMR (PS3.16); empty: none
};
struct Text {
  std::string text;
};
struct Code {
  CodedConcept code;
};
struct Number {
  std::string value;  ///< DS
  CodedConcept unit;
};
struct UidReference {
  Uid uid;
};
struct PersonName {
  std::string name;
};
struct Date {
  std::string date;  ///< DA
};
struct Time {
  std::string time;  ///< TM
};
struct ImageReference {
  Uid sop_class_uid;
  Uid sop_instance_uid;
  std::vector<int> segments{};  ///< Referenced Segment Number; empty: none
};
/// A value type that Punctum neither writes nor shows (SCOORD, WAVEFORM, ...).
struct Unread {
  std::string value_type;
};
using Content =
    std::variant<Container, Text, Code, Number, UidReference, PersonName, Date, Time, ImageReference, Unread>;

struct ContentItem {
  std::string relationship{};  ///< empty for the root
  CodedConcept name{};         ///< concept name; IMAGE items may have none (empty value)
  Content content{};
  std::vector<ContentItem> children{};

  ContentItem& add(std::string_view how, CodedConcept concept_name, Content what);
  const ContentItem* child(const CodedConcept& concept_name) const;  ///< the first of that name, or nothing
};

/// Writes the root's attributes into the data set and everything below it as Content Sequences. Text must be in the
/// character set of the data set. @throws DicomError
void put_content_tree(DcmItem& dataset, const ContentItem& root);

/// Reads the tree below a data set's root; text becomes UTF-8. References to other items of the tree are left out.
/// @throws DicomError naming the attribute that is missing or malformed.
ContentItem read_content_tree(DcmItem& dataset);

}  // namespace punctum
