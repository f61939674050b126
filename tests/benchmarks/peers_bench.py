#!/usr/bin/env python3
"""C-STORE rates of Punctum, Orthanc and dcmqrscp in one run on one machine, the same files for all.

Every cell starts its server on an empty folder, sends all slices with DCMTK's storescu, then asks the server by C-FIND
what it has: a rate counts only with the number of images that are really there. "As installed" leaves TCP_NODELAY to the
programs; "tuned" sets it in the environment of the sender and of the server. Ratios hold where absolute rates do not.
Two floors stand below: the same transfer to a server that throws everything away, and as many writers of synced files.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from side_by_side import NODELAY, add_common_options, data_folder, ratio_text, tuning_name  # puts the interop folder on the path
from ct_slices import write_studies
from servers import Dcmqrscp, Discarding, Orthanc, Punctum

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


def folders_of(work, associations):
    """What each sender sends."""
    return [work["all"]] if associations == 1 else [folder for folder, *_ in work["studies"]]


def transfer(tuned, associations, work, slices):
    """Slices per second to a server that throws them away."""
    tuning = NODELAY if tuned else {}
    with tempfile.TemporaryDirectory(prefix="nowhere-", dir=work["folder"]) as empty:
        with Discarding(empty, tuning) as server:
            return slices / send(server, folders_of(work, associations), {**os.environ, **tuning})


def measure(kind, tuned, associations, work):
    """(seconds, images there afterwards) of one cell."""
    tuning = NODELAY if tuned else {}
    folders = folders_of(work, associations)
    with data_folder(kind, work["folder"]) as empty, SERVERS[kind](empty, tuning) as server:
        seconds = send(server, folders, {**os.environ, **tuning})
        return seconds, stored(server, work["studies"])


def floor(work, writers):
    """Slices per second when each is written and fdatasync'ed before its writer's next: what the disk allows so many."""
    blobs = [path.read_bytes() for path in sorted(work["all"].rglob("*.dcm"))[:200]]

    def write(target, first):
        for number in range(first, len(blobs), writers):
            with open(target / str(number), "wb", buffering=0) as file:
                file.write(blobs[number])
                os.fdatasync(file.fileno())

    with data_folder("floor", work["folder"]) as target:
        threads = [threading.Thread(target=write, args=(target, first)) for first in range(writers)]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(blobs) / (time.monotonic() - start)


# What the project asks of itself, as a multiple of Orthanc's rate: by tuning and number of associations.
WANTED = {(False, 1): 12, (False, 4): 8, (True, 1): 2, (True, 4): 2.5}


def table(results, slices):
    """The whole outcome as lines of text."""
    head = (f"{'':14}{'associations':>13}" + "".join(f"{name:>22}" for name in results["servers"])
            + f"{'Punctum / Orthanc':>22}{'transfer alone':>16}{'disk alone':>12}")
    lines = [head]
    for (tuned, associations), cells in results["cells"].items():
        rates, texts = {}, []
        for name in results["servers"]:
            rate = statistics.median(there / seconds for seconds, there in cells[name])
            lost = slices - min(there for _, there in cells[name])
            rates[name] = rate
            texts.append(f"{rate:.0f}/s" + (f" ({lost} lost)" if lost else ""))
        ratio = ratio_text(rates, WANTED[tuned, associations])
        sent = statistics.median(results["transfers"][tuned, associations])
        written = statistics.median(results["floors"][associations])
        lines.append(f"{tuning_name(tuned):14}{associations:>13}" + "".join(f"{t:>22}" for t in texts)
                     + f"{ratio:>22}{f'{sent:.0f}/s':>16}{f'{written:.0f}/s':>12}")
        if "Punctum" in rates:
            wanted = WANTED[tuned, associations]
            goal = f"{wanted} x would be {wanted * rates['Orthanc']:.0f}/s" if "Orthanc" in rates else ""
            lines.append(f"{'':14}{'':>13}{'':>{22 * len(results['servers']) - 22}}{goal:>22}{'Punctum reaches of it':>22}"
                         f"{rates['Punctum'] / sent:>16.0%}{rates['Punctum'] / written:>12.0%}")
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n")[0])
    parser.add_argument("--slices", type=int, default=600, help="512 x 512 CT slices to send (default 600)")
    parser.add_argument("--rounds", type=int, default=5, help="repeat everything, report medians (default 5)")
    add_common_options(parser, SERVERS)
    return parser.parse_args()


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.dir) as folder:
        folder = pathlib.Path(folder)
        work = {"folder": folder, "all": folder / "slices", "studies": write_studies(folder / "slices", 4, options.slices)}
        settings = [(tuned, associations) for tuned in (False, True) for associations in (1, 4)]
        cells = {setting: {name: [] for name in options.servers} for setting in settings}
        floors, transfers = {1: [], 4: []}, {setting: [] for setting in settings}
        for _ in range(options.rounds):
            for writers, rates in floors.items():
                rates.append(floor(work, writers))
            for tuned, associations in settings:
                transfers[tuned, associations].append(transfer(tuned, associations, work, options.slices))
                for name in options.servers:
                    seconds, there = measure(name, tuned, associations, work)
                    cells[tuned, associations][name].append((seconds, there))
                    print(f"{tuning_name(tuned)}, {associations} association(s): {name} "
                          f"{there} of {options.slices} in {seconds:.1f} s", file=sys.stderr, flush=True)
    print(table({"servers": options.servers, "cells": cells, "floors": floors, "transfers": transfers}, options.slices))
    if options.json:
        options.json.write_text(json.dumps([
            {"tuned": tuned, "associations": associations, "server": name, "seconds": seconds, "stored": there}
            for (tuned, associations), row in cells.items() for name, runs in row.items() for seconds, there in runs]))


if __name__ == "__main__":
    main()
