"""Orthanc beside the node: each knows the other, and the node delivers its results to it."""

import io
import json
import pathlib
import tempfile
import unittest
import urllib.request

import pydicom

from node_case import NodeCase
from servers import Orthanc


class Rest:
    """Orthanc's REST interface."""

    def __init__(self, orthanc):
        self.base = f"http://127.0.0.1:{orthanc.http_port}"

    def send(self, method, path, body=None):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read()

    def call(self, method, path, body=None):
        text = self.send(method, path, body)
        return json.loads(text) if text.strip() else None

    def find(self, level, **query):
        return self.call("POST", "/tools/find", {"Level": level, "Query": query, "Expand": True})

    def objects(self, study):
        """{SOP Instance UID: data set} of all that Orthanc holds of a study."""
        files = [self.send("GET", f"/instances/{one['ID']}/file") for one in self.find("Instance", StudyInstanceUID=study)]
        return {str(ds.SOPInstanceUID): ds for ds in (pydicom.dcmread(io.BytesIO(file)) for file in files)}


class OrthancCase(NodeCase):
    deliver = ("ORTHANC",)
    as_peer = {}  # more that the node's configuration says of Orthanc
    as_modality = {}  # more that Orthanc's configuration says of the node

    @classmethod
    def setUpClass(cls):
        if not pathlib.Path("/usr/sbin/Orthanc").exists():
            raise unittest.SkipTest("Orthanc is not installed; `./dev setup --interop` does it")
        home = tempfile.TemporaryDirectory(prefix="punctum-orthanc-")
        cls.addClassCleanup(home.cleanup)
        cls.orthanc = cls.enterClassContext(Orthanc(home.name))
        cls.peers = {"ORTHANC": {"host": cls.orthanc.host, "port": cls.orthanc.port, **cls.as_peer}}
        super().setUpClass()
        cls.rest = Rest(cls.orthanc)
        cls.rest.call("PUT", "/modalities/punctum", {"AET": cls.node.ae_title, "Host": cls.node.host,
                                                     "Port": cls.node.port, **cls.as_modality})
