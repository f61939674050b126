#pragma once

#include "dicom/net/services.hpp"

namespace punctum {

/// One line for each association that came, went or was turned away. Any thread.
void log_association(const AssociationEvent& event);

}  // namespace punctum
