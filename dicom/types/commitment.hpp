#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dicom/types/uid.hpp"

namespace punctum {

namespace sop_class {
inline constexpr std::string_view storage_commitment_push = "1.2.840.10008.1.20.1";
inline constexpr std::string_view storage_commitment_push_instance = "1.2.840.10008.1.20.1.1";  ///< well-known
}  // namespace sop_class

/// Why an object is not committed to, Failure Reason (0008,1197), PS3.3 C.14.1.1.
namespace commitment_failure {
inline constexpr std::uint16_t none = 0;
inline constexpr std::uint16_t processing_failure = 0x0110;  ///< it is there, but damaged
inline constexpr std::uint16_t no_such_object_instance = 0x0112;
inline constexpr std::uint16_t class_instance_conflict = 0x0119;
}  // namespace commitment_failure

/// An object whose keeping was asked for, and the answer. Value type.
struct CommittedObject {
  Uid sop_class_uid, sop_instance_uid;
  std::uint16_t failure_reason = commitment_failure::none;
  bool operator==(const CommittedObject&) const = default;
};

/// A Storage Commitment transaction (PS3.4 J.3).
struct Commitment {
  Uid transaction_uid;
  std::vector<CommittedObject> objects;
};

}  // namespace punctum
