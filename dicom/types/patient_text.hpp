#pragma once

#include <string>
#include <utility>

namespace punctum {

/// Text that identifies a person (Patient's Name, Patient ID, a reader's name). UTF-8. It has no stream operator and
/// no conversion, so that it cannot reach a log by mistake: whoever needs the text asks for it by name.
class PatientText {
 public:
  PatientText() = default;
  explicit PatientText(std::string utf8) : utf8_(std::move(utf8)) {}
  const std::string& reveal() const noexcept { return utf8_; }
  bool empty() const noexcept { return utf8_.empty(); }
  bool operator==(const PatientText&) const = default;

 private:
  std::string utf8_;
};

}  // namespace punctum
