"""Storage Commitment with pynetdicom and Orthanc, each as the one that asks and as the one that is asked."""

import contextlib
import io
import unittest

from pydicom.uid import CTImageStorage, generate_uid
from pynetdicom import AE, AllStoragePresentationContexts, build_role, evt
from pynetdicom.dimse_primitives import N_ACTION
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance

import presentation_states
from clients import only_we_read
from ct_series import Grid, write_series
from node_case import NodeCase
from orthanc_case import OrthancCase
from servers import free_port, wait_until
from small_objects import instance, item

SUCCESS, NO_SUCH_OBJECT, CLASS_CONFLICT = 0x0000, 0x0112, 0x0119
NO_SUCH_INSTANCE, INVALID_ARGUMENT, NO_SUCH_ACTION = 0x0112, 0x0115, 0x0123
ALL_KEPT, SOME_FAILED = 1, 2


def references(datasets):
    return [item(ReferencedSOPClassUID=ds.SOPClassUID, ReferencedSOPInstanceUID=ds.SOPInstanceUID) for ds in datasets]


class Reports(list):
    """What N-EVENT-REPORTs said: (event type, transaction, kept instances, {failed instance: reason})."""

    def take(self, event):
        ds = event.event_information
        kept = {str(one.ReferencedSOPInstanceUID) for one in ds.get("ReferencedSOPSequence", [])}
        failed = {str(one.ReferencedSOPInstanceUID): one.FailureReason for one in ds.get("FailedSOPSequence", [])}
        self.append((event.event_type, str(ds.TransactionUID), kept, failed))
        return SUCCESS, None


class Modality:
    """pynetdicom that asks, and that listens for the answer under a title that the node knows."""

    def __init__(self, node, ae_title, port):
        self.node, self.ae_title, self.port, self.reports = node, ae_title, port, Reports()

    @contextlib.contextmanager
    def listening(self):
        ae = AE(ae_title=self.ae_title)
        ae.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)  # what the requestor may be
        server = ae.start_server(("127.0.0.1", self.port), block=False,
                                 evt_handlers=[(evt.EVT_N_EVENT_REPORT, self.reports.take)])
        try:
            yield self
        finally:
            server.shutdown()

    def ask(self, datasets, keep_open_s=0):
        """(status, transaction UID) of an N-ACTION; the association stays for that long."""
        ae = AE(ae_title=self.ae_title)
        ae.add_requested_context(StorageCommitmentPushModel)
        line = ae.associate(self.node.host, self.node.port, ae_title=self.node.ae_title,
                            evt_handlers=[(evt.EVT_N_EVENT_REPORT, self.reports.take)])
        assert only_we_read(line).is_established  # an N-EVENT-REPORT goes another way
        try:
            transaction = generate_uid()
            wanted = item(TransactionUID=transaction, ReferencedSOPSequence=references(datasets))
            status, _ = line.send_n_action(wanted, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance)
            if keep_open_s:
                wait_until(lambda: self.reports, "a report on the same association", keep_open_s)
            return status.Status, str(transaction)
        finally:
            line.release()


class AskedByPynetdicom(NodeCase):
    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.peers = {"MODALITY": {"host": "127.0.0.1", "port": cls.port}}
        super().setUpClass()

    def test_what_is_kept_is_reported_on_a_new_association(self):
        images = [instance() for _ in range(3)]
        self.client.store(images)
        with Modality(self.node, "MODALITY", self.port).listening() as modality:
            status, transaction = modality.ask(images)
            self.assertEqual(status, SUCCESS)
            wait_until(lambda: modality.reports, "the report")
            self.assertEqual(modality.reports, [(ALL_KEPT, transaction, {str(ds.SOPInstanceUID) for ds in images}, {})])

    def test_what_is_not_kept_is_named_with_its_reason(self):
        here, lost, renamed = instance(), instance(), instance()
        self.client.store([here, renamed])
        renamed.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
        with Modality(self.node, "MODALITY", self.port).listening() as modality:
            _, transaction = modality.ask([here, lost, renamed])
            wait_until(lambda: modality.reports, "the report")
            self.assertEqual(modality.reports, [(SOME_FAILED, transaction, {str(here.SOPInstanceUID)}, {
                str(lost.SOPInstanceUID): NO_SUCH_OBJECT, str(renamed.SOPInstanceUID): CLASS_CONFLICT})])

    def test_a_stranger_is_answered_where_it_asked(self):
        image = instance()
        self.client.store([image])
        stranger = Modality(self.node, "STRANGER", 0)
        status, transaction = stranger.ask([image], keep_open_s=20)
        self.assertEqual(status, SUCCESS)
        self.assertEqual(stranger.reports, [(ALL_KEPT, transaction, {str(image.SOPInstanceUID)}, {})])

    def test_a_request_that_is_none_is_refused_by_its_fault(self):
        kept, model = instance(), StorageCommitmentPushModel
        self.client.store([kept])
        whole = item(TransactionUID=generate_uid(), ReferencedSOPSequence=references([kept]))
        nameless, empty = item(ReferencedSOPSequence=references([kept])), item(TransactionUID=generate_uid())
        for expected, request, action, sop_instance in [
                (INVALID_ARGUMENT, None, 1, StorageCommitmentPushModelInstance),
                (INVALID_ARGUMENT, nameless, 1, StorageCommitmentPushModelInstance),
                (INVALID_ARGUMENT, empty, 1, StorageCommitmentPushModelInstance),
                (NO_SUCH_ACTION, whole, 2, StorageCommitmentPushModelInstance),
                (NO_SUCH_INSTANCE, whole, 1, generate_uid()),
                (SUCCESS, whole, 1, StorageCommitmentPushModelInstance)]:
            with self.subTest(f"{expected:04X}"), self.client.association([model]) as line:
                status, _ = line.send_n_action(request, action, model, sop_instance)
                self.assertEqual(status.Status, expected)

    def test_a_request_that_cannot_be_read_is_refused(self):
        request = N_ACTION()
        request.MessageID, request.ActionTypeID = 1, 1
        request.RequestedSOPClassUID = StorageCommitmentPushModel
        request.RequestedSOPInstanceUID = StorageCommitmentPushModelInstance
        request.ActionInformation = io.BytesIO(b"garbage that is no data set")
        with self.client.association([StorageCommitmentPushModel]) as line:
            line.dimse.send_msg(request, line.accepted_contexts[0].context_id)
            _, answer = line.dimse.get_msg(block=True)
            self.assertEqual(answer.Status, INVALID_ARGUMENT)

    def test_a_request_outlives_the_node_and_waits_for_a_modality_that_is_away(self):
        image = instance()
        self.client.store([image])
        modality = Modality(self.node, "MODALITY", self.port)
        _, transaction = modality.ask([image])
        wait_until(lambda: f"retry peer=MODALITY transaction={transaction}" in self.node.log.read_text(errors="replace"),
                   "a try that finds nobody")
        self.node.process.kill()
        self.node.process.wait()
        # The next try is due 30 s after the first; the restarted node must still know of it.
        self.node.start()
        with modality.listening():
            wait_until(lambda: modality.reports, "the report after a restart", 60)
        self.assertEqual(modality.reports[0][:2], (ALL_KEPT, transaction))


class Keeper:
    """pynetdicom as an archive: takes objects, is asked about them, and reports when the test tells it to."""

    def __init__(self, ae_title, port):
        self.ae_title, self.port = ae_title, port
        self.stored, self.asked = set(), []

    def store(self, event):
        self.stored.add(str(event.request.AffectedSOPInstanceUID))
        return SUCCESS

    def act(self, event):
        wanted = event.action_information
        self.asked.append((str(wanted.TransactionUID),
                           [(str(one.ReferencedSOPClassUID), str(one.ReferencedSOPInstanceUID))
                            for one in wanted.ReferencedSOPSequence]))
        return SUCCESS, None

    def report_for(self, number):
        transaction, objects = self.asked[number]
        kept = [one for one in objects if one[1] in self.stored]
        failed = [one for one in objects if one[1] not in self.stored]
        report = item(TransactionUID=transaction)
        if kept:
            report.ReferencedSOPSequence = [item(ReferencedSOPClassUID=c, ReferencedSOPInstanceUID=u) for c, u in kept]
        if failed:
            report.FailedSOPSequence = [item(ReferencedSOPClassUID=c, ReferencedSOPInstanceUID=u,
                                             FailureReason=NO_SUCH_OBJECT) for c, u in failed]
        return SOME_FAILED if failed else ALL_KEPT, report

    def report_to(self, node, number):
        """An N-EVENT-REPORT on an association of its own, as service class provider."""
        event_type, report = self.report_for(number)
        ae = AE(ae_title=self.ae_title)
        ae.add_requested_context(StorageCommitmentPushModel)
        line = ae.associate(node.host, node.port, ae_title=node.ae_title,
                            ext_neg=[build_role(StorageCommitmentPushModel, scu_role=False, scp_role=True)])
        assert only_we_read(line).is_established
        try:
            status, _ = line.send_n_event_report(report, event_type, StorageCommitmentPushModel,
                                                 StorageCommitmentPushModelInstance)
            return status.Status
        finally:
            line.release()

    @contextlib.contextmanager
    def listening(self):
        ae = AE(ae_title=self.ae_title)
        for context in AllStoragePresentationContexts:
            ae.add_supported_context(context.abstract_syntax)
        ae.add_supported_context(StorageCommitmentPushModel)
        server = ae.start_server(("127.0.0.1", self.port), block=False,
                                 evt_handlers=[(evt.EVT_C_STORE, self.store), (evt.EVT_N_ACTION, self.act)])
        try:
            yield self
        finally:
            server.shutdown()


class AsksPynetdicom(NodeCase):
    deliver = ("KEEPER",)

    @classmethod
    def setUpClass(cls):
        cls.keeper = Keeper("KEEPER", free_port())
        cls.enterClassContext(cls.keeper.listening())
        cls.peers = {"KEEPER": {"host": "127.0.0.1", "port": cls.keeper.port, "commitment": True}}
        super().setUpClass()

    def log(self):
        return self.node.log.read_text(errors="replace")

    def test_results_are_asked_about_and_delivered_again_if_they_are_lost(self):
        series = self.new_series()
        self.client.store([presentation_states.plain([series.clicked()])])
        self.wait_for_results(series.study)
        wait_until(lambda: sum(len(objects) for _, objects in self.keeper.asked) >= 2, "the requests for both results", 60)
        lost = self.keeper.asked[0][1][0][1]
        self.keeper.stored.discard(lost)
        asked = len(self.keeper.asked)
        for number in range(asked):
            self.assertEqual(self.keeper.report_to(self.node, number), SUCCESS)
        wait_until(lambda: lost in self.keeper.stored, "the lost one to come again", 60)
        wait_until(lambda: len(self.keeper.asked) > asked, "to be asked about it again", 60)
        self.assertEqual(self.keeper.report_to(self.node, asked), SUCCESS)
        self.assertIn("commitment reported peer=KEEPER", " ".join(self.log().split()))

    def test_a_report_that_nobody_asked_for_is_refused(self):
        self.keeper.asked.append((str(generate_uid()), [(CTImageStorage, str(generate_uid()))]))
        number = len(self.keeper.asked) - 1
        self.assertEqual(self.keeper.report_to(self.node, number), 0x0115)
        self.keeper.asked.pop()


class WithOrthanc(OrthancCase):
    as_peer = {"commitment": True}
    as_modality = {"AllowStorageCommitment": True}

    def test_it_asks_the_node_and_gets_its_report(self):
        image, lost = instance(), instance()
        self.client.store([image])
        asked = self.rest.call("POST", "/modalities/punctum/storage-commitment", {
            "DicomInstances": [[str(ds.SOPClassUID), str(ds.SOPInstanceUID)] for ds in (image, lost)]})
        report = wait_until(lambda: self.finished(asked["ID"]), "Orthanc to hold the report", 60)
        self.assertEqual(report["Status"], "Failure")
        self.assertEqual([one["SOPInstanceUID"] for one in report["Success"]], [str(image.SOPInstanceUID)])
        self.assertEqual([(one["SOPInstanceUID"], one["FailureReason"]) for one in report["Failures"]],
                         [(str(lost.SOPInstanceUID), NO_SUCH_OBJECT)], report)

    def finished(self, transaction):
        report = self.rest.call("GET", f"/storage-commitment/{transaction}")
        return report if report["Status"] != "Pending" else None

    def test_it_is_asked_about_results_and_reports_back(self):
        series = write_series(self.new_folder() / "ct", Grid())
        self.client.store(series.slices)
        self.client.store([presentation_states.plain([series.clicked()])])
        self.wait_for_results(series.study)
        def promised():
            text = self.node.log.read_text(errors="replace")
            lines = [line for line in text.splitlines() if "reported" in line and "peer=ORTHANC" in line]
            return sum(int(line.split("objects=")[1].split()[0]) for line in lines if "failures=0" in line) >= 2
        wait_until(promised, "Orthanc's promise for both results", 120)


if __name__ == "__main__":
    unittest.main()
