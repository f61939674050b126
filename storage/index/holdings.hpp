#pragma once

#include <optional>

#include "storage/archive.hpp"
#include "storage/index/conditions.hpp"

namespace punctum {

/// From which side a question is opened. `rows`: another key leaves few rows, and this one is looked at in each of
/// them. `index`: this key has to find the rows. The answers are the same.
enum class OpenedBy { rows, index };

/// ModalitiesInStudy and SOPClassesInStudy: what a study contains. Nothing for other keys and for universal matching.
std::optional<SqlText> holds(const Match& match, OpenedBy side);

/// A sequence key: one and the same item must match all keys (PS3.4 C.2.2.2.6). Nothing for universal matching.
std::optional<SqlText> has_item(const Match& match, std::string_view table, OpenedBy side);

/// The SOP class of instances, which an index finds by the classes of their series.
std::optional<SqlText> is_of_class(const Match& match, OpenedBy side);

/// The distinct SOP classes and modalities of a study as SQL expressions, values separated by a backslash.
std::string modalities_of_study();
std::string sop_classes_of_study();

}  // namespace punctum
