"""dcmjs-dimse at both ends: it asks for every service as user, and provides those that the node uses."""

import os
import pathlib
import tempfile
import unittest

import pydicom
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, RLELossless, SegmentationStorage, generate_uid

import presentation_states
from clients import DcmjsDimse, tool
from ct_series import Grid, write_series
from node_case import NodeCase
from servers import PROGRAM, DcmjsServer, wait_until
from small_objects import instance
from test_foreign_clicks import values

SUCCESS, NO_SUCH_OBJECT, CLASS_CONFLICT = 0x0000, 0x0112, 0x0119
ALL_KEPT, SOME_FAILED = 1, 2
SMALL = Grid(columns=64, rows=64, slices=3)


def data_set_bytes(path):
    """What follows the file meta information (PS3.10 7.1): preamble, prefix, group length, and as much as that says."""
    return path.read_bytes()[128 + 4 + 12 + pydicom.dcmread(path).file_meta.FileMetaInformationGroupLength:]


def references(datasets):
    return [[str(ds.SOPClassUID), str(ds.SOPInstanceUID)] for ds in datasets]


def report_on(transaction, kept, failed=()):
    """What a report must say; failed ones are (data set, reason)."""
    return {"type": SOME_FAILED if failed else ALL_KEPT, "transaction": transaction, "objects": references(kept),
            "failed": [[str(ds.SOPInstanceUID), reason] for ds, reason in failed]}


def send(folder, server):
    """`punctum send` of all that lies in a folder."""
    return tool(PROGRAM, "send", folder, "--to", f"{server.ae_title}@{server.host}:{server.port}")


def pack(series):
    for path, ds in zip(series.folder.iterdir(), series.slices):
        ds.compress(RLELossless, generate_instance_uid=False)
        ds.save_as(path, enforce_file_format=True)


class DcmjsCase(NodeCase):
    """A node whose peers are servers of dcmjs-dimse: `ways` is how each reports on what it is asked to keep."""

    ways, as_peer = {}, {}

    @classmethod
    def setUpClass(cls):
        home = tempfile.TemporaryDirectory(prefix="punctum-dcmjs-")
        cls.addClassCleanup(home.cleanup)
        cls.servers = {title: DcmjsServer(pathlib.Path(home.name) / title, title) for title in cls.ways}
        cls.peers = {title: {"host": one.host, "port": one.port, **cls.as_peer} for title, one in cls.servers.items()}
        super().setUpClass()
        for title, way in cls.ways.items():
            cls.enterClassContext(cls.servers[title].report_to(cls.node, **way))

    def results_of(self, series):
        """The segmentation and the report that one click makes."""
        self.client.store([presentation_states.plain([series.clicked()])])
        (seg,), (sr,) = self.wait_for_results(series.study)
        return [self.fetch(series.study, uid) for uid in (seg, sr)]

    def assert_same(self, received, sent):
        """The same objects with the same values."""
        received, sent = ({str(ds.SOPInstanceUID): values(ds) for ds in datasets} for datasets in (received, sent))
        self.assertEqual(received.keys(), sent.keys())
        for uid in sent:
            self.assertEqual(received[uid], sent[uid])

    def assert_has_bytes_of(self, server, folder):
        """What the server got is, byte for byte, what the files hold."""
        for path in folder.iterdir():
            uid = pydicom.dcmread(path).SOPInstanceUID
            self.assertEqual((server.stored / f"{uid}.bytes").read_bytes(), data_set_bytes(path))

    @staticmethod
    def read_by(server, datasets):
        """These objects as dcmjs-dimse understood what it was sent."""
        return [pydicom.dcmread(server.stored / f"{ds.SOPInstanceUID}.dcm") for ds in datasets]


class AsUser(DcmjsCase):
    ways = {"DCMJS": {"reports": "here"}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dcmjs = DcmjsDimse(cls.node)
        cls.server = cls.servers["DCMJS"]

    def stored(self):
        """Two series of two images each of a patient of their own."""
        shared = {"PatientID": f"D-{generate_uid()[-8:]}", "StudyInstanceUID": generate_uid()}
        series = [generate_uid(), generate_uid()]
        images = [instance(SeriesInstanceUID=uid, **shared) for uid in (series[0], series[0], series[1], series[1])]
        self.client.store(images)
        return images

    @staticmethod
    def levels(root, one):
        """(level, unique keys, number of images) around one that stored() made."""
        patient = {"PatientID": one.PatientID} if root == "patient" else {}
        study = {**patient, "StudyInstanceUID": one.StudyInstanceUID}
        series = {**study, "SeriesInstanceUID": one.SeriesInstanceUID}
        image = {**series, "SOPInstanceUID": one.SOPInstanceUID}
        top = [("PATIENT", patient, 4)] if patient else []
        return [*top, ("STUDY", study, 4), ("SERIES", series, 2), ("IMAGE", image, 1)]

    def test_verification(self):
        self.dcmjs.echo()

    def test_what_it_stores_is_kept_as_it_was(self):
        series = write_series(self.new_folder() / "ct", SMALL)
        self.dcmjs.store(series.slices, self.new_folder())
        self.assert_same(self.client.get("STUDY", StudyInstanceUID=series.study), series.slices)

    def test_it_finds_what_the_node_keeps(self):
        series = self.new_series(SMALL)
        (study,) = self.dcmjs.find("STUDY", StudyInstanceUID=series.study, PatientName="größe^j*",
                                   SpecificCharacterSet="ISO_IR 192")
        self.assertEqual(study["PatientName"], [{"Alphabetic": "Größe^Jörg"}])
        self.assertEqual((study["ModalitiesInStudy"], study["NumberOfStudyRelatedInstances"]), ("CT", SMALL.slices))
        (found,) = self.dcmjs.find("SERIES", StudyInstanceUID=series.study)
        self.assertEqual((found["SeriesInstanceUID"], found["SeriesDescription"]),
                         (series.slices[0].SeriesInstanceUID, "ball in lung"))
        images = self.dcmjs.find("IMAGE", StudyInstanceUID=series.study, SeriesInstanceUID=found["SeriesInstanceUID"])
        self.assertEqual({(one["SOPInstanceUID"], one["InstanceNumber"]) for one in images},
                         {(ds.SOPInstanceUID, ds.InstanceNumber) for ds in series.slices})

    def test_it_finds_through_the_patient_root(self):
        one = self.stored()[0]
        for level, keys, _ in self.levels("patient", one):
            with self.subTest(level=level):
                (found,) = self.dcmjs.find(level, "patient", **keys)
                self.assertEqual({key: found[key] for key in keys}, keys)
        (patient,) = self.dcmjs.find("PATIENT", "patient", PatientID=one.PatientID, NumberOfPatientRelatedInstances="")
        self.assertEqual(patient["NumberOfPatientRelatedInstances"], 4)
        self.assertEqual(self.dcmjs.find("PATIENT", "patient", PatientID="nobody"), [])

    def test_it_moves_to_itself_what_came_byte_for_byte(self):
        series = write_series(self.new_folder() / "ct", SMALL)
        send(series.folder, self.node)
        self.assertEqual(self.dcmjs.move("DCMJS", "STUDY", StudyInstanceUID=series.study), [SMALL.slices, 0, 0])
        self.assert_has_bytes_of(self.server, series.folder)
        self.assert_same(self.read_by(self.server, series.slices), series.slices)

    def test_it_moves_at_every_level_of_both_roots(self):
        for root in ("patient", "study"):
            images = self.stored()
            for level, keys, count in self.levels(root, images[0]):
                with self.subTest(root=root, level=level):
                    before = len(self.server.told("stored"))
                    self.assertEqual(self.dcmjs.move("DCMJS", level, root, **keys), [count, 0, 0])
                    self.assertEqual(len(self.server.told("stored")), before + count)
            self.assert_same(self.read_by(self.server, images), images)
        with self.assertRaisesRegex(AssertionError, "move answered a801"):
            self.dcmjs.move("NOBODY", "STUDY", StudyInstanceUID=images[0].StudyInstanceUID)

    def test_it_gets_at_every_level_of_both_roots(self):
        images = self.stored()
        for root in ("patient", "study"):
            for level, keys, count in self.levels(root, images[0]):
                with self.subTest(root=root, level=level):
                    self.assert_same(self.dcmjs.get(self.new_folder(), level, root, **keys), images[:count])

    def test_it_gets_images_with_their_pixels(self):
        series = self.new_series(SMALL)
        self.assert_same(self.dcmjs.get(self.new_folder(), "STUDY", StudyInstanceUID=series.study), series.slices)

    def test_it_gets_a_segmentation_where_it_proposes_the_role_for_it(self):
        # CGetRequest proposes the classes of constants.StorageClass, and Segmentation Storage is none of them.
        seg, _ = self.results_of(self.new_series())
        keys = {"StudyInstanceUID": seg.StudyInstanceUID, "SeriesInstanceUID": seg.SeriesInstanceUID}
        with self.assertRaisesRegex(AssertionError, "get answered a702"):
            self.dcmjs.get(self.new_folder(), "SERIES", **keys)
        self.assert_same(self.dcmjs.get(self.new_folder(), "SERIES", sop_class=SegmentationStorage, **keys), [seg])

    def commitments(self):
        """(objects to ask about, those that are kept, those that are not and why)"""
        images, lost, renamed = self.stored(), instance(), instance()
        self.client.store([renamed])
        renamed.SOPClassUID = MRImageStorage
        yield images, images, ()
        yield [images[0], lost, renamed], images[:1], ((lost, NO_SUCH_OBJECT), (renamed, CLASS_CONFLICT))

    def test_a_stranger_gets_the_report_where_it_asked(self):
        for asked, kept, failed in self.commitments():
            transaction = str(generate_uid())
            reports = DcmjsDimse(self.node, "STRANGER").commit(transaction, asked, linger_s=30)
            self.assertEqual(reports, [report_on(transaction, kept, failed)])

    def test_a_peer_gets_the_report_on_a_new_association(self):
        for asked, kept, failed in self.commitments():
            transaction, before = str(generate_uid()), len(self.server.told("report"))
            self.assertEqual(DcmjsDimse(self.node, "DCMJS").commit(transaction, asked), [])
            reports = wait_until(lambda: self.server.told("report")[before:], "the report")
            self.assertEqual(reports, [report_on(transaction, kept, failed)])


class AsProvider(DcmjsCase):
    ways = {"HERE": {"reports": "here"}, "AS_SCP": {"reports": "scp", "loses": True},
            "BY_CLIENT": {"reports": "client"}}
    as_peer = {"commitment": True}
    deliver = tuple(ways)

    @staticmethod
    def promised(server):
        """UIDs that the server promised to keep in reports that the node took."""
        return {uid for report in server.told("answered") if report["status"] == SUCCESS for _, uid in report["objects"]}

    def test_verification(self):
        server = self.servers["HERE"]
        tool(os.environ["PUNCTUM_VERIFY_PEER"], f"HERE@{server.host}:{server.port}")  # no command of the node sends one
        self.assertEqual(server.told("echo"), [{}])

    def test_results_reach_it_and_are_promised(self):
        results = self.results_of(self.new_series())
        uids = {str(ds.SOPInstanceUID) for ds in results}
        for title, server in self.servers.items():
            with self.subTest(title):
                wait_until(lambda: uids <= self.promised(server), "its promise for both", 60)
                self.assert_same(self.read_by(server, results), results)
                asked = [one for request in server.told("asked") for one in request["objects"]]
                for one in references(results):
                    self.assertIn(one, asked)
                self.assertEqual(server.told("failed"), [])
        (agreed, *_) = wait_until(lambda: self.servers["AS_SCP"].told("roles"), "its association to end")
        self.assertEqual(agreed, {"result": 0, "provider": True})

    def test_what_it_lost_is_delivered_again(self):
        server = self.servers["AS_SCP"]
        self.results_of(self.new_series())
        def losses():
            return [report for report in server.told("answered") if report["failed"]]
        (loss,) = wait_until(losses, "it to tell of its loss", 60)
        ((lost, reason),) = loss["failed"]
        self.assertEqual((loss["status"], loss["type"], reason), (SUCCESS, SOME_FAILED, NO_SUCH_OBJECT))
        wait_until(lambda: lost in self.promised(server), "the promise for the one that came again", 60)
        self.assertEqual([one["uid"] for one in server.told("stored")].count(lost), 2)

    def test_files_reach_it_as_they_are(self):
        server = self.servers["HERE"]
        for syntax in (ExplicitVRLittleEndian, RLELossless):
            with self.subTest(syntax.name):
                series = write_series(self.new_folder() / "ct", SMALL)
                if syntax == RLELossless:
                    pack(series)
                send(series.folder, server)
                self.assert_has_bytes_of(server, series.folder)
                self.assert_same(self.read_by(server, series.slices), series.slices)
                syntaxes = {one["uid"]: one["syntax"] for one in server.told("stored")}
                self.assertEqual({syntaxes[ds.SOPInstanceUID] for ds in series.slices}, {syntax})


if __name__ == "__main__":
    unittest.main()
