#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/ct_slice_builder.hpp"

class DcmDataset;

namespace punctum::test {

/// One Graphic Object as a test wants it; the defaults are what a conforming viewer writes for a click.
struct TestGraphic {
  std::string type = "POINT";
  std::optional<std::string> units = "PIXEL";
  std::optional<int> dimensions = 2;
  std::optional<int> point_count = 1;
  std::vector<float> data;
  std::optional<std::string> tracking_uid, tracking_id;
  std::optional<int> group;
};

/// One item of the Graphic Annotation Sequence.
struct TestAnnotation {
  std::optional<std::string> layer = "CLICKS";
  std::vector<TestSlice> images;  ///< written as Referenced Image Sequence; none: the sequence is left out
  std::optional<int> frame;       ///< Referenced Frame Number of every image above
  std::vector<TestGraphic> graphics;
  bool with_empty_text_sequence = false;  ///< as Weasis writes it
};

/// Builds a Grayscale Softcopy Presentation State (PS3.3 A.33.1) with the clicks of a test, good or bad.
class GspsBuilder {
 public:
  /// Adds the image to the top-level Referenced Series Sequence and makes it the one that later points are drawn on.
  GspsBuilder& refers_to(const TestSlice& slice);
  GspsBuilder& point(double column, double row);           ///< a positive click on the image last referred to
  GspsBuilder& negative_point(double column, double row);  ///< the same in layer NEGATIVE
  GspsBuilder& annotation(TestAnnotation annotation);      ///< any shape; does not touch the top-level list
  GspsBuilder& tracking(std::string uid, std::string id);  ///< written on every point added after this
  GspsBuilder& references_only_at_top_level();             ///< point() writes no Referenced Image Sequence (Weasis)
  GspsBuilder& creator(std::string name);
  GspsBuilder& instance(int number);  ///< the SOP Instance UID is derived from it
  GspsBuilder& sop_class(std::string uid);
  GspsBuilder& edit(std::function<void(DcmDataset&)> change);  ///< last word on the data set

  Part10File build_file() const;
  Bytes build() const { return build_file().bytes; }

 private:
  GspsBuilder& add_point(double column, double row, const std::string& layer);
  std::vector<TestSlice> referenced_;
  std::vector<TestAnnotation> annotations_;
  std::optional<std::string> tracking_uid_, tracking_id_;
  bool only_top_level_ = false;
  std::string creator_ = "READER^ONE", sop_class_;
  int instance_ = 1;
  std::vector<std::function<void(DcmDataset&)>> edits_;
};

}  // namespace punctum::test
