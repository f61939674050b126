#pragma once

#include <string>

namespace punctum {

/// A coded entry (PS3.3 8.8). Two concepts are the same when value and scheme are; the meaning is for people.
struct CodedConcept {
  std::string value;
  std::string scheme;
  std::string meaning;
  bool operator==(const CodedConcept& other) const { return value == other.value && scheme == other.scheme; }
};

}  // namespace punctum
