"""C-FIND as strangers ask it: every matching kind, both roots, every level, names of the world, extended negotiation."""

import unittest

from pydicom.uid import ComprehensiveSRStorage, CTImageStorage, MRImageStorage, generate_uid
from pynetdicom import AE
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation
from pynetdicom.sop_class import (PatientRootQueryRetrieveInformationModelFind,
                                  StudyRootQueryRetrieveInformationModelFind)

from clients import Dcmtk, identifier, only_we_read
from node_case import NodeCase
from small_objects import instance, item

STUDY_ROOT = StudyRootQueryRetrieveInformationModelFind
PATIENT_ROOT = PatientRootQueryRetrieveInformationModelFind
SUCCESS, PENDING, CANCELLED, DOES_NOT_MATCH = 0x0000, 0xFF00, 0xFE00, 0xA900

# Per Specific Character Set: a name, and a word in another attribute.
CHARACTER_SETS = {
    "ISO_IR 100": ("Größe^Jörg", "Schädel"),
    "ISO_IR 101": ("Dvořák^Žofie", "Lebka"),
    "ISO_IR 144": ("Люкceмбypг^Анна", "Череп"),
    "ISO_IR 126": ("Διονυσιος^Νίκος", "Κρανίο"),
    "ISO_IR 127": ("قباني^لنزار", "جمجمة"),
    "ISO_IR 138": ("שרון^דבורה", "גולגולת"),
    "ISO_IR 13": ("ﾔﾏﾀﾞ^ﾀﾛｳ", "ｽﾞｶﾞｲ"),
    "ISO_IR 166": ("สมชาย^ใจดี", "กะโหลก"),
    "GB18030": ("Wang^XiaoDong=王^小东", "头颅"),
    "GBK": ("Zhang^XiaoDong=张^小东", "头颅"),
    "ISO_IR 192": ("Wang^XiaoDong=王^小東", "頭蓋"),
    "\\ISO 2022 IR 87": ("Yamada^Tarou=山田^太郎=やまだ^たろう", "頭部"),
    "\\ISO 2022 IR 149": ("Hong^Gildong=洪^吉洞=홍^길동", "머리"),
}


def extended(sop_class, information):
    asked = SOPClassExtendedNegotiation()
    asked.sop_class_uid, asked.service_class_application_information = sop_class, information
    return asked


class Queries(NodeCase):
    def ask(self, model, level, negotiate=None, **keys):
        """(final status, matches, what was negotiated)"""
        ae = AE(ae_title="PYNETDICOM")
        ae.add_requested_context(model)
        items = [extended(model, negotiate)] if negotiate else []
        line = only_we_read(ae.associate(self.node.host, self.node.port, ae_title=self.node.ae_title, ext_neg=items))
        self.assertTrue(line.is_established)
        try:
            answers = list(line.send_c_find(identifier(level, **keys), model))
            agreed = line.acceptor.sop_class_extended.get(model)
        finally:
            line.release()
        return answers[-1][0].Status, [found for status, found in answers if status.Status == PENDING], agreed

    def find(self, level, model=STUDY_ROOT, negotiate=None, **keys):
        status, matches, _ = self.ask(model, level, negotiate, **keys)
        self.assertEqual(status, SUCCESS)
        return matches

    def studies(self, **keys):
        """Descriptions of the studies that match, sorted."""
        return sorted(found.StudyDescription for found in self.find("STUDY", StudyDescription="", **keys))


class MatchingKinds(Queries):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = instance(PatientID="K-1", PatientName="Adams^John", StudyDescription="one", AccessionNumber="A1",
                             StudyDate="20240110", StudyTime="2330", RequestAttributesSequence=[
                                 item(RequestedProcedureID="RP1", ScheduledProcedureStepID="SPS1"),
                                 item(RequestedProcedureID="RP2", ScheduledProcedureStepID="SPS2")],
                             ProcedureCodeSequence=[item(CodeValue="169069000", CodingSchemeDesignator="SCT",
                                                         CodeMeaning="CT of chest")])
        cls.second = instance(PatientID="K-2", PatientName="Adamson^Mary", StudyDescription="two", AccessionNumber="A2",
                              StudyDate="20240111", StudyTime="0015")
        cls.third = instance(PatientID="K-3", PatientName="Baker^Ann", StudyDescription="three", AccessionNumber="B1",
                             StudyDate="20240111", StudyTime="120000", Modality="MR", sop_class=MRImageStorage)
        cls.report = instance(ComprehensiveSRStorage, StudyInstanceUID=cls.first.StudyInstanceUID, PatientID="K-1",
                              PatientName="Adams^John", StudyDescription="one", AccessionNumber="A1",
                              StudyDate="20240110", StudyTime="2330",
                              ConceptNameCodeSequence=[item(CodeValue="126000", CodingSchemeDesignator="DCM",
                                                            CodeMeaning="Imaging Measurement Report")])
        cls.client.store([cls.first, cls.second, cls.third, cls.report])

    def test_single_values_and_lists_of_uids(self):
        self.assertEqual(self.studies(PatientID="K-2"), ["two"])
        uids = [self.first.StudyInstanceUID, self.third.StudyInstanceUID, generate_uid()]
        self.assertEqual(self.studies(StudyInstanceUID=uids), ["one", "three"])

    def test_wildcards_and_names_without_regard_to_case(self):
        self.assertEqual(self.studies(PatientID="K-*", PatientName="adams*"), ["one", "two"])
        self.assertEqual(self.studies(PatientID="K-*", AccessionNumber="A?"), ["one", "two"])
        self.assertEqual(self.studies(PatientID="K-*", AccessionNumber="a?"), [])

    def test_ranges_of_dates_and_times(self):
        for key, value, expected in [("StudyDate", "20240111-", ["three", "two"]), ("StudyDate", "-20240110", ["one"]),
                                     ("StudyDate", "20240110-20240111", ["one", "three", "two"]),
                                     ("StudyTime", "0000-0100", ["two"]), ("StudyTime", "2330-", ["one"]),
                                     ("StudyTime", "1200", ["three"])]:
            with self.subTest(value):
                self.assertEqual(self.studies(PatientID="K-*", **{key: value}), expected)

    def test_dates_and_times_match_apart_unless_their_combination_was_negotiated(self):
        night = {"PatientID": "K-*", "StudyDate": "20240110-20240111", "StudyTime": "2300-0100", "StudyDescription": ""}
        self.assertEqual(self.find("STUDY", **night), [])
        status, matches, agreed = self.ask(STUDY_ROOT, "STUDY", b"\x00\x01", **night)
        self.assertEqual((status, agreed), (SUCCESS, b"\x00\x01"))
        self.assertEqual(sorted(found.StudyDescription for found in matches), ["one", "two"])

    def test_sequences_match_where_one_item_has_all(self):
        def series(**asked):
            found = self.find("SERIES", StudyInstanceUID=self.first.StudyInstanceUID, SeriesInstanceUID="",
                              RequestAttributesSequence=[item(**asked)])
            return [one.SeriesInstanceUID for one in found]
        wanted = [self.first.SeriesInstanceUID]
        self.assertEqual(series(RequestedProcedureID="RP2", ScheduledProcedureStepID="SPS2"), wanted)
        self.assertEqual(series(RequestedProcedureID="RP?", ScheduledProcedureStepID="SPS1"), wanted)
        self.assertEqual(series(RequestedProcedureID="RP1", ScheduledProcedureStepID="SPS2"), [])
        self.assertEqual(self.studies(ProcedureCodeSequence=[item(CodeValue="169069000", CodingSchemeDesignator="SCT")]),
                         ["one"])

    def test_sequences_come_back_with_what_was_asked_for(self):
        (found,) = self.find("SERIES", StudyInstanceUID=self.first.StudyInstanceUID,
                             SeriesInstanceUID=self.first.SeriesInstanceUID,
                             RequestAttributesSequence=[item(RequestedProcedureID="", ScheduledProcedureStepID="")])
        self.assertEqual([(one.RequestedProcedureID, one.ScheduledProcedureStepID)
                          for one in found.RequestAttributesSequence], [("RP1", "SPS1"), ("RP2", "SPS2")])
        (image,) = self.find("IMAGE", StudyInstanceUID=self.report.StudyInstanceUID,
                             SeriesInstanceUID=self.report.SeriesInstanceUID, SOPInstanceUID="",
                             ConceptNameCodeSequence=[item(CodeValue="126000", CodeMeaning="")])
        self.assertEqual(image.ConceptNameCodeSequence[0].CodeMeaning, "Imaging Measurement Report")

    def test_what_a_study_holds(self):
        (found,) = self.find("STUDY", StudyInstanceUID=self.first.StudyInstanceUID, ModalitiesInStudy="",
                             SOPClassesInStudy="", NumberOfStudyRelatedSeries="", NumberOfStudyRelatedInstances="")
        self.assertEqual(sorted(found.ModalitiesInStudy), ["CT", "SR"])
        self.assertEqual(sorted(found.SOPClassesInStudy), sorted([CTImageStorage, ComprehensiveSRStorage]))
        self.assertEqual((found.NumberOfStudyRelatedSeries, found.NumberOfStudyRelatedInstances), (2, 2))
        self.assertEqual(self.studies(PatientID="K-*", ModalitiesInStudy="SR"), ["one"])
        (series,) = self.find("SERIES", StudyInstanceUID=self.first.StudyInstanceUID, Modality="SR",
                              NumberOfSeriesRelatedInstances="")
        self.assertEqual(series.NumberOfSeriesRelatedInstances, 1)

    def test_the_patient_root_at_all_its_levels(self):
        (patient,) = self.find("PATIENT", PATIENT_ROOT, PatientID="K-1", PatientName="", NumberOfPatientRelatedStudies="",
                               NumberOfPatientRelatedSeries="", NumberOfPatientRelatedInstances="")
        self.assertEqual(patient.PatientName, "Adams^John")
        self.assertEqual((patient.NumberOfPatientRelatedStudies, patient.NumberOfPatientRelatedSeries,
                          patient.NumberOfPatientRelatedInstances), (1, 2, 2))
        keys = {"PatientID": "K-1"}
        (study,) = self.find("STUDY", PATIENT_ROOT, **keys, StudyInstanceUID="")
        keys["StudyInstanceUID"] = study.StudyInstanceUID
        (series,) = self.find("SERIES", PATIENT_ROOT, **keys, Modality="CT", SeriesInstanceUID="")
        keys["SeriesInstanceUID"] = series.SeriesInstanceUID
        (image,) = self.find("IMAGE", PATIENT_ROOT, **keys, SOPInstanceUID="", SOPClassUID="")
        self.assertEqual((image.SOPInstanceUID, image.SOPClassUID), (self.first.SOPInstanceUID, CTImageStorage))

    def test_relational_queries_only_where_they_were_negotiated(self):
        wanted = {"SeriesInstanceUID": self.third.SeriesInstanceUID, "Modality": ""}
        status, matches, _ = self.ask(STUDY_ROOT, "SERIES", **wanted)
        self.assertEqual((status, matches), (DOES_NOT_MATCH, []))
        status, matches, agreed = self.ask(STUDY_ROOT, "SERIES", b"\x01", **wanted)
        self.assertEqual((status, agreed), (SUCCESS, b"\x01"))
        self.assertEqual([found.Modality for found in matches], ["MR"])

    def test_what_is_not_supported_is_declined_in_the_negotiation(self):
        _, _, agreed = self.ask(STUDY_ROOT, "STUDY", b"\x01\x01\x01\x01\x01", StudyInstanceUID="1.2")
        self.assertEqual(agreed, b"\x01\x01\x00\x00\x00")

    def test_a_level_that_the_model_lacks_is_refused(self):
        for model, level in [(STUDY_ROOT, "PATIENT"), (PATIENT_ROOT, "FRAME")]:
            status, matches, _ = self.ask(model, level, PatientID="K-1")
            self.assertEqual((status, matches), (DOES_NOT_MATCH, []))

    def test_findscu_sees_the_same(self):
        found = Dcmtk(self.node).find("STUDY", PatientID="K-*", StudyDate="20240111-", StudyDescription="")
        self.assertEqual(sorted(one["StudyDescription"] for one in found), ["three", "two"])

    def test_cancelled_when_the_peer_has_seen_enough(self):
        study = generate_uid()
        many = [instance(StudyInstanceUID=study, SeriesInstanceUID=generate_uid()) for _ in range(60)]
        self.client.store(many)
        ae = AE(ae_title="PYNETDICOM")
        ae.add_requested_context(STUDY_ROOT)
        line = only_we_read(ae.associate(self.node.host, self.node.port, ae_title=self.node.ae_title))
        seen, final = 0, None
        for status, _ in line.send_c_find(identifier("SERIES", StudyInstanceUID=study, SeriesInstanceUID=""), STUDY_ROOT,
                                          msg_id=7):
            final = status.Status
            seen += final == PENDING
            if seen == 1:
                line.send_c_cancel(7, query_model=STUDY_ROOT)
        line.release()
        self.assertIn(final, (CANCELLED, SUCCESS))  # all may have been on their way already
        self.assertEqual(final == SUCCESS, seen == 60)


class NamesOfTheWorld(Queries):
    def test_every_character_set_is_stored_matched_and_answered_in_utf_8(self):
        for number, (character_set, (name, word)) in enumerate(CHARACTER_SETS.items()):
            with self.subTest(character_set):
                stored = instance(SpecificCharacterSet=character_set.split("\\"), PatientID=f"W-{number}",
                                  PatientName=name, StudyDescription=word)
                self.client.store([stored])
                family = name.split("=")[-1].split("^")[0]
                (found,) = self.find("STUDY", SpecificCharacterSet="ISO_IR 192", PatientID=f"W-{number}",
                                     PatientName=family + "*", StudyDescription=word)
                self.assertEqual(found.SpecificCharacterSet, "ISO_IR 192")
                self.assertEqual(str(found.PatientName), name)
                self.assertEqual(found.StudyDescription, word)

    def test_keys_in_another_character_set_than_the_stored_one(self):
        self.client.store([instance(SpecificCharacterSet="ISO_IR 192", PatientID="X-1", PatientName="Müller^Ännchen")])
        (found,) = self.find("STUDY", SpecificCharacterSet="ISO_IR 100", PatientID="X-1", PatientName="MÜLLER^änn*")
        self.assertEqual(str(found.PatientName), "Müller^Ännchen")
        self.client.store([instance(SpecificCharacterSet="ISO_IR 192", PatientID="X-2",
                                    PatientName="Yamada^Hanako=山田^花子=やまだ^はなこ")])
        for pattern in ("Yamada*", "=山田^花子", "山田*", "==やまだ*", "yamada^hanako=山田*"):
            with self.subTest(pattern):
                found = self.find("STUDY", SpecificCharacterSet=["", "ISO 2022 IR 87"], PatientID="X-2",
                                  PatientName=pattern)
                self.assertEqual([str(one.PatientName) for one in found], ["Yamada^Hanako=山田^花子=やまだ^はなこ"])


if __name__ == "__main__":
    unittest.main()
