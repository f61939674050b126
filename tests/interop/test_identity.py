"""One UID, one object; one Patient ID, one person: what contradictions are answered with, and who hears of them."""

import json
import unittest

from pydicom.uid import CTImageStorage, ImplicitVRLittleEndian, MRImageStorage, generate_uid

from clients import bytes_of, tool
from node_case import NodeCase
from servers import PROGRAM
from small_objects import instance

SUCCESS, DOES_NOT_MATCH = 0x0000, 0xA900


class Identity(NodeCase):
    def send(self, ds, as_instance=None, as_class=None):
        """(status, Error Comment) of a C-STORE; its command may name another object than the data set does."""
        return self.client.store_bytes(bytes_of(ds), as_class or ds.SOPClassUID, as_instance or ds.SOPInstanceUID)

    def store(self, *datasets):
        for ds in datasets:
            self.assertEqual(self.send(ds), (SUCCESS, None))

    def kept(self, study):
        """{SOP Instance UID: data set, byte for byte} of a study."""
        return self.client.get_bytes(CTImageStorage, StudyInstanceUID=study)

    def events_as_text(self):
        return tool(PROGRAM, "events", "--json", "--config", self.node.config)

    def events(self, *uids):
        """What the operator is told about these studies or instances, the newest first."""
        return [event for event in json.loads(self.events_as_text())["events"]
                if not {event["study_instance_uid"], event["sop_instance_uid"]}.isdisjoint(uids)]

    def assert_refused(self, answer):
        status, comment = answer
        self.assertEqual(status, DOES_NOT_MATCH)
        self.assertTrue(comment)

    def assert_event(self, kind, uid, *words):
        """Exactly one event about a study or an instance, of this kind; it names the sender and says these words."""
        (event,) = self.events(uid)
        self.assertEqual((event["kind"], event["source_ae_title"], event["times"]), (kind, "PYNETDICOM", 1))
        for word in words:
            self.assertIn(word, event["detail"])
        return event

    def test_the_same_object_again_is_a_success_that_changes_nothing(self):
        image = instance()
        self.store(image, image)
        self.assertEqual(self.kept(image.StudyInstanceUID), {image.SOPInstanceUID: bytes_of(image)})
        self.assertEqual(self.events(image.StudyInstanceUID), [])

    def test_the_same_values_in_another_encoding_are_a_success_and_what_came_first_stays(self):
        image = instance()
        self.store(image)
        answer = self.client.store_bytes(bytes_of(image, ImplicitVRLittleEndian), image.SOPClassUID, image.SOPInstanceUID,
                                         ImplicitVRLittleEndian)
        self.assertEqual(answer, (SUCCESS, None))
        self.assertEqual(self.kept(image.StudyInstanceUID), {image.SOPInstanceUID: bytes_of(image)})
        event = self.assert_event("same_content_other_bytes", image.StudyInstanceUID)
        self.assertEqual(event["sop_instance_uid"], image.SOPInstanceUID)

    def test_other_pixels_under_a_stored_uid_are_refused_each_time(self):
        image = instance(Rows=2, Columns=2, BitsAllocated=16, BitsStored=16, HighBit=15, PixelRepresentation=0,
                         SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", PixelData=bytes(8))
        self.store(image)
        first = bytes_of(image)
        image.PixelData = bytes(7) + b"\x01"
        self.assert_refused(self.send(image))
        self.assertEqual(self.kept(image.StudyInstanceUID), {image.SOPInstanceUID: first})
        event = self.assert_event("identity_conflict", image.StudyInstanceUID)
        self.assertEqual(event["sop_instance_uid"], image.SOPInstanceUID)
        self.assert_refused(self.send(image))
        (event,) = self.events(image.StudyInstanceUID)
        self.assertEqual((event["kind"], event["times"]), ("identity_conflict", 2))

    def test_one_uid_in_two_studies_series_or_classes_is_refused(self):
        for keyword, value in (("StudyInstanceUID", generate_uid()), ("SeriesInstanceUID", generate_uid()),
                               ("SOPClassUID", MRImageStorage)):
            with self.subTest(keyword):
                image = instance()
                study, first = image.StudyInstanceUID, bytes_of(image)
                self.store(image)
                setattr(image, keyword, value)
                self.assert_refused(self.send(image))
                self.assertEqual(self.kept(study), {image.SOPInstanceUID: first})
                event = self.assert_event("identity_conflict", image.StudyInstanceUID)
                self.assertEqual(event["sop_instance_uid"], image.SOPInstanceUID)
                if study != image.StudyInstanceUID:
                    self.assertEqual(self.client.find("STUDY", StudyInstanceUID=image.StudyInstanceUID), [])

    def test_a_command_that_names_another_object_than_its_data_set_is_refused(self):
        for other in ({"as_instance": generate_uid()}, {"as_class": MRImageStorage}):
            with self.subTest(other):
                image = instance()
                self.assert_refused(self.send(image, **other))
                self.assertEqual(self.client.find("STUDY", StudyInstanceUID=image.StudyInstanceUID), [])
                # What was not understood belongs to no study: the event knows it by what the command said.
                self.assert_event("identity_conflict", other.get("as_instance", image.SOPInstanceUID))

    def test_one_patient_id_with_two_people_is_kept_and_flagged_without_their_names(self):
        for keyword, values in (("PatientName", ("Adams^John", "Baker^Ann")), ("PatientSex", ("M", "F")),
                                ("PatientBirthDate", ("19600101", "19700202"))):
            with self.subTest(keyword):
                patient = f"P-{generate_uid()[-8:]}"
                one, other = (instance(PatientID=patient, **{keyword: value}) for value in values)
                self.store(one, other)
                for ds in (one, other):
                    self.assertEqual(self.kept(ds.StudyInstanceUID), {ds.SOPInstanceUID: bytes_of(ds)})
                self.assertEqual(self.events(one.StudyInstanceUID), [])
                self.assert_event("patient_mismatch", other.StudyInstanceUID, keyword)
        text = self.events_as_text() + self.node.log.read_text(errors="replace")
        for word in ("Adams", "Baker", "19600101", "19700202"):
            self.assertNotIn(word, text)

    def test_another_spelling_of_a_name_is_the_same_person(self):
        patient = f"P-{generate_uid()[-8:]}"
        one, other = (instance(SpecificCharacterSet="ISO_IR 192", PatientID=patient, PatientName=name)
                      for name in ("Müller^Änne", "MULLER^ANNE^"))
        self.store(one, other)
        self.assertEqual(self.events(one.StudyInstanceUID, other.StudyInstanceUID), [])

    def assert_flagged(self, kind, contradiction, shared):
        """Two instances, the second of which contradicts what it shares with the first: both kept as they are."""
        firsts, seconds = ({keyword: values[which] for keyword, values in contradiction.items()} for which in (0, 1))
        one = instance(PatientID=f"P-{generate_uid()[-8:]}", **firsts)
        other = instance(PatientID=one.PatientID, **seconds, **{keyword: one[keyword].value for keyword in shared})
        self.store(one, other)
        self.assertEqual(self.kept(one.StudyInstanceUID), {ds.SOPInstanceUID: bytes_of(ds) for ds in (one, other)})
        self.assert_event(kind, one.StudyInstanceUID, *contradiction)
        return one

    def test_a_series_that_contradicts_itself_is_kept_and_flagged(self):
        one = self.assert_flagged("series_inconsistent", {"SeriesDescription": ("lung", "liver"), "Modality": ("CT", "MR")},
                                  ["StudyInstanceUID", "SeriesInstanceUID"])
        (series,) = self.client.find("SERIES", StudyInstanceUID=one.StudyInstanceUID, SeriesInstanceUID="", Modality="",
                                     SeriesDescription="", NumberOfSeriesRelatedInstances="")
        self.assertEqual((series.SeriesInstanceUID, series.Modality, series.SeriesDescription),
                         (one.SeriesInstanceUID, "CT", "lung"))  # what came first
        self.assertEqual(series.NumberOfSeriesRelatedInstances, 2)

    def test_a_study_that_contradicts_itself_is_kept_and_flagged(self):
        one = self.assert_flagged("study_inconsistent", {"StudyDescription": ("chest", "abdomen"),
                                                         "AccessionNumber": ("1", "2")}, ["StudyInstanceUID"])
        (study,) = self.client.find("STUDY", StudyInstanceUID=one.StudyInstanceUID, StudyDescription="", AccessionNumber="",
                                    NumberOfStudyRelatedSeries="")
        self.assertEqual((study.StudyDescription, study.AccessionNumber, study.NumberOfStudyRelatedSeries),
                         ("chest", "1", 2))


if __name__ == "__main__":
    unittest.main()
