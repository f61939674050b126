#include "dicom/net/dimse_status.hpp"

#include <algorithm>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {
constexpr std::size_t longest_comment = 64;
constexpr std::size_t long_uid = 28;  // longer than those of SOP classes and transfer syntaxes

/// The peer knows which object it is talking about; the reason is what must fit.
std::string without_long_uids(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_not_of("0123456789.", at), text.size());
    if (end - at > long_uid) {
      result += '*';
    } else {
      result.append(text, at, std::max<std::size_t>(end - at, 1));
    }
    at = std::max(end, at + 1);
  }
  return result;
}

}  // namespace

DimseStatus status_of(const std::exception_ptr& failure, Operation operation) {
  try {
    std::rethrow_exception(failure);
  } catch (const IdentityConflict& error) {
    return {status::does_not_match_sop_class, error.what()};
  } catch (const StorageError& error) {
    return {status::out_of_resources, error.what()};
  } catch (const DicomError& error) {
    return {operation == Operation::store ? status::cannot_understand : status::does_not_match_sop_class, error.what()};
  } catch (const GeometryError& error) {
    return {status::cannot_understand, error.what()};
  } catch (const Refusal& error) {
    return {status::cannot_understand, error.what()};
  } catch (const Error& error) {
    return {status::processing_failure, error.what()};
  } catch (...) {
    return {status::processing_failure, "unexpected failure"};
  }
}

std::string error_comment(const std::string& text) {
  std::string comment;
  for (const char c : text.size() > longest_comment ? without_long_uids(text) : text) {
    if (comment.size() == longest_comment) break;
    comment.push_back(c < 0x20 || c > 0x7e || c == '\\' ? '?' : c);
  }
  return comment;
}

std::string hexadecimal(std::uint16_t code) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4) text.push_back(digits[(code >> shift) & 0xf]);
  return text;
}

}  // namespace punctum
