#pragma once

#include <compare>

#include "dicom/types/uid.hpp"

namespace punctum {

/// The full name of a composite object: where it belongs, what it is, which one it is (PS3.3 A.1.2).
struct SopInstance {
  Uid study_instance_uid;
  Uid series_instance_uid;
  Uid sop_instance_uid;
  Uid sop_class_uid;
  auto operator<=>(const SopInstance&) const = default;
};

}  // namespace punctum
