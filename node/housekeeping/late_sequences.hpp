#pragma once

#include <functional>
#include <optional>

#include "storage/upkeep.hpp"

namespace punctum {

/// What the data set of a stored file says in the sequences that can be asked for (storage/sequence_keys.hpp). Reads no
/// more of it than has to be read. Nothing where the file cannot be read or understood. Any thread.
std::optional<SequenceTexts> sequences_in(const StoredFile& file);

/// Has Upkeep look into a few series that were stored before sequences could be asked for, while `go_on` says yes.
/// @return whether all are done. One thread.
bool read_some_late_sequences(Upkeep& upkeep, const std::function<bool()>& go_on);

}  // namespace punctum
