#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "dicom/types/ae_title.hpp"
#include "dicom/types/patient_text.hpp"
#include "dicom/types/uid.hpp"

namespace punctum {

/// One key=value of a log line. Built only from what may stand in a log: PatientText has no conversion, on purpose.
struct LogField {
  std::string_view key;
  std::string value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const Uid& v) : key(k), value(v.str()) {}
  LogField(std::string_view k, const AeTitle& v) : key(k), value(v.str()) {}
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), value(std::to_string(v)) {}
  LogField(std::string_view k, double v);  ///< durations, as whole milliseconds or with one digit below 10
  LogField(std::string_view k, const PatientText& v) = delete;
};

enum class LogLevel { debug, info, warning, error };

/// One event, one line, on standard error:
///   2026-11-24T09:14:07.512Z INFO  job      delivered job=41 attempt=1 series=2.25.30 infer_ms=95
/// UTC time, level, room, event word, then key=value with stable keys; durations end in _ms; a value with spaces stands
/// in quotes, an empty one is left out; line breaks in foreign text are escaped. Any thread.
void log_event(LogLevel level, std::string_view room, std::string_view event,
               std::initializer_list<LogField> fields = {});

/// The line without time, as it is written. Pure.
std::string log_line(LogLevel level, std::string_view room, std::string_view event,
                     std::initializer_list<LogField> fields);

/// Lines below this level are dropped. At start: info.
void set_log_level(LogLevel least);

}  // namespace punctum
