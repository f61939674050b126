#!/usr/bin/env python3
"""C-STORE rates of Punctum, Orthanc and dcmqrscp in one run on one machine, the same files for all.

Every cell starts its server on an empty folder, sends all slices with DCMTK's storescu, then asks the server by C-FIND
what it has: a rate counts only with the number of images that are really there. "As installed" leaves TCP_NODELAY to the
programs; "tuned" sets it in the environment of the sender and of the server. Ratios hold where absolute rates do not.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from side_by_side import NODELAY, add_common_options, ratio_text, tuning_name  # puts the interop folder on the path
from ct_slices import write_studies
from servers import Dcmqrscp, Orthanc, Punctum

SERVERS = {"Punctum": Punctum, "Orthanc": Orthanc, "dcmqrscp": Dcmqrscp}

def send(server, folders, environment):
    """One storescu per folder, all at once; seconds until the last has ended."""
    start = time.monotonic()
    senders = [subprocess.Popen(["storescu", "-aec", server.ae_title, "--no-halt", "--required", "+sd", "+r",
                                 server.host, str(server.port), str(folder)], env=environment,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for folder in folders]
    for sender in senders:
        sender.wait()
    return time.monotonic() - start


def stored(server, studies):
    """How many distinct images of these studies the server lists."""
    count = 0
    for _, study, series, _ in studies:
        answer = subprocess.run(
            ["findscu", "-aec", server.ae_title, "-S", "-k", "QueryRetrieveLevel=IMAGE", "-k", f"StudyInstanceUID={study}",
             "-k", f"SeriesInstanceUID={series}", "-k", "SOPInstanceUID", server.host, str(server.port)],
            env={**os.environ, **NODELAY}, capture_output=True, text=True)
        count += len(set(re.findall(r"\(0008,0018\) UI \[([0-9.]+)", answer.stdout + answer.stderr)))
    return count


def measure(kind, tuned, associations, work):
    """(seconds, images there afterwards) of one cell."""
    tuning = NODELAY if tuned else {}
    folders = [work["all"]] if associations == 1 else [folder for folder, *_ in work["studies"]]
    empty = tempfile.mkdtemp(prefix=f"{kind}-", dir=work["folder"])
    os.sync()  # what the cell before left to be written must not weigh on this one
    try:
        with SERVERS[kind](empty, tuning) as server:
            seconds = send(server, folders, {**os.environ, **tuning})
            return seconds, stored(server, work["studies"])
    finally:
        shutil.rmtree(empty, ignore_errors=True)


def floor(work):
    """Slices per second when each is written and fdatasync'ed before the next: what the disk allows one writer."""
    target = work["folder"] / "floor"
    target.mkdir()
    blobs = [path.read_bytes() for path in sorted(work["all"].rglob("*.dcm"))[:200]]
    os.sync()
    start = time.monotonic()
    for number, blob in enumerate(blobs):
        with open(target / str(number), "wb", buffering=0) as file:
            file.write(blob)
            os.fdatasync(file.fileno())
    rate = len(blobs) / (time.monotonic() - start)
    shutil.rmtree(target)
    return rate


# What the project asks of itself, as a multiple of Orthanc's rate: by tuning and number of associations.
WANTED = {(False, 1): 12, (False, 4): 8, (True, 1): 2, (True, 4): 2.5}


def table(results, slices, floor_rates):
    """The whole outcome as lines of text."""
    head = f"{'':14}{'associations':>13}" + "".join(f"{name:>22}" for name in results["servers"]) + f"{'Punctum / Orthanc':>22}"
    lines = [head]
    for (tuned, associations), cells in results["cells"].items():
        rates, texts = {}, []
        for name in results["servers"]:
            rate = statistics.median(there / seconds for seconds, there in cells[name])
            lost = slices - min(there for _, there in cells[name])
            rates[name] = rate
            texts.append(f"{rate:.0f}/s" + (f" ({lost} lost)" if lost else ""))
        ratio = ratio_text(rates, WANTED[tuned, associations])
        lines.append(f"{tuning_name(tuned):14}{associations:>13}" + "".join(f"{t:>22}" for t in texts)
                     + f"{ratio:>22}")
    lines.append(f"disk: write + fdatasync of one slice after the other: {statistics.median(floor_rates):.0f}/s")
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n")[0])
    parser.add_argument("--slices", type=int, default=600, help="512 x 512 CT slices to send (default 600)")
    parser.add_argument("--rounds", type=int, default=1, help="repeat everything, report medians (default 1)")
    add_common_options(parser, SERVERS)
    return parser.parse_args()


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.dir) as folder:
        folder = pathlib.Path(folder)
        work = {"folder": folder, "all": folder / "slices", "studies": write_studies(folder / "slices", 4, options.slices)}
        settings = [(tuned, associations) for tuned in (False, True) for associations in (1, 4)]
        cells = {setting: {name: [] for name in options.servers} for setting in settings}
        floors = []
        for _ in range(options.rounds):
            floors.append(floor(work))
            for tuned, associations in settings:
                for name in options.servers:
                    seconds, there = measure(name, tuned, associations, work)
                    cells[tuned, associations][name].append((seconds, there))
                    print(f"{tuning_name(tuned)}, {associations} association(s): {name} "
                          f"{there} of {options.slices} in {seconds:.1f} s", file=sys.stderr, flush=True)
    print(table({"servers": options.servers, "cells": cells}, options.slices, floors))
    if options.json:
        options.json.write_text(json.dumps([
            {"tuned": tuned, "associations": associations, "server": name, "seconds": seconds, "stored": there}
            for (tuned, associations), row in cells.items() for name, runs in row.items() for seconds, there in runs]))


if __name__ == "__main__":
    main()
