#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace punctum {

/// What an operator should know of, by kind. Stable words: scripts filter by them.
namespace event_kind {
inline constexpr std::string_view identity_conflict =
    "identity_conflict";  ///< refused: other content under a UID, or another than was announced
inline constexpr std::string_view same_content = "same_content_other_bytes";    ///< accepted: only encoded differently
inline constexpr std::string_view patient_mismatch = "patient_mismatch";        ///< one Patient ID, two people?
inline constexpr std::string_view study_inconsistent = "study_inconsistent";    ///< kept, contradicts its study
inline constexpr std::string_view series_inconsistent = "series_inconsistent";  ///< kept, contradicts its series
inline constexpr std::string_view quarantined = "quarantined";                  ///< bytes that could not be understood
inline constexpr std::string_view damaged = "damaged";                          ///< a stored file is not what it was
inline constexpr std::string_view healed = "healed";                            ///< and is again
inline constexpr std::string_view replaced = "replaced";  ///< a lost or damaged one, by one with other bytes
inline constexpr std::string_view disk_low = "disk_low";
inline constexpr std::string_view disk_recovered = "disk_recovered";
inline constexpr std::string_view study_deleted = "study_deleted";
inline constexpr std::string_view deletion_held =
    "deletion_held";  ///< a rule wanted to delete, something was undelivered
}  // namespace event_kind

/// No patient text in any field: UIDs, AE titles, names of attributes.
struct Event {
  std::string kind;
  std::string sop_instance_uid{}, study_instance_uid{};
  std::string source_ae_title{};
  std::string detail{};
  std::int64_t times = 1;  ///< the same again counts up
  std::int64_t first_utc_ms = 0, last_utc_ms = 0;
};

/// Events that survive a restart, at most 50,000 of them: the oldest make room. Any thread.
class EventStore {
 public:
  virtual ~EventStore() = default;
  virtual void add(const Event& event) = 0;
  virtual std::vector<Event> list(std::size_t limit) const = 0;  ///< newest first
};

}  // namespace punctum
