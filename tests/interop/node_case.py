"""What the tests that need a running node share."""

import pathlib
import shutil
import tempfile
import unittest

from clients import Pynetdicom
from ct_series import Grid, write_series
from servers import PROGRAM, Punctum, wait_until

RESULTS_WITHIN_S = 120


class NodeCase(unittest.TestCase):
    """One node for all tests of the class; every test brings its own study."""

    peers, deliver = {}, ()

    @classmethod
    def setUpClass(cls):
        if not pathlib.Path(PROGRAM).exists():
            raise FileNotFoundError(f"no program at {PROGRAM}; build it or set PUNCTUM_PROGRAM")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="punctum-interop-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.node = cls.enterClassContext(Punctum(cls.folder / "node", peers=cls.peers, deliver=cls.deliver, settle_s=0.2))
        cls.client = Pynetdicom(cls.node)

    def new_folder(self):
        return pathlib.Path(tempfile.mkdtemp(dir=self.folder))

    def new_series(self, grid=None):
        """A CT series of a study of its own, stored in the node."""
        series = write_series(self.new_folder() / "ct", grid or Grid())
        self.client.store(series.slices)
        return series

    def result_series(self, study):
        """{"SEG": [series UID], "SR": [...]} as the node lists them now."""
        found = {"SEG": [], "SR": []}
        for match in self.client.find("SERIES", StudyInstanceUID=study, Modality="", SeriesInstanceUID=""):
            if match.Modality in found:
                found[match.Modality].append(str(match.SeriesInstanceUID))
        return found

    def wait_for_results(self, study, rounds=1):
        """Series UIDs (segmentation, report) of the one result of a study."""
        def both():
            found = self.result_series(study)
            return found if all(len(series) >= rounds for series in found.values()) else None
        try:
            found = wait_until(both, "a segmentation and a report", RESULTS_WITHIN_S, every_s=0.2)
        except TimeoutError as error:
            self.fail(f"{error}\n{self.node.jobs()}")
        return found["SEG"], found["SR"]

    def fetch(self, study, series):
        """The one object of a series, by pynetdicom's C-GET."""
        (ds,) = self.client.get("SERIES", StudyInstanceUID=study, SeriesInstanceUID=series)
        return ds
