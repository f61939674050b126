"""Orthanc beside the node: it moves a study here, asks what is here, takes results by delivery, C-MOVE and C-GET."""

import io
import unittest

from pydicom.uid import ComprehensiveSRStorage, SegmentationStorage, generate_uid

import presentation_states
from clients import verify
from ct_series import Grid, write_series
from orthanc_case import OrthancCase
from servers import wait_until
from small_objects import instance
from test_foreign_clicks import values


class BesideOrthanc(OrthancCase):
    def study_in_orthanc(self):
        series = write_series(self.new_folder() / "ct", Grid())
        for image in series.slices:
            buffer = io.BytesIO()
            image.save_as(buffer, enforce_file_format=True)
            self.rest.call("POST", "/instances", buffer.getvalue())
        (study,) = self.rest.find("Study", StudyInstanceUID=series.study)
        return series, study["ID"]

    def modalities_in_orthanc(self, study):
        return [one["MainDicomTags"]["Modality"] for one in self.rest.find("Series", StudyInstanceUID=study)]

    def test_each_verifies_the_other(self):
        self.rest.call("POST", "/modalities/punctum/echo", {})
        verify(self.orthanc)

    def test_it_sends_a_study_and_the_results_come_back_to_it(self):
        series, identifier = self.study_in_orthanc()
        sent = self.rest.call("POST", "/modalities/punctum/store", {"Resources": [identifier], "Synchronous": True})
        self.assertEqual(sent["FailedInstancesCount"], 0)
        self.assertEqual(sent["InstancesCount"], len(series.slices))

        self.client.store([presentation_states.plain([series.clicked()])])
        (seg,), (report,) = self.wait_for_results(series.study)
        wait_until(lambda: {"SEG", "SR"} <= set(self.modalities_in_orthanc(series.study)), "delivery to Orthanc", 60)
        delivered = {one["MainDicomTags"]["SeriesInstanceUID"] for one in self.rest.find("Series", StudyInstanceUID=series.study)}
        self.assertLessEqual({seg, report}, delivered)

    def test_it_queries_the_node_and_moves_a_study_to_itself(self):
        series = self.new_series()
        self.assertEqual(self.rest.find("Study", StudyInstanceUID=series.study), [])
        query = self.rest.call("POST", "/modalities/punctum/query",
                               {"Level": "Study", "Query": {"StudyInstanceUID": series.study, "PatientName": ""}})
        answers = self.rest.call("GET", f"{query['Path']}/answers?expand&simplify")
        self.assertEqual([answer["StudyInstanceUID"] for answer in answers], [series.study])
        self.assertEqual(answers[0]["PatientName"], "Größe^Jörg")

        self.rest.call("POST", f"{query['Path']}/retrieve", {"TargetAet": "ORTHANC", "Synchronous": True})
        instances = self.rest.find("Instance", StudyInstanceUID=series.study)
        self.assertEqual({one["MainDicomTags"]["SOPInstanceUID"] for one in instances},
                         {str(image.SOPInstanceUID) for image in series.slices})

    def stored(self):
        """A patient with one study of two CT, a segmentation and a report, in three series."""
        shared = {"SpecificCharacterSet": "ISO_IR 192", "PatientID": f"O-{generate_uid()[-8:]}",
                  "PatientName": "Größe^Jörg", "StudyInstanceUID": generate_uid()}
        series = {"SeriesInstanceUID": generate_uid(), "SeriesDescription": "lung"}
        objects = [instance(InstanceNumber=1, **shared, **series), instance(InstanceNumber=2, **shared, **series),
                   instance(SegmentationStorage, Modality="SEG", **shared), instance(ComprehensiveSRStorage, **shared)]
        self.client.store(objects)
        return objects

    @staticmethod
    def levels(one):
        """(level, unique keys, number of objects) around the first one that stored() made."""
        study = {"PatientID": one.PatientID, "StudyInstanceUID": one.StudyInstanceUID}
        series = {**study, "SeriesInstanceUID": one.SeriesInstanceUID}
        return [("Patient", {"PatientID": one.PatientID}, 4), ("Study", study, 4), ("Series", series, 2),
                ("Instance", {**series, "SOPInstanceUID": one.SOPInstanceUID}, 1)]

    def ask(self, level, **query):
        path = self.rest.call("POST", "/modalities/punctum/query", {"Level": level, "Query": query})["Path"]
        return self.rest.call("GET", f"{path}/answers?expand&simplify")

    def test_it_queries_every_level(self):
        """PATIENT through the Patient Root, the others through the Study Root."""
        one = self.stored()[0]
        wanted = {"Patient": ("PatientName", "größe*", "Größe^Jörg"), "Study": ("ModalitiesInStudy", "SEG", "CT\\SEG\\SR"),
                  "Series": ("SeriesDescription", "l*", "lung"), "Instance": ("InstanceNumber", "1", "1")}
        for level, keys, _ in self.levels(one):
            with self.subTest(level):
                keyword, asked, expected = wanted[level]
                (found,) = self.ask(level, **keys, **{keyword: asked})
                self.assertEqual(found[keyword], expected)
                unique = list(keys)[-1]
                self.assertEqual(found[unique], keys[unique])
                self.assertEqual(self.ask(level, **keys, **{keyword: "9"}), [])
        self.assertEqual(len(self.ask("Series", StudyInstanceUID=one.StudyInstanceUID, SeriesInstanceUID="")), 3)
        self.assertEqual(len(self.ask("Instance", StudyInstanceUID=one.StudyInstanceUID,
                                      SeriesInstanceUID=one.SeriesInstanceUID, SOPInstanceUID="")), 2)

    def test_it_gets_every_level(self):
        for number in range(4):
            objects = self.stored()
            level, keys, count = self.levels(objects[0])[number]
            with self.subTest(level):
                self.rest.call("POST", "/modalities/punctum/get", {"Level": level, "Resources": [keys], "Synchronous": True})
                came = self.rest.objects(objects[0].StudyInstanceUID)
                self.assertEqual({uid: values(ds) for uid, ds in came.items()},
                                 {str(ds.SOPInstanceUID): values(ds) for ds in objects[:count]})

    def test_it_retrieves_the_answers_of_a_query_by_c_get(self):
        series = self.new_series(Grid(columns=64, rows=64, slices=3))
        path = self.rest.call("POST", "/modalities/punctum/query",
                              {"Level": "Study", "Query": {"StudyInstanceUID": series.study}})["Path"]
        self.rest.call("POST", f"{path}/retrieve", {"RetrieveMethod": "C-GET", "Synchronous": True})
        came = self.rest.objects(series.study)
        self.assertEqual({uid: values(ds) for uid, ds in came.items()},
                         {str(ds.SOPInstanceUID): values(ds) for ds in series.slices})


if __name__ == "__main__":
    unittest.main()
