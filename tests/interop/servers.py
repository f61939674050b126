"""Servers under test and beside it, each on free loopback ports with a folder of its own. Standard library only."""

import contextlib
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("PUNCTUM_PROGRAM", str(SOURCE / "build/release/punctum"))


def free_port():
    """A port for a server that starts later. None of those that the system gives to outgoing connections: one of them might be taken
    until then."""
    for port in random.sample(range(10000, 32000), 1000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port of 127.0.0.1 between 10000 and 32000")


def wait_until(condition, what, timeout_s=30.0, every_s=0.05):
    """The first true answer of `condition`; TimeoutError naming `what` otherwise."""
    end = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout_s:g} s for {what}")
        time.sleep(every_s)


def said(word, text):
    """What the dcmjs programs say after `word`, of the lines that are complete."""
    return [json.loads(what) for what in re.findall(rf"^{word} (.*)\n", text, re.M)]


class Server:
    """A process that accepts associations at (host, port) under `ae_title` between start() and stop(); a context manager."""

    host = "127.0.0.1"
    ae_title = port = None

    def __init__(self, folder, environment=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "server.log"
        self.environment = {**os.environ, **(environment or {})}
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def launch(self, command, ready):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)
        try:
            wait_until(lambda: self.alive() and ready(), f"{command[0]} to accept associations")
        except Exception as error:
            self.stop()
            raise RuntimeError(f"{error}; it said:\n{self.log.read_text(errors='replace')[-2000:]}") from error

    def alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.process.args[0]} ended with {self.process.returncode}")
        return True

    def accepts(self, port=None):
        with socket.socket() as probe:
            return probe.connect_ex((self.host, port or self.port)) == 0

    def stop(self, timeout_s=20):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Punctum(Server):
    """`punctum serve` on port 0; its addresses come from the `ready` line."""

    ae_title = "PUNCTUM"

    def __init__(self, folder, environment=None, peers=None, deliver=(), **inference):
        super().__init__(folder, environment)
        self.config = self.folder / "node.json"
        self.config.write_text(json.dumps({
            "ae_title": self.ae_title,
            "data_dir": "data",
            "dicom": {"port": 0, "peers": peers or {}},
            "http": {"port": 0},
            "inference": inference,
            "deliver": list(deliver),
        }, indent=2))

    def start(self):
        self.log.write_bytes(b"")
        self.launch([PROGRAM, "serve", "--config", str(self.config)], self._ready)

    def _ready(self):
        line = re.search(r"^ready dicom=(\S+):(\d+) http=(\S+)", self.log.read_text(errors="replace"), re.M)
        if line:
            self.host, self.port, self.http = line[1], int(line[2]), line[3]
        return line

    def jobs(self):
        """What `punctum jobs` says, as text."""
        return subprocess.run([PROGRAM, "jobs", "--config", str(self.config)], capture_output=True, text=True).stdout


class Orthanc(Server):
    """Debian's Orthanc with its defaults; `modalities` are the peers it may send to: {"NAME": (ae_title, host, port)}."""

    ae_title = "ORTHANC"

    def __init__(self, folder, environment=None, modalities=None):
        super().__init__(folder, environment)
        self.port, self.http_port = free_port(), free_port()
        self.config = self.folder / "orthanc.json"
        self.config.write_text(json.dumps({
            "DicomAet": self.ae_title,
            "DicomPort": self.port,
            "HttpPort": self.http_port,
            "StorageDirectory": str(self.folder / "db"),
            "IndexDirectory": str(self.folder / "db"),
            "DicomModalities": {name: list(peer) for name, peer in (modalities or {}).items()},
            "DicomAlwaysAllowFind": True,  # counting what it holds, by whoever asks
        }))

    def start(self):
        # Its REST interface comes up after its DICOM server.
        self.launch(["/usr/sbin/Orthanc", str(self.config)], lambda: self.accepts() and self.accepts(self.http_port))


class Dcmqrscp(Server):
    """DCMTK's small archive."""

    ae_title = "DCMQRSCP"

    def __init__(self, folder, environment=None):
        super().__init__(folder, environment)
        self.port = free_port()
        (self.folder / "store").mkdir(exist_ok=True)
        self.config = self.folder / "dcmqrscp.cfg"
        self.config.write_text(f"""NetworkTCPPort = {self.port}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
{self.ae_title} {self.folder / 'store'} RW (1000, 1024mb) ANY
AETable END
""")

    def start(self):
        self.launch(["dcmqrscp", "-c", str(self.config)], self.accepts)


class DcmjsServer(Server):
    """dcmjs-dimse's server; `settings` are explained in dcmjs_server.mjs. What it stored lies in `stored`."""

    def __init__(self, folder, ae_title, environment=None):
        super().__init__(folder, environment)
        self.ae_title, self.port = ae_title, free_port()
        self.stored = self.folder / "stored"
        self.stored.mkdir()
        self.settings = {"port": self.port, "folder": str(self.stored)}

    def report_to(self, node, reports, loses=False):
        """Whom it calls with its reports, and how."""
        self.settings |= {"reports": reports, "loses": loses, "node": {
            "host": node.host, "port": node.port, "calling": self.ae_title, "called": node.ae_title}}
        return self

    def start(self):
        self.launch(["node", str(HERE / "dcmjs_server.mjs"), json.dumps(self.settings)], lambda: self.told("ready"))

    def told(self, word):
        return said(word, self.log.read_text(errors="replace"))


class Discarding(Server):
    """DCMTK's storescp, which takes every object and throws it away: what the transfer alone costs."""

    ae_title = "NOWHERE"

    def __init__(self, folder, environment=None):
        super().__init__(folder, environment)
        self.port = free_port()

    def start(self):
        self.launch(["storescp", "--ignore", "--fork", "-aet", self.ae_title, str(self.port)], self.accepts)
