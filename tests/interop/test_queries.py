"""C-FIND as strangers ask it: every matching kind, both roots, every level, names of the world, extended negotiation."""

import socket
import unittest

from pydicom.uid import ComprehensiveSRStorage, CTImageStorage, MRImageStorage, generate_uid
from pynetdicom import AE, evt
from pynetdicom.dimse_messages import C_FIND_RSP
from pynetdicom.sop_class import (PatientRootQueryRetrieveInformationModelFind,
                                  StudyRootQueryRetrieveInformationModelFind)

from clients import Dcmtk, extended, identifier, only_we_read
from node_case import NodeCase
from small_objects import instance, item

STUDY_ROOT = StudyRootQueryRetrieveInformationModelFind
PATIENT_ROOT = PatientRootQueryRetrieveInformationModelFind
SUCCESS, PENDING, CANCELLED, DOES_NOT_MATCH = 0x0000, 0xFF00, 0xFE00, 0xA900

# Per Specific Character Set: a name, and a word in another attribute.
CHARACTER_SETS = {
    "ISO_IR 100": ("Größe^Jörg", "Schädel"),
    "ISO_IR 101": ("Dvořák^Žofie", "Lebka"),
    "ISO_IR 109": ("Ċaruana^Ġużeppi", "Ħanek"),
    "ISO_IR 110": ("Bērziņš^Jānis", "Galvaskauss ķ"),
    "ISO_IR 148": ("Çağlayan^Işıl", "Kafatası"),
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
    "\\ISO 2022 IR 159": ("Gong^Xia=龔^俠", "俠丂丄"),
    "\\ISO 2022 IR 87\\ISO 2022 IR 159": ("Yamada^Kyou=山田^俠=やまだ^きょう", "頭俠部"),
    "ISO 2022 IR 13\\ISO 2022 IR 87": ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", "頭部ｽﾞ"),
    "ISO 2022 IR 6\\ISO 2022 IR 166": ("Somchai^Jaidee=สมชาย^ใจดี", "กะโหลก"),
    "ISO 2022 IR 100\\ISO 2022 IR 126": ("Dionysios^Jörg=Διονυσιος^Νίκος", "Κρανίο ä"),
}


def escaped(sequence, text, encoding):
    return b"\x1b" + sequence + text.encode(encoding)


# What pydicom 3.0.2 does not know, or writes without escape sequences: per Specific Character Set the name, and its
# component groups as (family, given) on the line (PS3.5 6.1, H, I, K).
WRITTEN_BY_HAND = {
    "ISO_IR 203": ("Žižek^Œuvre", [("Žižek".encode("iso8859-15"), "Œuvre".encode("iso8859-15"))]),
    "ISO 2022 IR 6\\ISO 2022 IR 100\\ISO 2022 IR 144": (
        "Größe^Анна", [(escaped(b"-A", "Größe", "iso8859-1"), escaped(b"-L", "Анна", "iso8859-5"))]),
    "\\ISO 2022 IR 58": (
        "Zhang^XiaoDong=张^小东", [(b"Zhang", b"XiaoDong"), (escaped(b"$)A", "张", "gb2312"), escaped(b"$)A", "小东", "gb2312"))]),
    "ISO 2022 IR 100\\ISO 2022 IR 149": (
        "Größe^Jörg=洪^吉洞", [("Größe".encode("iso8859-1"), "Jörg".encode("iso8859-1")),
                             (escaped(b"$)C", "洪", "euc_kr"), escaped(b"$)C", "吉洞", "euc_kr"))]),
}


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
                              StudyDate="20240111", StudyTime="0015", ReferringPhysicianName="Gray^Meredith")
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
        _, _, agreed = self.ask(STUDY_ROOT, "STUDY", b"\x01\x01\x01\x01\x01\x01\x01", StudyInstanceUID="1.2")
        self.assertEqual(agreed, b"\x01\x01\x00\x00\x00\x01\x00")

    def test_what_has_no_value_is_found_where_that_was_negotiated(self):
        wanted = {"PatientID": "K-*", "ReferringPhysicianName": '""', "StudyDescription": ""}
        self.assertEqual(self.find("STUDY", **wanted), [])
        status, matches, agreed = self.ask(STUDY_ROOT, "STUDY", b"\x00\x00\x00\x00\x00\x01", **wanted)
        self.assertEqual((status, agreed), (SUCCESS, b"\x00\x00\x00\x00\x00\x01"))
        self.assertEqual(sorted(found.StudyDescription for found in matches), ["one", "three"])

    def test_any_of_several_values_matches(self):
        self.assertEqual(self.studies(PatientID="K-1\\K-3"), ["one", "three"])
        many = "\\".join(["K-2", *(f"NOBODY-{i}" for i in range(3000))])
        self.assertEqual(self.studies(PatientID=many), ["two"])

    def test_a_level_that_the_model_lacks_is_refused(self):
        for model, level in [(STUDY_ROOT, "PATIENT"), (PATIENT_ROOT, "FRAME")]:
            status, matches, _ = self.ask(model, level, PatientID="K-1")
            self.assertEqual((status, matches), (DOES_NOT_MATCH, []))

    def test_findscu_sees_the_same(self):
        dcmtk = Dcmtk(self.node)
        found = dcmtk.find("STUDY", PatientID="K-*", StudyDate="20240111-", StudyDescription="")
        self.assertEqual(sorted(one["StudyDescription"] for one in found), ["three", "two"])
        found = dcmtk.find("PATIENT", "patient", PatientID="K-?", PatientName="ADAM*", NumberOfPatientRelatedInstances="")
        self.assertEqual(sorted((one["PatientID"], one["PatientName"], one["NumberOfPatientRelatedInstances"])
                                for one in found), [("K-1", "Adams^John", "2"), ("K-2", "Adamson^Mary", "1")])


class BelowTheStudy(Queries):
    """Wildcards and ranges among the series of a study and the images of a series."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.study, cls.series = generate_uid(), generate_uid()
        dated = [("20240110", "2330"), ("20240111", "0015"), ("20240112", "120000.5")]
        images = [instance(StudyInstanceUID=cls.study, SeriesInstanceUID=cls.series, ContentDate=date, ContentTime=time,
                           ContentLabel=f"LABEL_{number}", ContentDescription=f"Image {number}", InstanceNumber=number,
                           ContentCreatorName=f"Reader{number}^Ann")
                  for number, (date, time) in enumerate(dated)]
        others = [instance(StudyInstanceUID=cls.study, SeriesDescription=f"Thorax {number}", SeriesDate=date,
                           SeriesTime=time, ProtocolName="T_hin", InstanceNumber=9)
                  for number, (date, time) in enumerate(dated)]
        cls.client.store(images + others)

    def test_wildcards_and_ranges_at_the_level_of_series(self):
        for expected, keys in [(["Thorax 0", "Thorax 1", "Thorax 2"], {"SeriesDescription": "Thorax*"}),
                               (["Thorax 1"], {"SeriesDescription": "?horax 1"}),
                               ([], {"SeriesDescription": "thorax*"}),  # only names match without regard to case
                               ([], {"SeriesDescription": "Thorax ?", "ProtocolName": "T_hi"}),
                               ([], {"ProtocolName": "T%"}),  # a wildcard of SQL, none of DICOM
                               (["Thorax 1", "Thorax 2"], {"SeriesDate": "20240111-", "SeriesDescription": "*"}),
                               (["Thorax 0"], {"SeriesDate": "-20240110"}),
                               (["Thorax 0", "Thorax 1"], {"SeriesDate": "20240110-20240111"}),
                               (["Thorax 2"], {"SeriesTime": "1200-1201"}),
                               (["Thorax 1"], {"SeriesTime": "-0100"})]:
            with self.subTest(keys):
                found = self.find("SERIES", **{"StudyInstanceUID": self.study, "SeriesDescription": "", **keys})
                self.assertEqual(sorted(one.SeriesDescription for one in found), expected)

    def test_wildcards_and_ranges_at_the_level_of_images(self):
        for expected, keys in [([0, 1, 2], {"ContentLabel": "LABEL_?"}), ([1], {"ContentLabel": "*1"}),
                               ([], {"ContentLabel": "LABEL?"}), ([2], {"ContentDescription": "Im*2"}),
                               ([1], {"ContentCreatorName": "reader1*"}),
                               ([1, 2], {"ContentDate": "20240111-"}), ([0], {"ContentDate": "-20240110"}),
                               ([2], {"ContentTime": "1200-1201"}), ([0, 2], {"ContentTime": "0016-2330"}),
                               ([1], {"ContentDate": "20240110-20240111", "ContentTime": "0000-0100"})]:
            with self.subTest(keys):
                found = self.find("IMAGE", StudyInstanceUID=self.study, SeriesInstanceUID=self.series, InstanceNumber="",
                                  **keys)
                self.assertEqual(sorted(one.InstanceNumber for one in found), expected)


class Cancelled(Queries):
    ROWS = 500

    @classmethod
    def setUpClass(cls):
        """One series whose rows are so long that no buffer between two programs holds all of them."""
        super().setUpClass()
        requests = [item(RequestedProcedureID=f"RP{number}", RequestedProcedureDescription="R" * 64,
                         ScheduledProcedureStepID=f"SPS{number}", ScheduledProcedureStepDescription="S" * 64)
                    for number in range(150)]
        cls.keys = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
        cls.client.store([instance(RequestAttributesSequence=requests, **cls.keys) for _ in range(cls.ROWS)])

    def test_when_the_peer_has_seen_enough(self):
        seen = []

        def take_little_at_a_time(event):
            event.assoc.dul.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)

        def cancel_at_the_first(event):
            if isinstance(event.message, C_FIND_RSP):
                seen.append(event)
                if len(seen) == 1:
                    event.assoc.send_c_cancel(7, query_model=STUDY_ROOT)

        wanted = identifier("IMAGE", SOPInstanceUID="", RequestAttributesSequence=[], **self.keys)
        with self.client.association([STUDY_ROOT], handlers=[(evt.EVT_CONN_OPEN, take_little_at_a_time),
                                                             (evt.EVT_DIMSE_RECV, cancel_at_the_first)]) as line:
            *answers, (final, _) = line.send_c_find(wanted, STUDY_ROOT, msg_id=7)
            self.assertEqual(final.Status, CANCELLED)
            self.assertEqual({status.Status for status, _ in answers}, {PENDING})
            self.assertLess(len(answers), self.ROWS)
            # The association lives on.
            wanted = identifier("STUDY", StudyInstanceUID=self.keys["StudyInstanceUID"])
            *answers, (final, _) = line.send_c_find(wanted, STUDY_ROOT)
            self.assertEqual((final.Status, len(answers)), (SUCCESS, 1))


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

    def test_names_are_asked_in_their_own_character_set(self):
        for number, (character_set, (name, word)) in enumerate(CHARACTER_SETS.items()):
            own, patient = character_set.split("\\"), f"O-{number}"
            self.client.store([instance(SpecificCharacterSet=own, PatientID=patient, PatientName=name,
                                        StudyDescription=word)])
            self.assert_found_by_every_group(own, patient, name, [group.split("^") for group in name.split("=")])
            for pattern, count in [(word, 1), (word[:2] + "*", 1), (word[1:], 0)]:
                with self.subTest(character_set, word=pattern):
                    found = self.find("STUDY", SpecificCharacterSet=own, PatientID=patient, StudyDescription=pattern)
                    self.assertEqual([one.StudyDescription for one in found], [word] * count)

    def test_code_extensions_written_by_hand(self):
        for number, (character_set, (name, groups)) in enumerate(WRITTEN_BY_HAND.items()):
            own, patient = character_set.split("\\"), f"H-{number}"
            self.client.store([instance(SpecificCharacterSet=own, PatientID=patient,
                                        PatientName=b"=".join(b"^".join(group) for group in groups))])
            self.assert_found_by_every_group(own, patient, name, groups)

    def assert_found_by_every_group(self, own, patient, name, groups):
        """By all of it and by either part; not by the parts exchanged. The parts are text, or bytes as they shall go."""
        for place, (family, given) in enumerate(groups):
            hat, star, equals = (b"^", b"*", b"=") if isinstance(family, bytes) else "^*="
            for pattern, count in [(family + hat + given, 1), (family + star, 1), (star + hat + given, 1),
                                   (given + hat + family, 0)]:
                with self.subTest(own, pattern=pattern):
                    found = self.find("STUDY", SpecificCharacterSet=own, PatientID=patient,
                                      PatientName=equals * place + pattern)
                    self.assertEqual([str(one.PatientName) for one in found], [name] * count)

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
