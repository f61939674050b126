"""Clicks by foreign writers, sent by foreign clients, come back as results that foreign clients fetch."""

import unittest

from pydicom.uid import generate_uid

import presentation_states
from clients import HERE, DcmjsDimse, Dcmtk, receiver, tool
from ct_series import Grid, write_series
from node_case import NodeCase
from servers import free_port

DESTINATION = "DESTINATION"
DESTINATION_PORT = free_port()


class ForeignClicks(NodeCase):
    peers = {DESTINATION: {"host": "127.0.0.1", "port": DESTINATION_PORT}}

    def assert_answers(self, series, state):
        """The results of one presentation state: a segmentation and a report that names it."""
        (seg_series,), (sr_series,) = self.wait_for_results(series.study)
        seg, report = self.fetch(series.study, seg_series), self.fetch(series.study, sr_series)
        self.assertEqual(seg.FrameOfReferenceUID, series.slices[0].FrameOfReferenceUID)
        self.assertIn(str(state), evidence(report))
        self.assertIn(str(seg.SOPInstanceUID), evidence(report))
        return seg, report

    def assert_is_only(self, expected, got):
        """The same values; the peer chose the transfer syntax."""
        self.assertEqual(len(got), 1)
        self.assertEqual(values(got[0]), values(expected))

    def test_plain_state_by_pydicom_sent_by_pynetdicom(self):
        series = self.new_series()
        state = presentation_states.plain([series.clicked()])
        self.client.store([state])
        self.assert_answers(series, state.SOPInstanceUID)

    def test_rich_state_sent_by_storescu_keeps_its_tracking_uid(self):
        series = self.new_series()
        tracking = generate_uid()
        image, x, y = series.clicked()
        away = (image, x + 25, y)
        state = presentation_states.rich([series.clicked()], tracking, negative=[away])
        Dcmtk(self.node).store([state], self.new_folder())
        seg, report = self.assert_answers(series, state.SOPInstanceUID)
        self.assertEqual(seg.SegmentSequence[0].TrackingUID, tracking)
        self.assertEqual(seg.SegmentSequence[0].TrackingID, "Knoten links")
        self.assertIn(str(tracking), uid_references(report))

    def test_weasis_like_state_sent_by_dcmjs_dimse(self):
        series = self.new_series()
        state = presentation_states.weasis_like([series.clicked()])
        DcmjsDimse(self.node).store([state], self.new_folder())
        self.assert_answers(series, state.SOPInstanceUID)

    def test_state_by_highdicom(self):
        series = self.new_series()
        state = presentation_states.highdicom([series.clicked()])
        self.client.store([state])
        self.assert_answers(series, state.SOPInstanceUID)

    def test_state_by_dcmjs_sent_by_dcmjs_dimse(self):
        series = self.new_series()
        image, x, y = series.clicked()
        folder = self.new_folder()
        image.save_as(folder / "image.dcm", enforce_file_format=True)
        tool("node", HERE / "dcmjs_gsps.mjs", folder / "image.dcm", x, y, folder / "state.dcm")
        DcmjsDimse(self.node).store_files([folder / "state.dcm"])
        (_,), (sr_series,) = self.wait_for_results(series.study)
        self.assertTrue(evidence(self.fetch(series.study, sr_series)))

    def test_state_that_arrives_before_its_images_waits_for_them(self):
        series = write_series(self.new_folder() / "ct", Grid())
        state = presentation_states.plain([series.clicked()])
        self.client.store([state])
        self.client.store(series.slices)
        self.assert_answers(series, state.SOPInstanceUID)

    def test_second_round_with_the_same_tracking_uid_names_its_predecessor(self):
        series = self.new_series()
        tracking = generate_uid()
        self.client.store([presentation_states.rich([series.clicked()], tracking)])
        _, (first,) = self.wait_for_results(series.study)
        self.client.store([presentation_states.rich([series.clicked(dx=3)], tracking)])
        _, reports = self.wait_for_results(series.study, rounds=2)
        (second,) = set(reports) - {first}
        predecessor = self.fetch(series.study, first)
        report = self.fetch(series.study, second)
        named = [str(instance.ReferencedSOPInstanceUID) for study in report.PredecessorDocumentsSequence
                 for one in study.ReferencedSeriesSequence for instance in one.ReferencedSOPSequence]
        self.assertEqual(named, [str(predecessor.SOPInstanceUID)])

    def test_every_client_fetches_the_same_objects(self):
        series = self.new_series()
        self.client.store([presentation_states.plain([series.clicked()])])
        results = dict(zip(("SEG", "SR"), (uids[0] for uids in self.wait_for_results(series.study))))
        dcmtk, dcmjs = Dcmtk(self.node), DcmjsDimse(self.node)
        self.assertEqual(self.client.echo(), 0)
        listed = {match["SeriesInstanceUID"]: match["Modality"]
                  for match in dcmtk.find("SERIES", StudyInstanceUID=series.study, Modality="", SeriesInstanceUID="")}
        self.assertEqual(listed, {match["SeriesInstanceUID"]: match["Modality"]
                                  for match in dcmjs.find("SERIES", StudyInstanceUID=series.study)})
        for modality, uid in results.items():
            self.assertEqual(listed[uid], modality)
            keys = {"StudyInstanceUID": series.study, "SeriesInstanceUID": uid}
            expected = self.fetch(series.study, uid)
            with self.subTest("getscu", modality=modality):
                self.assert_is_only(expected, dcmtk.get(self.new_folder(), "SERIES", **keys))
            if modality != "SEG":  # dcmjs-dimse 0.3.3 proposes no Segmentation Storage for C-GET
                with self.subTest("C-GET by dcmjs-dimse", modality=modality):
                    self.assert_is_only(expected, dcmjs.get(self.new_folder(), "SERIES", **keys))
            with self.subTest("C-MOVE by pynetdicom", modality=modality), receiver(DESTINATION, DESTINATION_PORT) as got:
                self.assertEqual(self.client.move(DESTINATION, "SERIES", **keys)[-1].Status, 0)
                self.assert_is_only(expected, got)
            with self.subTest("movescu", modality=modality), receiver(DESTINATION, DESTINATION_PORT) as got:
                dcmtk.move(DESTINATION, "SERIES", **keys)
                self.assert_is_only(expected, got)

    def test_images_come_back_as_they_went_in(self):
        series = self.new_series()
        received = self.client.get("STUDY", StudyInstanceUID=series.study)
        by_uid = {ds.SOPInstanceUID: ds for ds in received}
        self.assertEqual(len(received), len(series.slices))
        for sent in series.slices:
            self.assertEqual(values(by_uid[sent.SOPInstanceUID]), values(sent))


def values(ds):
    """Tags with their values, VR apart: Implicit VR does not carry it."""
    return [(element.tag, [values(item) for item in element.value] if element.VR == "SQ" else element.value)
            for element in ds if element.tag.group > 2]


def evidence(report):
    return {str(instance.ReferencedSOPInstanceUID) for study in report.CurrentRequestedProcedureEvidenceSequence
            for series in study.ReferencedSeriesSequence for instance in series.ReferencedSOPSequence}


def uid_references(report):
    return {str(item.UID) for item in walk(report) if item.get("ValueType") == "UIDREF"}


def walk(item):
    for child in item.get("ContentSequence", []):
        yield child
        yield from walk(child)


if __name__ == "__main__":
    unittest.main()
