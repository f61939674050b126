"""C-MOVE and C-GET towards strangers that take little, much, or many associations at once."""

import contextlib
import io
import itertools
import threading
import time
import unittest

import numpy as np
import pydicom
from pydicom.uid import (CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit,
                         JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, RLELossless, SegmentationStorage, generate_uid)
from pynetdicom import AE, build_role, evt
from pynetdicom.dimse_messages import C_GET_RSP, C_MOVE_RSP
from pynetdicom.sop_class import (PatientRootQueryRetrieveInformationModelGet,
                                  PatientRootQueryRetrieveInformationModelMove,
                                  StudyRootQueryRetrieveInformationModelGet,
                                  StudyRootQueryRetrieveInformationModelMove)

from clients import Pynetdicom, extended, identifier, keep, only_we_read, tool
from ct_series import Grid, write_series
from node_case import NodeCase
from servers import SOURCE, free_port
from small_objects import instance

SUCCESS, PENDING, WARNING, CANCELLED = 0x0000, 0xFF00, 0xB000, 0xFE00
UNKNOWN_DESTINATION, DOES_NOT_MATCH, ALL_FAILED = 0xA801, 0xA900, 0xA702
MOVE, GET = StudyRootQueryRetrieveInformationModelMove, StudyRootQueryRetrieveInformationModelGet
PATIENT_MOVE, PATIENT_GET = PatientRootQueryRetrieveInformationModelMove, PatientRootQueryRetrieveInformationModelGet
LONG_S, LONGEST_GAP_S = 12, 5  # of a peer that takes its time; between two signs of life meanwhile
CORNERSTONE = SOURCE.parent / "shared/data/syntax-ct-cornerstone3d"


class Receiver:
    """pynetdicom as destination; `contexts` are (class, transfer syntaxes)."""

    def __init__(self, ae_title, contexts, delay_s=0.0):
        self.ae_title, self.contexts, self.port, self.delay_s = ae_title, contexts, free_port(), delay_s
        self.received, self.lines, self.mutex = [], set(), threading.Lock()

    def keep(self, event):
        threading.Event().wait(self.delay_s)
        ds = event.dataset
        ds.file_meta = event.file_meta
        with self.mutex:
            self.received.append(ds)
            self.lines.add(id(event.assoc))
        return SUCCESS

    @contextlib.contextmanager
    def listening(self):
        ae = AE(ae_title=self.ae_title)
        for sop_class, syntaxes in self.contexts:
            ae.add_supported_context(sop_class, syntaxes)
        server = ae.start_server(("127.0.0.1", self.port), block=False, evt_handlers=[(evt.EVT_C_STORE, self.keep)])
        try:
            yield self
        finally:
            server.shutdown()


def packed(path, syntax, packer):
    """The object of a file, compressed by one of DCMTK's tools, or by pydicom where none is given."""
    if packer:
        tool(*packer, path, path)
    ds = pydicom.dcmread(path)
    if not packer:
        ds.compress(syntax, generate_instance_uid=False)
    assert ds.file_meta.TransferSyntaxUID == syntax
    return ds


def uids_of(element):
    """The values of a long list of UIDs. In Explicit VR it goes as UN, since UI has two bytes for its length (PS3.5 6.2.2),
    and pydicom does not turn what is that long back."""
    return element.value.decode().rstrip("\0").split("\\") if element.VR == "UN" else element.value


class Pulse:
    """The moments at which responses of one kind came. A handler, so it hears of them at once: pynetdicom's C-GET hands
    them out only after its own C-STORE handler has returned."""

    def __init__(self, kind):
        self.kind, self.moments = kind, [time.monotonic()]
        self.handler = (evt.EVT_DIMSE_RECV, self.feel)

    def feel(self, event):
        if isinstance(event.message, self.kind):
            self.moments.append(time.monotonic())

    def longest_gap_s(self):
        """From the request to the first response, between two, or to the last."""
        return max(later - earlier for earlier, later in itertools.pairwise(self.moments))


class Retrieval(NodeCase):
    @classmethod
    def setUpClass(cls):
        both = [ImplicitVRLittleEndian, ExplicitVRLittleEndian]
        cls.plain = Receiver("PLAIN", [(CTImageStorage, [ImplicitVRLittleEndian])])
        cls.either = Receiver("EITHER", [(CTImageStorage, both), (SegmentationStorage, both)])
        cls.wide = Receiver("WIDE", [(CTImageStorage, both)], delay_s=0.02)
        cls.slow = Receiver("SLOW", [(CTImageStorage, both)], delay_s=2.0)
        cls.slowest = Receiver("SLOWEST", [(CTImageStorage, both)], delay_s=LONG_S)
        cls.explicit = Receiver("EXPLICIT", [(CTImageStorage, [ExplicitVRLittleEndian])])
        receivers = [cls.plain, cls.either, cls.wide, cls.slow, cls.slowest, cls.explicit]
        ports = {"DEAD": free_port()} | {one.ae_title: one.port for one in receivers}
        cls.peers = {title: {"host": "127.0.0.1", "port": port} for title, port in ports.items()}
        cls.peers["WIDE"]["associations"] = 3
        super().setUpClass()
        for one in receivers:
            cls.enterClassContext(one.listening())

    def move(self, destination, study, cancel_after=None):
        """(final response, identifier of the final response, number of pending ones)"""
        ae = AE(ae_title="PYNETDICOM")
        ae.add_requested_context(MOVE)
        line = only_we_read(ae.associate(self.node.host, self.node.port, ae_title=self.node.ae_title))
        self.assertTrue(line.is_established)
        pending = 0
        try:
            for status, found in line.send_c_move(identifier("STUDY", StudyInstanceUID=study), destination, MOVE, msg_id=5):
                pending += status.Status == PENDING
                if cancel_after is not None and pending == cancel_after:
                    line.send_c_cancel(5, query_model=MOVE)
                final, last = status, found
        finally:
            line.release()
        return final, last, pending

    @staticmethod
    def of(receiver, study):
        return [ds for ds in receiver.received if ds.StudyInstanceUID == study]

    def test_the_stored_syntax_is_kept_where_the_destination_takes_it(self):
        stored = [instance(StudyInstanceUID=generate_uid()), instance(SegmentationStorage)]
        stored[1].StudyInstanceUID = stored[0].StudyInstanceUID
        self.store_in(ExplicitVRLittleEndian, stored)
        final, _, _ = self.move("EITHER", stored[0].StudyInstanceUID)
        self.assertEqual(final.Status, SUCCESS)
        came = self.of(self.either, stored[0].StudyInstanceUID)
        self.assertEqual([ds.file_meta.TransferSyntaxUID for ds in came], [ExplicitVRLittleEndian] * 2)

    def test_packed_pixels_are_unpacked_for_a_destination_that_takes_no_others(self):
        series = write_series(self.new_folder() / "ct", Grid(columns=64, rows=64, slices=3))
        pixels = {ds.SOPInstanceUID: ds.pixel_array.copy() for ds in series.slices}
        for ds in series.slices:
            ds.compress(RLELossless, generate_instance_uid=False)
        self.store_in(RLELossless, series.slices)
        final, _, _ = self.move("PLAIN", series.study)
        self.assertEqual((final.Status, final.NumberOfCompletedSuboperations), (SUCCESS, 3))
        for ds in self.of(self.plain, series.study):
            self.assertEqual(ds.file_meta.TransferSyntaxUID, ImplicitVRLittleEndian)
            np.testing.assert_array_equal(ds.pixel_array, pixels[ds.SOPInstanceUID])

    def store_in(self, syntax, datasets):
        ae = AE(ae_title="PYNETDICOM")
        for sop_class in {ds.SOPClassUID for ds in datasets}:
            ae.add_requested_context(sop_class, syntax)
        line = only_we_read(ae.associate(self.node.host, self.node.port, ae_title=self.node.ae_title))
        self.assertTrue(line.is_established)
        for ds in datasets:
            file = io.BytesIO()  # pynetdicom asks how a data set was read, not how it is labelled
            ds.save_as(file, enforce_file_format=True)
            file.seek(0)
            self.assertEqual(line.send_c_store(pydicom.dcmread(file)).Status, SUCCESS)
        line.release()

    def test_lossy_pixels_are_not_unpacked_but_named_as_failed(self):
        plain, lossy = instance(), instance(transfer_syntax=JPEGBaseline8Bit)
        lossy.StudyInstanceUID = plain.StudyInstanceUID
        self.client.store([plain])
        self.store_in(JPEGBaseline8Bit, [lossy])
        final, failed, _ = self.move("PLAIN", plain.StudyInstanceUID)
        self.assertEqual(final.Status, WARNING)
        self.assertEqual((final.NumberOfCompletedSuboperations, final.NumberOfFailedSuboperations), (1, 1))
        self.assertEqual(failed.FailedSOPInstanceUIDList, lossy.SOPInstanceUID)

    def test_several_associations_where_the_peer_likes_them(self):
        study = generate_uid()
        stored = [instance(StudyInstanceUID=study) for _ in range(40)]
        self.client.store(stored)
        final, _, _ = self.move("WIDE", study)
        self.assertEqual((final.Status, final.NumberOfCompletedSuboperations), (SUCCESS, 40))
        came = [ds.SOPInstanceUID for ds in self.of(self.wide, study)]
        self.assertEqual(sorted(came), sorted(ds.SOPInstanceUID for ds in stored))
        self.assertEqual(len(self.wide.lines), 3)

    def test_a_slow_destination_is_waited_for_aloud_and_can_be_cancelled(self):
        study = generate_uid()
        self.client.store([instance(StudyInstanceUID=study) for _ in range(6)])
        final, _, pending = self.move("SLOW", study, cancel_after=2)
        self.assertEqual(final.Status, CANCELLED)
        self.assertGreaterEqual(pending, 2)
        self.assertGreater(final.NumberOfRemainingSuboperations, 0)

    def test_an_unknown_destination_and_a_missing_key_are_refused(self):
        final, _, _ = self.move("NOBODY", generate_uid())
        self.assertEqual(final.Status, UNKNOWN_DESTINATION)
        final, _, _ = self.move("EITHER", "")
        self.assertEqual(final.Status, DOES_NOT_MATCH)

    def two_patients(self):
        """Two patients with two studies of two series of two images each, stored; the first image of all."""
        images, name = [], generate_uid()[-8:]
        for patient in (f"A-{name}", f"B-{name}"):
            for _ in range(2):
                study = generate_uid()
                for series in (generate_uid(), generate_uid()):
                    images += [instance(PatientID=patient, PatientName=f"Doe^{patient}", StudyInstanceUID=study,
                                        SeriesInstanceUID=series) for _ in range(2)]
        self.client.store(images)
        return images[0]

    @staticmethod
    def levels(model, one):
        """(level, unique keys, number of images) of both roots."""
        patient = {"PatientID": one.PatientID} if model in (PATIENT_MOVE, PATIENT_GET) else {}
        study = {**patient, "StudyInstanceUID": one.StudyInstanceUID}
        series = {**study, "SeriesInstanceUID": one.SeriesInstanceUID}
        image = {**series, "SOPInstanceUID": one.SOPInstanceUID}
        return ([("PATIENT", patient, 8)] if patient else []) + [("STUDY", study, 4), ("SERIES", series, 2), ("IMAGE", image, 1)]

    def test_every_level_of_both_roots_moves_what_it_names(self):
        one = self.two_patients()
        for model in (PATIENT_MOVE, MOVE):
            for level, keys, count in self.levels(model, one):
                with self.subTest(model=model.name, level=level), self.client.association([model]) as line:
                    self.either.received.clear()
                    answers = list(line.send_c_move(identifier(level, **keys), "EITHER", model))
                    self.assertEqual(answers[-1][0].Status, SUCCESS)
                    self.assertEqual(answers[-1][0].NumberOfCompletedSuboperations, count)
                    self.assertEqual(len({ds.SOPInstanceUID for ds in self.either.received}), count)

    def test_every_level_of_both_roots_gets_what_it_names(self):
        one = self.two_patients()
        for model in (PATIENT_GET, GET):
            for level, keys, count in self.levels(model, one):
                with self.subTest(model=model.name, level=level):
                    received = []
                    roles, handlers = [build_role(CTImageStorage, scp_role=True)], [(evt.EVT_C_STORE, keep, [received])]
                    with self.client.association([model, CTImageStorage], roles, handlers) as line:
                        answers = list(line.send_c_get(identifier(level, **keys), model))
                    self.assertEqual(answers[-1][0].Status, SUCCESS)
                    self.assertEqual(len({ds.SOPInstanceUID for ds in received}), count)

    def test_relational_retrieval_moves_and_gets_by_a_lower_key_alone(self):
        one = self.two_patients()
        for model in (PATIENT_MOVE, MOVE, PATIENT_GET, GET):
            for level, keys, count in [("SERIES", {"SeriesInstanceUID": one.SeriesInstanceUID}, 2),
                                       ("IMAGE", {"SOPInstanceUID": one.SOPInstanceUID}, 1)]:
                with self.subTest(model=model.name, level=level):
                    self.assertEqual(self.retrieve(model, level, keys), (DOES_NOT_MATCH, None, set()))
                    status, agreed, came = self.retrieve(model, level, keys, b"\x01")
                    self.assertEqual((status, agreed, len(came)), (SUCCESS, b"\x01", count))
                    self.assertIn(one.SOPInstanceUID, came)

    def retrieve(self, model, level, keys, negotiate=None):
        """(final status, what was negotiated, SOP Instance UIDs that came) of a C-MOVE to EITHER, or of a C-GET."""
        got, moves = [], model in (PATIENT_MOVE, MOVE)
        self.either.received.clear()
        items = [build_role(CTImageStorage, scp_role=True)] + ([extended(model, negotiate)] if negotiate else [])
        with self.client.association([model, CTImageStorage], items, [(evt.EVT_C_STORE, keep, [got])]) as line:
            wanted = identifier(level, **keys)
            *_, (final, _) = line.send_c_move(wanted, "EITHER", model) if moves else line.send_c_get(wanted, model)
            agreed = line.acceptor.sop_class_extended.get(model)
        return final.Status, agreed, {ds.SOPInstanceUID for ds in (self.either.received if moves else got)}

    def test_a_peer_that_takes_long_over_one_object_does_not_silence_a_move(self):
        study = generate_uid()
        self.client.store([instance(StudyInstanceUID=study)])
        pulse = Pulse(C_MOVE_RSP)
        with self.client.association([MOVE], handlers=[pulse.handler]) as line:
            *_, (final, _) = line.send_c_move(identifier("STUDY", StudyInstanceUID=study), "SLOWEST", MOVE)
        self.assertEqual(final.Status, SUCCESS)
        self.assert_was_told(pulse)

    def test_a_requestor_that_takes_long_over_one_object_does_not_silence_a_get(self):
        study = generate_uid()
        self.client.store([instance(StudyInstanceUID=study)])
        pulse = Pulse(C_GET_RSP)
        slowest = Receiver("SLOWEST", [], delay_s=LONG_S)
        with self.client.association([GET, CTImageStorage], [build_role(CTImageStorage, scp_role=True)],
                                     [pulse.handler, (evt.EVT_C_STORE, slowest.keep)]) as line:
            *_, (final, _) = line.send_c_get(identifier("STUDY", StudyInstanceUID=study), GET)
        self.assertEqual((final.Status, len(slowest.received)), (SUCCESS, 1))
        self.assert_was_told(pulse)

    def assert_was_told(self, pulse):
        self.assertGreaterEqual(pulse.moments[-1] - pulse.moments[0], LONG_S)
        self.assertLessEqual(pulse.longest_gap_s(), LONGEST_GAP_S)

    def test_a_long_list_of_failed_objects_can_be_read(self):
        study = generate_uid()
        stored = [instance(StudyInstanceUID=study) for _ in range(2000)]
        self.client.store(stored)
        for syntax in (ImplicitVRLittleEndian, ExplicitVRLittleEndian):
            with self.subTest(syntax.name), self.client.association([(MOVE, syntax)]) as line:
                *_, (final, failed) = line.send_c_move(identifier("STUDY", StudyInstanceUID=study), "DEAD", MOVE)
                self.assertEqual((final.Status, final.NumberOfFailedSuboperations), (ALL_FAILED, 2000))
                uids = uids_of(failed["FailedSOPInstanceUIDList"])
                self.assertEqual(sorted(uids), sorted(ds.SOPInstanceUID for ds in stored))

    def test_get_can_be_cancelled(self):
        study = generate_uid()
        self.client.store([instance(StudyInstanceUID=study) for _ in range(12)])
        received, line = [], None

        def slowly(event):
            received.append(event.request.AffectedSOPInstanceUID)
            if len(received) == 2:
                line.send_c_cancel(7, query_model=GET)
            threading.Event().wait(0.1)
            return SUCCESS

        ae = AE(ae_title="PYNETDICOM")
        ae.add_requested_context(GET)
        ae.add_requested_context(CTImageStorage)
        line = ae.associate(self.node.host, self.node.port, ae_title=self.node.ae_title,
                            ext_neg=[build_role(CTImageStorage, scp_role=True)], evt_handlers=[(evt.EVT_C_STORE, slowly)])
        self.assertTrue(line.is_established)
        answers = list(line.send_c_get(identifier("STUDY", StudyInstanceUID=study), GET, msg_id=7))
        line.release()
        self.assertEqual(answers[-1][0].Status, CANCELLED)
        self.assertGreater(answers[-1][0].NumberOfRemainingSuboperations, 0)
        self.assertLess(len(received), 12)

    def test_lossless_jpeg_2000_is_unpacked_to_the_last_bit(self):
        if not CORNERSTONE.exists():
            self.skipTest(f"no {CORNERSTONE}")
        packed = pydicom.dcmread(CORNERSTONE / "CTImage.dcm_JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90.dcm")
        native = pydicom.dcmread(CORNERSTONE / "CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm")
        packed.StudyInstanceUID = generate_uid()
        packed.SOPInstanceUID = packed.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        self.store_in(JPEG2000Lossless, [packed])
        final, _, _ = self.move("PLAIN", packed.StudyInstanceUID)
        self.assertEqual((final.Status, final.NumberOfCompletedSuboperations), (SUCCESS, 1))
        (came,) = self.of(self.plain, packed.StudyInstanceUID)
        self.assertEqual(came.file_meta.TransferSyntaxUID, ImplicitVRLittleEndian)
        self.assertEqual(came.PixelData, native.PixelData)

    def test_lossless_jpeg_and_jpeg_ls_are_unpacked_to_the_last_bit(self):
        for syntax, packer in [(JPEGLossless, ["dcmcjpeg", "+el"]), (JPEGLosslessSV1, ["dcmcjpeg", "+e1"]),
                               (JPEGLSLossless, ["dcmcjpls"]), (JPEGLSLossless, None)]:
            with self.subTest(syntax=syntax.name, packer=packer or "pyjpegls"):
                series = write_series(self.new_folder() / "ct", Grid(columns=61, rows=47, slices=2))
                native = {ds.SOPInstanceUID: ds.PixelData for ds in series.slices}
                self.store_in(syntax, [packed(path, syntax, packer) for path in series.folder.iterdir()])
                final, _, _ = self.move("EXPLICIT", series.study)
                self.assertEqual((final.Status, final.NumberOfCompletedSuboperations), (SUCCESS, 2))
                came = self.of(self.explicit, series.study)
                self.assertEqual({ds.file_meta.TransferSyntaxUID for ds in came}, {ExplicitVRLittleEndian})
                self.assertEqual({ds.SOPInstanceUID: ds.PixelData for ds in came}, native)

    def test_get_unpacks_too(self):
        series = write_series(self.new_folder() / "ct", Grid(columns=64, rows=64, slices=2))
        for ds in series.slices:
            ds.compress(RLELossless, generate_instance_uid=False)
        self.store_in(RLELossless, series.slices)
        received = Pynetdicom(self.node).get("STUDY", StudyInstanceUID=series.study)
        self.assertEqual(len(received), 2)
        self.assertNotIn(RLELossless, {ds.file_meta.TransferSyntaxUID for ds in received})

    def test_get_names_what_the_requestor_does_not_take(self):
        image, segmentation = instance(), instance(SegmentationStorage)
        segmentation.StudyInstanceUID = image.StudyInstanceUID
        self.client.store([image, segmentation])
        ae = AE(ae_title="PYNETDICOM")
        ae.add_requested_context(GET)
        ae.add_requested_context(CTImageStorage)
        line = ae.associate(self.node.host, self.node.port, ae_title=self.node.ae_title,
                            ext_neg=[build_role(CTImageStorage, scp_role=True)],
                            evt_handlers=[(evt.EVT_C_STORE, lambda event: SUCCESS)])
        answers = list(line.send_c_get(identifier("STUDY", StudyInstanceUID=image.StudyInstanceUID), GET))
        line.release()
        self.assertEqual(answers[-1][0].Status, WARNING)
        self.assertEqual(answers[-1][1].FailedSOPInstanceUIDList, segmentation.SOPInstanceUID)


if __name__ == "__main__":
    unittest.main()
