#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcitem.h>

#include <string>
#include <string_view>

#include "dicom/modules/source_headers.hpp"
#include "dicom/types/uid.hpp"

namespace punctum {

/// The series that a derived object stands in.
struct DerivedSeries {
  std::string_view modality;  ///< "SEG", "SR"
  Uid series_instance_uid;
  int series_number = 1;
  std::string description;  ///< already in the object's character set
  std::string date, time;   ///< DA and TM; of the series and of its only instance
};

/// General Series (PS3.3 C.7.3.1), except what only images have.
void put_series(DcmItem& derived, const DerivedSeries& series);

/// Body part and its side, where the source names them.
void put_body_part(DcmItem& derived, const SourceSeries::Headers& source);

/// Frame of Reference (PS3.3 C.7.4.1).
void put_frame_of_reference(DcmItem& derived, const SourceSeries::Headers& source);

/// Enhanced General Equipment (PS3.3 C.7.5.2): this node.
void put_equipment(DcmItem& derived, std::string_view device_serial_number, std::string_view software_version);

/// SOP Common (PS3.3 C.12.1) but for the character set.
void put_sop_common(DcmItem& derived, std::string_view sop_class, const Uid& sop_instance, const std::string& date,
                    const std::string& time);

/// base + the source's Series Number, or base alone where that is absent or strange.
int series_number_beside(const SourceSeries::Headers& source, int base);

inline constexpr std::string_view manufacturer = "Punctum";
inline constexpr std::string_view model_name = "Punctum node";

}  // namespace punctum
