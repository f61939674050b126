#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace punctum {

/// The time, given in, so that tests need not sleep. Milliseconds since 1970, UTC. Any thread.
using Clock = std::function<std::int64_t()>;

/// The machine's own.
Clock system_clock();

/// DICOM date and time (PS3.5 6.2, DA and TM) of a moment, in the local time of the machine.
struct DicomDateTime {
  std::string date;  ///< YYYYMMDD
  std::string time;  ///< HHMMSS.FFFFFF
};
DicomDateTime local_date_time(std::int64_t utc_ms);

/// "2026-11-24T15:04:05.123Z"
std::string iso_utc(std::int64_t utc_ms);

/// Measures how long a stage took.
class Stopwatch {
 public:
  double ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace punctum
