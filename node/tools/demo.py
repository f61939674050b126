#!/usr/bin/env python3
"""./dev demo: the whole corridor once, with a foreign client at the far end.

A node on free loopback ports, a CT series, one click; then DCMTK's findscu waits for the segmentation and the report
and getscu fetches both. Exit 0 only if all of that happened.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("PUNCTUM_PROGRAM", str(ROOT / "build/release/punctum"))
RESULTS = ROOT / "build/demo"
PHANTOM_SEED = 900000  # from here on never trained on
PATIENCE_S = 120

STARTED = time.monotonic()


class DemoFailed(Exception):
    pass


def say(text):
    print(f"{time.monotonic() - STARTED:6.1f} s  {text}", flush=True)


def run(*command, **keywords):
    """The command's standard output; DemoFailed with all it said if it did not end well."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace", **keywords)
    if done.returncode != 0:
        raise DemoFailed(f"{' '.join(done.args)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Node:
    """`punctum serve` with a data folder that lives as long as the demo."""

    def __init__(self, folder):
        self.log = folder / "node.log"
        self.config = folder / "node.json"
        self.config.write_text(json.dumps({"data_dir": "data", "dicom": {"port": 0}, "http": {"port": 0}}, indent=2))
        with open(self.log, "wb") as log:  # a session of its own: Ctrl-C on a kept node's demo must not end it
            self.process = subprocess.Popen([PROGRAM, "serve", "--config", str(self.config)], stdout=log, stderr=log,
                                            start_new_session=True)
        self.host, self.port, self.http = self._ready()

    def _ready(self):
        for _ in range(600):
            line = re.search(r"^ready dicom=(\S+):(\d+) http=(\S+)", self.log.read_text(errors="replace"), re.M)
            if line:
                return line.groups()
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.stop()
        raise DemoFailed(f"the node did not start:\n{self.log.read_text(errors='replace')[-3000:]}")

    @property
    def address(self):
        return f"PUNCTUM@{self.host}:{self.port}"

    def result_series(self, study):
        """{"SEG": series UID, "SR": series UID} as far as the node lists them, asked by findscu."""
        answer = subprocess.run(
            ["findscu", "-S", "-aec", "PUNCTUM", "-k", "QueryRetrieveLevel=SERIES", "-k", f"StudyInstanceUID={study}",
             "-k", "Modality", "-k", "SeriesInstanceUID", self.host, self.port], capture_output=True, text=True)
        found = {}
        for response in re.split(r"Find Response:", answer.stdout + answer.stderr)[1:]:
            modality = re.search(r"\(0008,0060\) CS \[(\w+)", response)
            series = re.search(r"\(0020,000e\) UI \[([0-9.]+)", response)
            if modality and series and modality[1] in ("SEG", "SR"):
                found[modality[1]] = series[1]
        return found

    def job(self):
        """The only job, as `punctum jobs` reports it; nothing before the click has arrived."""
        jobs = json.loads(run(PROGRAM, "jobs", "--config", self.config, "--json"))["jobs"]
        return jobs[0] if jobs else {"state": "unknown"}

    def wait_for_results(self, study):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = self.result_series(study)
            if len(found) == 2:
                return found
            job = self.job()
            if job["state"] in ("refused", "failed"):
                raise DemoFailed(f"the click was {job['state']}: {job['message']}")
            if job["state"] == "delivered" and not job["seg_uid"]:
                raise DemoFailed("the network found no lesion at this point: a report without a segmentation")
            time.sleep(0.05)
        raise DemoFailed(f"no result within {PATIENCE_S} s; the job is {job['state']}")

    def fetch(self, study, series, modality):
        """The one object of a series, fetched by getscu."""
        folder = RESULTS / modality.lower()
        folder.mkdir()
        run("getscu", "-S", "-aec", "PUNCTUM", "-od", folder, "-k", "QueryRetrieveLevel=SERIES",
            "-k", f"StudyInstanceUID={study}", "-k", f"SeriesInstanceUID={series}", self.host, self.port)
        files = list(folder.iterdir())
        if len(files) != 1:
            raise DemoFailed(f"getscu brought {len(files)} objects of the {modality} series, expected 1")
        target = RESULTS / f"{modality.lower()}.dcm"
        files[0].rename(target)
        folder.rmdir()
        return target

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise DemoFailed("the node did not stop within 20 s")


def series_and_click(options, folder):
    """The CT folder and the point to click, given or generated."""
    if options.ct:
        return pathlib.Path(options.ct).resolve(), options.lps
    run(PROGRAM, "phantom", "--out", folder / "phantom", "--seed", PHANTOM_SEED)
    case = folder / "phantom" / f"case-{PHANTOM_SEED}"
    lesion = max(json.loads((case / "truth.json").read_text())["lesions"], key=lambda one: one["ml"])
    say(f"made a phantom: {len(list((case / 'ct').iterdir()))} slices, a lesion of {lesion['ml']:.1f} ml")
    return case / "ct", ",".join(f"{value:.2f}" for value in lesion["click_lps_mm"])


def corridor(node, ct, lps):
    """CT in, a click in, SEG and SR out."""
    say(f"sending {ct} to {node.address}")
    run(PROGRAM, "send", ct, "--to", node.address)
    say(f"clicking at ({lps}) mm")
    gsps = RESULTS / "gsps.dcm"
    run(PROGRAM, "click", ct, f"--lps={lps}", "--creator", "Demo^Reader", "-o", gsps, "--to", node.address)
    study = re.search(r"\[([0-9.]+)", run("dcmdump", "+P", "0020,000d", gsps))[1]
    series = node.wait_for_results(study)
    say(f"the node lists a segmentation and a report (C-FIND); it worked {node.job()['stage_ms'].get('total_ms', 0):.0f} ms")
    seg, report = (node.fetch(study, series[modality], modality) for modality in ("SEG", "SR"))
    say("fetched both (C-GET)")
    overlay = RESULTS / "overlay.png"
    numbers = run(PROGRAM, "show", seg, "--ct", ct, "-o", overlay)
    if not overlay.is_file() or overlay.stat().st_size == 0:
        raise DemoFailed(f"no overlay picture at {overlay}")
    print(f"\n{run(PROGRAM, 'show', report)}\n{numbers}", flush=True)
    say(f"picture: {overlay}")
    say(f"objects: {gsps.name}, {seg.name}, {report.name} in {RESULTS}")


def arguments(words):
    parser = argparse.ArgumentParser(prog="./dev demo", description="CT in, one click in, segmentation and report out.")
    parser.add_argument("--ct", metavar="DIR", help="folder with one CT series; without it a generated phantom")
    parser.add_argument("--lps", metavar="X,Y,Z", help="where to click, in patient millimetres (LPS)")
    parser.add_argument("--keep", action="store_true", help="leave the node running and print its addresses")
    if "--lps" in words[:-1]:  # a negative X is no option
        at = words.index("--lps")
        words = words[:at] + [f"--lps={words[at + 1]}"] + words[at + 2:]
    options = parser.parse_args(words)
    if bool(options.ct) != bool(options.lps):
        parser.error("--ct and --lps belong together")
    if options.ct and not os.path.isdir(options.ct):
        parser.error(f"--ct names no folder: {options.ct}")
    return options


def main():
    options = arguments(sys.argv[1:])
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="punctum-demo-"))
    node, kept = None, False
    try:
        if not os.access(PROGRAM, os.X_OK):
            raise DemoFailed(f"no program at {PROGRAM}; ./dev setup builds it")
        ct, lps = series_and_click(options, folder)
        node = Node(folder)
        say(f"node ready: DICOM {node.address}, data in {folder / 'data'}")
        corridor(node, ct, lps)
        kept = options.keep
        if kept:
            say(f"left running: process {node.process.pid}, DICOM {node.address}, HTTP http://{node.http}, files in {folder}")
    except DemoFailed as error:
        print(f"demo failed: {error}", file=sys.stderr)
        return 1
    finally:
        if not kept:
            if node:
                node.stop()
            shutil.rmtree(folder, ignore_errors=True)
    if not kept:
        say("node stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
