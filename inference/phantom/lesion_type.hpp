#pragma once

namespace punctum::phantom {

/// Types of lesions that are told apart from all others: never drawn unless asked for, so that they are new to a
/// network trained on phantoms.
enum class LesionType { usual, stone, cyst };

}  // namespace punctum::phantom
