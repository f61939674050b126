#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dicom/types/bytes.hpp"

namespace punctum {

/// Command Field (0000,0100), PS3.7 E.1.
namespace command {
inline constexpr std::uint16_t c_store_rq = 0x0001;
inline constexpr std::uint16_t c_get_rq = 0x0010;
inline constexpr std::uint16_t c_find_rq = 0x0020;
inline constexpr std::uint16_t c_move_rq = 0x0021;
inline constexpr std::uint16_t c_echo_rq = 0x0030;
inline constexpr std::uint16_t n_event_report_rq = 0x0100;
inline constexpr std::uint16_t n_action_rq = 0x0130;
inline constexpr std::uint16_t c_cancel_rq = 0x0fff;
inline constexpr std::uint16_t response = 0x8000;  ///< set in every response
}  // namespace command

/// Element numbers of group 0000, PS3.7 E.1.
namespace command_element {
inline constexpr std::uint16_t group_length = 0x0000;
inline constexpr std::uint16_t affected_sop_class_uid = 0x0002;
inline constexpr std::uint16_t requested_sop_class_uid = 0x0003;
inline constexpr std::uint16_t command_field = 0x0100;
inline constexpr std::uint16_t message_id = 0x0110;
inline constexpr std::uint16_t message_id_being_responded_to = 0x0120;
inline constexpr std::uint16_t move_destination = 0x0600;
inline constexpr std::uint16_t priority = 0x0700;
inline constexpr std::uint16_t command_data_set_type = 0x0800;
inline constexpr std::uint16_t status = 0x0900;
inline constexpr std::uint16_t error_comment = 0x0902;
inline constexpr std::uint16_t affected_sop_instance_uid = 0x1000;
inline constexpr std::uint16_t requested_sop_instance_uid = 0x1001;
inline constexpr std::uint16_t event_type_id = 0x1002;
inline constexpr std::uint16_t action_type_id = 0x1008;
inline constexpr std::uint16_t number_of_remaining_sub_operations = 0x1020;
inline constexpr std::uint16_t number_of_completed_sub_operations = 0x1021;
inline constexpr std::uint16_t number_of_failed_sub_operations = 0x1022;
inline constexpr std::uint16_t number_of_warning_sub_operations = 0x1023;
inline constexpr std::uint16_t move_originator_application_entity_title = 0x1030;
inline constexpr std::uint16_t move_originator_message_id = 0x1031;
}  // namespace command_element

/// The command half of a DIMSE message: a flat list of elements of group 0000 in Implicit VR Little Endian (PS3.7
/// 6.3.1). Value type.
class CommandSet {
 public:
  /// @throws DicomError if the bytes are not elements of group 0000 one after the other.
  static CommandSet parse(ByteView bytes);
  Bytes encode() const;  ///< with its group length

  std::optional<std::uint16_t> number(std::uint16_t element) const;  ///< nothing if absent or not of two bytes
  std::optional<std::string> text(std::uint16_t element) const;      ///< padding trimmed; nothing if absent or empty
  CommandSet& set(std::uint16_t element, std::uint16_t number);
  CommandSet& set_text(std::uint16_t element, std::string_view text, char padding = ' ');
  CommandSet& set_uid(std::uint16_t element, std::string_view uid) { return set_text(element, uid, '\0'); }

  std::uint16_t field() const { return number(command_element::command_field).value_or(0); }
  bool has_data_set() const;

 private:
  std::map<std::uint16_t, std::string> values_;
};

}  // namespace punctum
