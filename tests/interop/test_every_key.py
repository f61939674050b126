"""Every key of the conformance statement is matched, and returned with its value, as pynetdicom asks."""

import unittest

from pynetdicom.sop_class import PatientRootQueryRetrieveInformationModelFind

import every_key
from clients import PENDING, SUCCESS, bytes_of, identifier
from node_case import NodeCase
from small_objects import item

MODEL = PatientRootQueryRetrieveInformationModelFind
UNIQUE = {"PATIENT": ("PatientID", "EVERY-1"), "STUDY": ("StudyInstanceUID", every_key.STUDY),
          "SERIES": ("SeriesInstanceUID", every_key.SERIES), "IMAGE": ("SOPInstanceUID", every_key.IMAGE)}


def unique_keys(level):
    """Those that lead to the one object of a level."""
    levels = list(UNIQUE)
    return dict(UNIQUE[one] for one in levels[:levels.index(level) + 1])


class EveryKey(NodeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ds = every_key.the_object()
        cls.client.store_bytes(bytes_of(ds), ds.SOPClassUID, ds.SOPInstanceUID)
        cls.line = cls.enterClassContext(cls.client.association([MODEL]))

    def ask(self, level, **keys):
        """The matches below the object's own unique keys, of which `keys` may replace one."""
        wanted = identifier(level, SpecificCharacterSet="ISO_IR 192", **{**unique_keys(level), **keys})
        *answers, (final, _) = self.line.send_c_find(wanted, MODEL)
        self.assertEqual(final.Status, SUCCESS)
        self.assertTrue(all(status.Status in PENDING for status, _ in answers))
        return [found for _, found in answers]

    def test_every_attribute_is_matched_and_returned(self):
        for level, rows in every_key.KEYS.items():
            for keyword, value, matching, other in rows:
                with self.subTest(level=level, keyword=keyword):
                    for key in ["", value] + ([matching] if matching else []):
                        (found,) = self.ask(level, **{keyword: key})
                        self.assertEqual(found[keyword].value, value)
                    self.assertEqual(self.ask(level, **{keyword: other}), [])

    def test_every_attribute_within_a_sequence_is_matched_and_returned(self):
        for level, sequence, rows in every_key.SEQUENCES:
            for keyword, value, matching, other in rows:
                with self.subTest(sequence=sequence, keyword=keyword):
                    for key in ("", value, matching):
                        (found,) = self.ask(level, **{sequence: [item(**{keyword: key})]})
                        self.assertEqual([inner[keyword].value for inner in found[sequence]], [value])
                    self.assertEqual(self.ask(level, **{sequence: [item(**{keyword: other})]}), [])

    def test_what_is_counted_or_collected_is_returned(self):
        for level, rows in every_key.COMPUTED.items():
            for keyword, value, other in rows:
                with self.subTest(level=level, keyword=keyword):
                    for key in ("", value):
                        (found,) = self.ask(level, **{keyword: key})
                        self.assertEqual(found[keyword].value, value)
                    if other:
                        self.assertEqual(self.ask(level, **{keyword: other}), [])

    def test_any_other_attribute_matches_everything_and_is_not_returned(self):
        for level in UNIQUE:
            (found,) = self.ask(level, KVP="120", ImageComments="none such")
            self.assertNotIn("KVP", found)
            self.assertNotIn("ImageComments", found)


if __name__ == "__main__":
    unittest.main()
