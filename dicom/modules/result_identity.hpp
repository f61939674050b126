#pragma once

#include <optional>
#include <string>

#include "dicom/findings/point_prompt.hpp"
#include "dicom/types/digest.hpp"

namespace punctum {

/// Who made a result and from what: everything that SEG and SR say beside the finding itself.
struct ResultIdentity {
  SopInstance presentation_state;  ///< the GSPS that asked
  LesionKey lesion;
  int round = 1;
  PatientText reader;      ///< Content Creator's Name of the GSPS; empty: device observer only
  std::string model_name;  ///< "compact"
  std::string model_version;
  Digest model_digest;               ///< of the weights
  std::string algorithm_parameters;  ///< one line, at most 64 characters a value
  std::string content_date;          ///< YYYYMMDD, local time of the node
  std::string content_time;          ///< HHMMSS.FFFFFF
  std::string device_serial_number;
  std::string software_version;
  std::optional<Uid> source_series_uid{};  ///< set where one presentation state speaks of a lesion in several series
};

/// UIDs of the results: derived from GSPS UID, lesion key and model digest, so that the same click gives the same
/// objects.
struct ResultUids {
  Uid seg_instance, seg_series, sr_instance, sr_series;
};
ResultUids result_uids(const ResultIdentity& identity);

/// Series Description of a result: "LABEL, round 2", at most 64 characters, the round never cut.
std::string result_description(const ResultIdentity& identity);
/// What Algorithm Parameters say: the caller's own, and the digest that names the weights.
std::string algorithm_parameters(const ResultIdentity& identity);

}  // namespace punctum
