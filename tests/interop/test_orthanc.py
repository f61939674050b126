"""Orthanc beside the node: it moves a study here, asks what is here, takes results by delivery and by C-MOVE."""

import io
import unittest

import presentation_states
from ct_series import Grid, write_series
from orthanc_case import OrthancCase
from servers import wait_until


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

    def test_it_sends_a_study_and_the_results_come_back_to_it(self):
        self.rest.call("POST", "/modalities/punctum/echo", {})
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


if __name__ == "__main__":
    unittest.main()
