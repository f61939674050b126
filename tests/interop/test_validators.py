"""dciodvfy, dcentvfy, dcmpschk and dsrdump over everything that the program writes."""

import re
import unittest

from clients import tool
from node_case import NodeCase
from servers import PROGRAM

# The one line that a private coding scheme must cause.
PRIVATE_SCHEME = re.compile(r"Unrecognized defined term <99PUNCTUM>")
# dcentvfy says this of every report beside every CT, also of those by other makers: its tables of the two differ.
QUIRK = re.compile(r"Different information entities for attribute - Element=<AccessionNumber>")
ATTRIBUTES = ("Shape", "Density", "Heterogeneity", "Surface", "Invasion")
MEASUREMENTS = ("Volume", "Long Axis", "Short Axis", "Attenuation Coefficient")


class Validators(NodeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls("test_dciodvfy_finds_nothing")
        cls.series = case.new_series()
        cls.files = {"GSPS": case.new_folder() / "gsps.dcm"}
        image, x, y = cls.series.clicked()
        lps = cls.series.grid.position(*cls.series.centre)
        tool(PROGRAM, "click", cls.series.folder, "--lps=" + ",".join(f"{v:.3f}" for v in lps), "--creator", "Leser^Anna",
             "-o", cls.files["GSPS"], "--to", f"{cls.node.ae_title}@{cls.node.host}:{cls.node.port}")
        (seg,), (report,) = case.wait_for_results(cls.series.study)
        for name, series in (("SEG", seg), ("SR", report)):
            cls.files[name] = case.new_folder() / f"{name.lower()}.dcm"
            case.fetch(cls.series.study, series).save_as(cls.files[name], enforce_file_format=True)

    def test_dciodvfy_finds_nothing(self):
        for name, path in self.files.items():
            with self.subTest(name):
                said = tool("dciodvfy", path, check=False).splitlines()
                complaints = [line for line in said if re.match(r"(Error|Warning)", line) and not PRIVATE_SCHEME.search(line)]
                self.assertEqual(complaints, [])
                self.assertTrue(said, "dciodvfy said nothing at all, not even the name of the object")

    def test_dcentvfy_is_silent_over_the_study(self):
        said = tool("dcentvfy", *sorted(self.series.folder.iterdir()), *self.files.values(), check=False)
        complaints = [line for line in said.splitlines() if line and not QUIRK.search(line)]
        self.assertEqual(complaints, [])

    def test_dcmpschk_accepts_the_click(self):
        said = tool("dcmpschk", self.files["GSPS"])
        affected = set(re.findall(r"Affected attribute: (\w+)", said))
        # Umlauts: dcmpschk knows no character sets.
        self.assertLessEqual(affected, {"ReferringPhysicianName", "PatientName"}, said)

    def test_dsrdump_shows_attributes_and_measurements(self):
        said = tool("dsrdump", "+Pc", self.files["SR"])
        for name in (*ATTRIBUTES, *MEASUREMENTS):
            self.assertRegex(said, rf'<(contains|inferred from) (CODE|NUM):\([^)]*"{name}"\)=')

    def test_the_report_survives_dsr2html(self):
        page = self.new_folder() / "report.html"
        tool("dsr2html", self.files["SR"], page)
        text = page.read_text(errors="replace")
        for name in ATTRIBUTES:
            self.assertIn(name, text)


if __name__ == "__main__":
    unittest.main()
