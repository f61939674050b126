"""What the node makes of a click, read by foreign libraries: one mask, one place, one report, on every grid."""

import unittest

import highdicom as hd
import presentation_states
from ct_series import GRIDS
from node_case import NodeCase
from seg_readers import READERS, by_pydicom
from test_foreign_clicks import walk

ATTRIBUTES = {"Shape", "Density", "Heterogeneity", "Surface", "Invasion"}
VOLUME, LONG_AXIS, SHORT_AXIS, ATTENUATION, VOXELS = "118565006", "103339001", "103340004", "112031", "130923"


class Results(NodeCase):
    def test_readers_agree_on_every_grid_and_the_report_counts_the_same_voxels(self):
        for name, grid in GRIDS.items():
            with self.subTest(grid=name):
                series = self.new_series(grid)
                self.client.store([presentation_states.plain([series.clicked()])])
                (seg_series,), (sr_series,) = self.wait_for_results(series.study)
                folder = self.new_folder()
                seg, report = self.fetch(series.study, seg_series), self.fetch(series.study, sr_series)
                seg.save_as(folder / "seg.dcm", enforce_file_format=True)
                report.save_as(folder / "sr.dcm", enforce_file_format=True)

                mask = by_pydicom(folder / "seg.dcm", series.slices)[1]
                self.assertTrue(mask.any())
                for reader, read in READERS.items():
                    with self.subTest(grid=name, reader=reader):
                        self.assertTrue((read(folder / "seg.dcm", series.slices)[1] == mask).all())
                self.assert_report_is_about(report, int(mask.sum()), grid)
                self.assert_highdicom_reads(folder / "sr.dcm", seg)

    def assert_report_is_about(self, report, voxels, grid):
        numbers = measurements(report)
        voxel_mm3 = grid.column_spacing * grid.row_spacing * grid.slice_spacing
        self.assertEqual(numbers[VOXELS], voxels)
        self.assertAlmostEqual(numbers[VOLUME], voxels * voxel_mm3, delta=1e-4 * voxels * voxel_mm3)
        self.assertGreaterEqual(numbers[LONG_AXIS], numbers[SHORT_AXIS])
        self.assertIn(ATTENUATION, numbers)

    def assert_highdicom_reads(self, path, seg):
        report = hd.sr.srread(path)
        (group,) = report.content.get_volumetric_roi_measurement_groups()
        self.assertEqual(group.tracking_uid, seg.SegmentSequence[0].TrackingUID)
        (segment, _) = group.referenced_segment  # and the series that it was drawn on
        self.assertEqual(segment.ReferencedSOPSequence[0].ReferencedSOPInstanceUID, seg.SOPInstanceUID)
        self.assertEqual({evaluation.name.meaning for evaluation in group.get_qualitative_evaluations()} & ATTRIBUTES,
                         ATTRIBUTES)


def measurements(report):
    """{concept code: value} of all numbers in the measurement group; of several with one name the first."""
    found = {}
    for item in walk(report):
        if item.get("ValueType") == "NUM" and item.RelationshipType == "CONTAINS":
            value = float(item.MeasuredValueSequence[0].NumericValue)
            found.setdefault(item.ConceptNameCodeSequence[0].CodeValue, value)
    return found


if __name__ == "__main__":
    unittest.main()
