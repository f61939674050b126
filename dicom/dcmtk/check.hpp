#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/ofstd/ofcond.h>

#include <string_view>

namespace punctum {

/// Turns a failed OFCondition into a DicomError "cannot DOING: REASON". OFCondition is not [[nodiscard]], so every
/// DCMTK call that returns one goes through here.
void check(const OFCondition& condition, std::string_view doing);

}  // namespace punctum
