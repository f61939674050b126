#!/usr/bin/env python3
"""C-GET and C-MOVE rates of Punctum, Orthanc and dcmqrscp in one run on one machine, the same series for all.

Every server holds one CT series. DCMTK's getscu fetches it, DCMTK's movescu has it sent to a storescp; both receivers drop
what they get. The sum of what arrived must be the whole series, or the cell is void. "As installed" leaves TCP_NODELAY to
the programs; "tuned" sets it in the environment of client, receiver and server. Ratios hold where absolute rates do not.
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
import time

from side_by_side import NODELAY, add_common_options, data_folder, ratio_text, tuning_name  # puts the interop folder on the path
from ct_slices import write_studies
from servers import Dcmqrscp, Orthanc, Punctum, Server, free_port


class Receiver(Server):
    """storescp that drops what it gets."""

    ae_title = "RECEIVER"

    def __init__(self, folder, environment):
        super().__init__(folder, environment)
        self.port = free_port()

    def start(self):
        self.launch(["storescp", "--ignore", "-aet", self.ae_title, str(self.port)], self.accepts)


class RetrievableOrthanc(Orthanc):
    """Orthanc that lets anybody retrieve and knows the receiver."""

    def __init__(self, folder, environment, receiver):
        super().__init__(folder, environment, {"receiver": (receiver.ae_title, receiver.host, receiver.port)})
        config = json.loads(self.config.read_text())
        config.update({"DicomAlwaysAllowGet": True, "DicomAlwaysAllowMove": True})
        self.config.write_text(json.dumps(config))


class RetrievableDcmqrscp(Dcmqrscp):
    def __init__(self, folder, environment, receiver):
        super().__init__(folder, environment)
        text = self.config.read_text().replace(
            "HostTable BEGIN\n", f"HostTable BEGIN\nreceiver = ({receiver.ae_title}, {receiver.host}, {receiver.port})\n")
        self.config.write_text(text)


def punctum(folder, environment, receiver):
    return Punctum(folder, environment, peers={receiver.ae_title: {"host": receiver.host, "port": receiver.port}})


SERVERS = {"Punctum": punctum, "Orthanc": RetrievableOrthanc, "dcmqrscp": RetrievableDcmqrscp}


def keys(study, series):
    return ["-S", "-k", "QueryRetrieveLevel=SERIES", "-k", f"StudyInstanceUID={study}", "-k", f"SeriesInstanceUID={series}"]


def completed(text):
    """The sub-operations that the last response calls completed; None if there is no such line."""
    counts = re.findall(r"(?:Completed Suboperations|NumberOfCompletedSubOperations)\s*:\s*(\d+)", text)
    return int(counts[-1]) if counts else None


def timed(command, environment):
    start = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")
    return time.monotonic() - start, done.stdout + done.stderr


def retrieve(server, receiver, how, study, series, environment):
    """(seconds, objects that came)"""
    to = ["-aec", server.ae_title, server.host, str(server.port)]
    if how == "C-GET":
        seconds, text = timed(["getscu", "-d", "--ignore", *keys(study, series), *to], environment)
        came = completed(text)
        return seconds, came if came is not None else text.count("Received C-STORE Request")
    seconds, text = timed(["movescu", "-d", "-aem", receiver.ae_title, *keys(study, series), *to], environment)
    return seconds, completed(text) or 0


def measure(name, tuned, work, rounds, cells):
    environment = {**os.environ, **(NODELAY if tuned else {})}
    _, study, series, count = work["study"]
    with data_folder(name, work["folder"]) as folder:
        with Receiver(folder / "receiver", NODELAY if tuned else {}) as receiver:
            with SERVERS[name](folder / "server", NODELAY if tuned else {}, receiver) as server:
                subprocess.run(["storescu", "-aec", server.ae_title, "--required", "+sd", "+r", server.host,
                                str(server.port), str(work["all"])], env={**os.environ, **NODELAY}, check=True)
                for how in ("C-GET", "C-MOVE"):
                    for _ in range(rounds):
                        seconds, came = retrieve(server, receiver, how, study, series, environment)
                        if came != count:
                            raise RuntimeError(f"{how} from {name}: {came} of {count} came")
                        cells.setdefault((tuned, how), {}).setdefault(name, []).append(seconds)
                        print(f"{tuning_name(tuned)}: {how} from {name}: {count / seconds:.0f}/s",
                              file=sys.stderr, flush=True)


# What the project asks of itself of servers as installed, as a multiple of Orthanc's rate.
WANTED = {"C-GET": 3, "C-MOVE": 2}


def table(cells, names, count):
    lines = [f"{'':14}{'':8}" + "".join(f"{name:>16}" for name in names) + f"{'Punctum / Orthanc':>20}"]
    for (tuned, how), row in cells.items():
        rates = {name: count / statistics.median(row[name]) for name in names}
        ratio = ratio_text(rates, None if tuned else WANTED.get(how))
        lines.append(f"{tuning_name(tuned):14}{how:8}"
                     + "".join(f"{rates[name]:>14.0f}/s" for name in names) + f"{ratio:>20}")
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--slices", type=int, default=150, help="512 x 512 CT slices in the series (default 150)")
    parser.add_argument("--rounds", type=int, default=5, help="retrievals per cell; medians are shown (default 5)")
    add_common_options(parser, SERVERS)
    return parser.parse_args()


def main():
    options = arguments()
    cells = {}
    with tempfile.TemporaryDirectory(prefix="retrieve-", dir=options.dir) as folder:
        folder = pathlib.Path(folder)
        (study,) = write_studies(folder / "slices", 1, options.slices)
        work = {"folder": folder, "all": folder / "slices", "study": study}
        for tuned in (False, True):
            for name in options.servers:
                measure(name, tuned, work, options.rounds, cells)
    print(table(cells, options.servers, options.slices))
    if options.json:
        options.json.write_text(json.dumps([{"tuned": tuned, "how": how, "server": name, "seconds": seconds}
                                            for (tuned, how), row in cells.items() for name, all_ in row.items()
                                            for seconds in all_]))


if __name__ == "__main__":
    main()
