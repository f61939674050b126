#pragma once

#include <cstdint>
#include <exception>
#include <string>

/// What a peer is told. The only place where status numbers are (PS3.7 C; PS3.4 B.2.3, C.4.1.1.4, C.4.2.1.5,
/// C.4.3.1.4).
namespace punctum {

struct DimseStatus {
  std::uint16_t code = 0;
  std::string comment;  ///< for Error Comment (0000,0902); cut to 64 characters when sent
};

namespace status {
inline constexpr std::uint16_t success = 0x0000;
inline constexpr std::uint16_t pending = 0xff00;
inline constexpr std::uint16_t cancelled = 0xfe00;
inline constexpr std::uint16_t processing_failure = 0x0110;
inline constexpr std::uint16_t no_such_sop_instance = 0x0112;
inline constexpr std::uint16_t invalid_argument_value = 0x0115;
inline constexpr std::uint16_t invalid_sop_instance = 0x0117;
inline constexpr std::uint16_t sop_class_not_supported = 0x0122;
inline constexpr std::uint16_t no_such_action = 0x0123;
inline constexpr std::uint16_t unrecognized_operation = 0x0211;
inline constexpr std::uint16_t mistyped_argument = 0x0212;
inline constexpr std::uint16_t resource_limitation = 0x0213;
inline constexpr std::uint16_t out_of_resources = 0xa700;
inline constexpr std::uint16_t unable_to_perform_sub_operations = 0xa702;
inline constexpr std::uint16_t move_destination_unknown = 0xa801;
inline constexpr std::uint16_t does_not_match_sop_class = 0xa900;  ///< also "identifier does not match", PS3.4 C.4
inline constexpr std::uint16_t sub_operations_with_failures = 0xb000;
inline constexpr std::uint16_t cannot_understand = 0xc000;

constexpr bool is_success_or_warning(std::uint16_t code) {
  return code == success || code == 0x0001 || code == 0x0107 || code == 0x0116 || (code & 0xf000) == 0xb000;
}
/// Worth sending again later: no room, no luck. Everything else will be refused again.
constexpr bool is_transient(std::uint16_t code) {
  return (code & 0xff00) == out_of_resources || code == processing_failure || code == resource_limitation;
}
}  // namespace status

/// The one function that turns a failure into what the peer sees:
///   OutOfResources, other StorageError   A700  try again later
///   IdentityConflict                     A900  other bytes under this UID, or not the object that the command names
///   DicomError, GeometryError, Refusal   C000  cannot be understood
///   NetworkError, other Error            0110
///   any other exception                  0110  without its text, which may quote the data
/// For a C-FIND, C-MOVE or C-GET, a DicomError is the identifier's fault: A900.
enum class Operation { store, query };
DimseStatus status_of(const std::exception_ptr& failure, Operation operation);

/// At most 64 printable characters (VR LO), without backslash. What is longer loses its instance UIDs first.
std::string error_comment(const std::string& text);

/// "A700" and so on.
std::string hexadecimal(std::uint16_t code);

}  // namespace punctum
