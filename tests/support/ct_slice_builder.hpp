#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dicom/geometry/series_geometry.hpp"
#include "dicom/types/bytes.hpp"
#include "dicom/types/part10_file.hpp"

namespace punctum::test {

/// One CT image that a test made: its bytes and what a reader must find in them.
struct TestSlice {
  Part10File file;
  SlicePlane plane_;
  const SopInstance& name() const { return file.name; }
  const Uid& uid() const { return file.name.sop_instance_uid; }
  const SlicePlane& plane() const { return plane_; }
  const Bytes& bytes() const { return file.bytes; }
};

/// How the numbers lie in Pixel Data. Uncompressed, explicit little endian unless syntax says otherwise.
struct PixelForm {
  int bits_allocated = 16;
  int bits_stored = 16;
  bool is_signed = true;
  double slope = 1;
  double intercept = -1024;
  std::optional<int> padding_value;
};

/// Builds a CT Image (PS3.3 A.3) that dciodvfy accepts. UIDs are derived from the texts given, so that the same
/// builder always gives the same bytes. Every attribute can be replaced or removed afterwards.
class CtSliceBuilder {
 public:
  CtSliceBuilder& patient(std::string name, std::string id);
  CtSliceBuilder& study(const std::string& key);   ///< study UID and frame of reference are derived from it
  CtSliceBuilder& series(const std::string& key);  ///< series UID is derived from it and the study's key
  CtSliceBuilder& instance(int number);            ///< Instance Number; the SOP Instance UID is derived from it
  CtSliceBuilder& size(int columns, int rows);
  CtSliceBuilder& position_mm(double x, double y, double z);
  CtSliceBuilder& direction(PatientVector row, PatientVector column);
  CtSliceBuilder& spacing_mm(double row_spacing, double column_spacing);
  CtSliceBuilder& thickness_mm(double thickness);
  CtSliceBuilder& acquisition(int number);
  CtSliceBuilder& image_type(std::string values);  ///< "ORIGINAL\\PRIMARY\\AXIAL"
  CtSliceBuilder& pixels(PixelForm form);
  CtSliceBuilder& transfer_syntax(const std::string& uid);  ///< one of the three uncompressed ones
  CtSliceBuilder& hu(std::function<double(int x, int y)> value);
  /// Any attribute by its dictionary keyword, e.g. with("BodyPartExamined", "HEAD").
  CtSliceBuilder& with(const std::string& keyword, std::string value);
  CtSliceBuilder& without(const std::string& keyword);

  TestSlice build() const;

 private:
  std::string patient_name_ = "PHANTOM^BUILT", patient_id_ = "PHANTOM-1", study_ = "study", series_ = "series";
  int instance_ = 1;
  std::optional<int> acquisition_ = 1;
  double thickness_mm_ = 2;
  std::string image_type_ = "ORIGINAL\\PRIMARY\\AXIAL";
  std::string transfer_syntax_ = "1.2.840.10008.1.2.1";
  SlicePlane plane_{{-8, -8, 0}, {1, 0, 0}, {0, 1, 0}, 1, 1, 16, 16};
  PixelForm form_;
  std::function<double(int, int)> hu_ = [](int, int) { return 0.0; };
  std::vector<std::pair<std::string, std::string>> with_;
  std::set<std::string> without_;
};

/// A stack of slices: slice k has Instance Number k + 1 and lies k steps from the first position.
class CtSeriesBuilder {
 public:
  CtSliceBuilder slice;  ///< what all slices share; position is that of the first one

  CtSeriesBuilder& count(int slices);
  CtSeriesBuilder& step_mm(double along_normal);             ///< from slice to slice; also the thickness
  CtSeriesBuilder& step_mm(PatientVector from_one_to_next);  ///< with a shear: gantry tilt
  CtSeriesBuilder& first_position_mm(double x, double y, double z);
  CtSeriesBuilder& hu(std::function<double(int x, int y, int z)> value);
  CtSeriesBuilder& each(std::function<void(CtSliceBuilder&, int z)> change);  ///< last word on every slice

  std::vector<TestSlice> build() const;

 private:
  int count_ = 8;
  PatientVector step_{0, 0, 2};
  PatientPoint first_{-8, -8, 0};
  std::function<double(int, int, int)> hu_;
  std::function<void(CtSliceBuilder&, int)> each_;
};

/// The bytes alone, for functions that take files.
std::vector<Bytes> bytes_of(const std::vector<TestSlice>& slices);

}  // namespace punctum::test
