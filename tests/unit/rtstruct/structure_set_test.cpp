#include "dicom/rtstruct/structure_set.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

const Uid frame = Uid::require("1.2.3.5"), series = Uid::require("1.2.3.4");

struct Grid {
  PatientVector row{1, 0, 0}, column{0, 1, 0}, step{0, 0, 3};
  int columns = 20, rows = 16, slices = 5;
};

/// Voxels of 1 x 1 mm on slices 3 mm apart.
SeriesGeometry grid(const Grid& g = {}) {
  std::vector<PlacedSlice> slices;
  for (int z = 0; z < g.slices; ++z) {
    const SopInstance name{Uid::require("1.2.3"), series, Uid::derived_from("slice " + std::to_string(z)),
                           Uid::require("1.2.840.10008.5.1.4.1.1.2")};
    slices.push_back({name, {PatientPoint{-10, -8, 100} + g.step * z, g.row, g.column, 1, 1, g.columns, g.rows}});
  }
  return SeriesGeometry::from_slices(std::move(slices), frame);
}

/// A rectangle whose edges run between voxel centres: it holds the voxels from first to last, both included.
Contour rectangle(const SeriesGeometry& g, double x0, double y0, double x1, double y1, double z) {
  return {g.to_patient(x0 - 0.5, y0 - 0.5, z), g.to_patient(x1 + 0.5, y0 - 0.5, z), g.to_patient(x1 + 0.5, y1 + 0.5, z),
          g.to_patient(x0 - 0.5, y1 + 0.5, z)};
}

StructureSet set_of(std::vector<Contour> contours) {
  return {{series}, {{7, "GTV", frame, std::move(contours)}, {8, "BODY", frame, {}}}};
}

bool holds(const LesionMask& mask, int x, int y, int z) {
  const auto& g = mask.geometry;
  return mask.voxels[static_cast<std::size_t>((z * g.rows() + y) * g.columns() + x)] != 0;
}

TEST(Contours, HoldTheVoxelsWhoseCentresTheyEnclose) {
  const auto g = grid();
  const auto mask = rasterize(set_of({rectangle(g, 3, 4, 7, 6, 2)}), "GTV", g);
  EXPECT_EQ(mask.count(), 15U);
  EXPECT_TRUE(holds(mask, 3, 4, 2));
  EXPECT_TRUE(holds(mask, 7, 6, 2));
  EXPECT_FALSE(holds(mask, 8, 6, 2));
  EXPECT_FALSE(holds(mask, 3, 4, 1));
}

TEST(Contours, WithinAnotherAreHoles) {
  const auto g = grid();
  const auto mask = rasterize(set_of({rectangle(g, 2, 2, 9, 9, 0), rectangle(g, 4, 4, 6, 6, 0)}), "GTV", g);
  EXPECT_EQ(mask.count(), 64U - 9U);
  EXPECT_FALSE(holds(mask, 5, 5, 0));
}

TEST(Contours, ThroughVoxelCentresCountSharedEdgesOnce) {
  const auto g = grid();
  const Contour left{g.to_patient(2, 2, 0), g.to_patient(6, 2, 0), g.to_patient(6, 8, 0), g.to_patient(2, 8, 0)};
  const Contour right{g.to_patient(6, 2, 0), g.to_patient(10, 2, 0), g.to_patient(10, 8, 0), g.to_patient(6, 8, 0)};
  EXPECT_EQ(rasterize(set_of({left, right}), "GTV", g).count(), 8U * 6U);
}

TEST(Contours, OfARoundShapeHaveItsArea) {
  const auto g = grid();
  Contour circle;
  for (int i = 0; i < 360; ++i) {
    const double a = i * 3.14159265358979 / 180;
    circle.push_back(g.to_patient(9.3 + 6 * std::cos(a), 7.6 + 6 * std::sin(a), 3));
  }
  EXPECT_NEAR(static_cast<double>(rasterize(set_of({circle}), "GTV", g).count()), 113.1, 3);
}

TEST(Contours, FitObliqueAndTiltedSeries) {
  const double c = std::cos(0.4), s = std::sin(0.4);
  Grid oblique;
  oblique.row = {c, s, 0};
  oblique.column = {-s, c, 0};
  Grid coronal;
  coronal.column = {0, 0, -1};
  coronal.step = {0, 3, 0};
  Grid tilted;
  tilted.step = {0, 0.8, 3};
  for (const auto& shape : {oblique, coronal, tilted}) {
    const auto g = grid(shape);
    const auto mask = rasterize(set_of({rectangle(g, 3, 4, 7, 6, 2)}), "GTV", g);
    EXPECT_EQ(mask.count(), 15U);
    EXPECT_TRUE(holds(mask, 7, 6, 2));
  }
}

TEST(Contours, AreRefusedWhereTheyDoNotFitTheSeries) {
  const auto g = grid();
  const auto message = [&](const StructureSet& structures) {
    return PUNCTUM_MESSAGE_OF(GeometryError, rasterize(structures, "GTV", g));
  };
  EXPECT_THAT(message(set_of({rectangle(g, 3, 4, 7, 6, 1.5)})), testing::HasSubstr("1.50 mm from the nearest slice"));
  EXPECT_THAT(message(set_of({rectangle(g, 3, 4, 7, 6, 6)})), testing::HasSubstr("6.00 mm beyond the series"));
  EXPECT_THAT(message(set_of({rectangle(g, 3, 4, 7, 6, -1)})), testing::HasSubstr("3.00 mm beyond the series"));
  auto across = rectangle(g, 3, 4, 7, 6, 1);
  across[2] = g.to_patient(7.5, 6.5, 2);
  EXPECT_THAT(message(set_of({across})), testing::HasSubstr("runs across the slices over 3.00 mm"));
  auto elsewhere = set_of({rectangle(g, 3, 4, 7, 6, 1)});
  elsewhere.rois[0].frame_of_reference_uid = Uid::require("1.9");
  EXPECT_THAT(message(elsewhere), testing::HasSubstr("frame of reference 1.9"));
  auto other_series = set_of({rectangle(g, 3, 4, 7, 6, 1)});
  other_series.series = {Uid::require("1.8")};
  EXPECT_THAT(message(other_series), testing::HasSubstr("drawn on series 1.8"));
}

TEST(Contours, AreRefusedWithoutAUniqueRegion) {
  const auto g = grid();
  auto structures = set_of({rectangle(g, 3, 4, 7, 6, 1)});
  EXPECT_THROW(rasterize(structures, "PTV", g), DicomError);
  EXPECT_THROW(rasterize(structures, "BODY", g), DicomError);
  structures.rois[1].name = "GTV";
  EXPECT_THROW(rasterize(structures, "GTV", g), DicomError);
}

// --- the object itself ---

void put(DcmItem& item, const DcmTagKey& tag, const std::string& value) {
  check(item.putAndInsertString(tag, value.c_str()), "put a test value");
}

DcmItem& new_item(DcmItem& parent, const DcmTagKey& sequence) {
  DcmItem* item = nullptr;
  check(parent.findOrCreateSequenceItem(sequence, item, -2), "add a test item");
  return *item;
}

struct TestContour {
  std::string type = "CLOSED_PLANAR", data = "0\\0\\100\\5\\0\\100\\5\\5\\100";
};

Bytes object_with(const std::vector<TestContour>& contours,
                  const std::string& sop_class = "1.2.840.10008.5.1.4.1.1.481.3") {
  DcmDataset data;
  put(data, DCM_SOPClassUID, sop_class);
  put(data, DCM_SOPInstanceUID, "1.2.3.9");
  put(data, DCM_StudyInstanceUID, "1.2.3");
  put(data, DCM_SeriesInstanceUID, "1.2.3.6");
  auto& reference = new_item(data, DCM_ReferencedFrameOfReferenceSequence);
  put(reference, DCM_FrameOfReferenceUID, frame.str());
  auto& study = new_item(reference, DCM_RTReferencedStudySequence);
  put(new_item(study, DCM_RTReferencedSeriesSequence), DCM_SeriesInstanceUID, series.str());
  auto& roi = new_item(data, DCM_StructureSetROISequence);
  put(roi, DCM_ROINumber, "7");
  put(roi, DCM_ROIName, "GTV");
  put(roi, DCM_ReferencedFrameOfReferenceUID, frame.str());
  auto& drawn = new_item(data, DCM_ROIContourSequence);
  put(drawn, DCM_ReferencedROINumber, "7");
  for (const auto& contour : contours) {
    auto& item = new_item(drawn, DCM_ContourSequence);
    put(item, DCM_ContourGeometricType, contour.type);
    put(item, DCM_ContourData, contour.data);
  }
  return to_part10(data).bytes;
}

TEST(StructureSet, ReadsRegionsAndWhatTheyWereDrawnOn) {
  const auto structures = read_structure_set(object_with({{}, {"POINT", "1\\2\\3"}}));
  EXPECT_EQ(structures.series, std::vector{series});
  ASSERT_EQ(structures.rois.size(), 1U);
  EXPECT_EQ(structures.rois[0].name, "GTV");
  ASSERT_EQ(structures.rois[0].contours.size(), 1U);
  EXPECT_THAT(structures.rois[0].contours[0][1], test::IsNearMm(5, 0, 100));
}

TEST(StructureSet, RefusesOtherObjectsAndDamagedContours) {
  EXPECT_THROW(read_structure_set(object_with({{}}, "1.2.840.10008.5.1.4.1.1.2")), DicomError);
  EXPECT_THROW(read_structure_set(object_with({{"CLOSED_PLANAR", "0\\0\\100\\5\\0\\100\\5\\5"}})), DicomError);
  EXPECT_THROW(read_structure_set(object_with({{"CLOSED_PLANAR", "0\\0\\100"}})), DicomError);
  EXPECT_THROW(read_structure_set(object_with({{"CLOSED_PLANAR", "0\\0\\x\\5\\0\\100\\5\\5\\100"}})), DicomError);
}

}  // namespace
}  // namespace punctum
