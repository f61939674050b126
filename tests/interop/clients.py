"""Foreign clients of the node: pynetdicom, DCMTK's tools and dcmjs-dimse, behind the same few words."""

import contextlib
import io
import json
import os
import pathlib
import re
import subprocess

import pydicom
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, AllStoragePresentationContexts, build_role, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import encode
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation
from pynetdicom.sop_class import (ComprehensiveSRStorage, CTImageStorage, EnhancedSRStorage, SegmentationStorage,
                                  StudyRootQueryRetrieveInformationModelFind, StudyRootQueryRetrieveInformationModelGet,
                                  StudyRootQueryRetrieveInformationModelMove, Verification)

from servers import said

HERE = pathlib.Path(__file__).resolve().parent
SUCCESS, PENDING = 0x0000, (0xFF00, 0xFF01)
RESULT_CLASSES = [CTImageStorage, SegmentationStorage, EnhancedSRStorage, ComprehensiveSRStorage]


def tool(*command, check=True, timeout=120, **keywords):
    """Runs a program; returns all that it printed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace",
                          timeout=timeout, **keywords)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(done.args)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def identifier(level, **keys):
    ds = pydicom.Dataset()
    ds.QueryRetrieveLevel = level
    for name, value in keys.items():
        setattr(ds, name, value)
    return ds


def extended(sop_class, information):
    """A SOP Class Extended Negotiation item; goes where the roles go."""
    asked = SOPClassExtendedNegotiation()
    asked.sop_class_uid, asked.service_class_application_information = sop_class, information
    return asked


def verify(server):
    """Our C-ECHO to a server. No command of the node sends one, so a small program does it."""
    return tool(os.environ["PUNCTUM_VERIFY_PEER"], f"{server.ae_title}@{server.host}:{server.port}")


def only_we_read(line):
    """The association, without pynetdicom's race for an answer: its thread that serves the peer's requests pauses while
    we wait for one, but 3.0.4 may let it look once more, and then it drops the answer ("Received unexpected ... message")
    and our call fails after 30 s. Where we are the only ones who ask, that thread has nothing to look for."""
    take = line.dimse.get_msg
    line.dimse.get_msg = lambda block=False: take(block) if block else (None, None)
    return line


class Pynetdicom:
    """pynetdicom as service class user."""

    def __init__(self, server):
        self.server = server

    @contextlib.contextmanager
    def association(self, contexts, roles=(), handlers=()):
        ae = AE(ae_title="PYNETDICOM")
        for context in contexts:
            ae.add_requested_context(*(context if isinstance(context, tuple) else (context,)))
        line = ae.associate(self.server.host, self.server.port, ae_title=self.server.ae_title, ext_neg=list(roles),
                            evt_handlers=list(handlers))
        if not line.is_established:
            raise AssertionError("the association was not accepted")
        try:
            yield only_we_read(line)
        finally:
            line.release()

    def echo(self):
        with self.association([Verification]) as line:
            return line.send_c_echo().Status

    def store(self, datasets):
        with self.association(sorted({ds.SOPClassUID for ds in datasets})) as line:
            for ds in datasets:
                status = line.send_c_store(ds).Status
                if status != SUCCESS:
                    raise AssertionError(f"C-STORE of {ds.SOPInstanceUID} was answered with {status:04X}")

    def store_bytes(self, data, sop_class, sop_instance, syntax=ExplicitVRLittleEndian):
        """(status, Error Comment) of one C-STORE: the command says what it is told to, whatever the data set says."""
        request = C_STORE()
        request.MessageID, request.Priority, request.DataSet = 1, 0, io.BytesIO(data)
        request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = sop_class, sop_instance
        with self.association([(sop_class, syntax)]) as line:
            line.dimse.send_msg(request, line.accepted_contexts[0].context_id)
            _, answer = line.dimse.get_msg(block=True)
        return answer.Status, answer.ErrorComment

    def get_bytes(self, sop_class, **keys):
        """{SOP Instance UID: data set as it came}, by C-GET in Explicit VR Little Endian."""
        model, received = StudyRootQueryRetrieveInformationModelGet, {}

        def keep_bytes(event):
            received[str(event.request.AffectedSOPInstanceUID)] = event.request.DataSet.getvalue()
            return SUCCESS

        contexts, roles = [model, (sop_class, ExplicitVRLittleEndian)], [build_role(sop_class, scp_role=True)]
        with self.association(contexts, roles, [(evt.EVT_C_STORE, keep_bytes)]) as line:
            *_, (final, _) = line.send_c_get(identifier("STUDY", **keys), model)
        if final.Status != SUCCESS:
            raise AssertionError(f"C-GET ended with {final.Status:04X}")
        return received

    def find(self, level, **keys):
        """The identifiers of all matches."""
        model = StudyRootQueryRetrieveInformationModelFind
        with self.association([model]) as line:
            answers = list(line.send_c_find(identifier(level, **keys), model))
        if answers[-1][0].Status != SUCCESS:
            raise AssertionError(f"C-FIND ended with {answers[-1][0].Status:04X}")
        return [found for status, found in answers if status.Status in PENDING]

    def get(self, level, **keys):
        model, received = StudyRootQueryRetrieveInformationModelGet, []
        roles = [build_role(uid, scp_role=True) for uid in RESULT_CLASSES]
        with self.association([model, *RESULT_CLASSES], roles, [(evt.EVT_C_STORE, keep, [received])]) as line:
            answers = list(line.send_c_get(identifier(level, **keys), model))
        if answers[-1][0].Status != SUCCESS:
            raise AssertionError(f"C-GET ended with {answers[-1][0].Status:04X}")
        return received

    def move(self, destination, level, **keys):
        """The statuses of a C-MOVE to the AE title `destination`."""
        model = StudyRootQueryRetrieveInformationModelMove
        with self.association([model]) as line:
            return [status for status, _ in line.send_c_move(identifier(level, **keys), destination, model)]


def bytes_of(ds, syntax=ExplicitVRLittleEndian):
    """A data set as it goes over the line."""
    return encode(ds, syntax.is_implicit_VR, syntax.is_little_endian)


def keep(event, received):
    ds = event.dataset
    ds.file_meta = event.file_meta
    received.append(ds)
    return SUCCESS


@contextlib.contextmanager
def receiver(ae_title, port):
    """A pynetdicom storage server for the while; yields the list that fills with what arrives."""
    ae, received = AE(ae_title=ae_title), []
    for context in AllStoragePresentationContexts:
        ae.add_supported_context(context.abstract_syntax)
    server = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, keep, [received])])
    try:
        yield received
    finally:
        server.shutdown()


class Dcmtk:
    """storescu, findscu, getscu, movescu."""

    def __init__(self, server):
        self.to = ["-aec", server.ae_title, server.host, server.port]

    @staticmethod
    def keys(level, keys, root="study"):
        words = ["-P" if root == "patient" else "-S", "-k", f"QueryRetrieveLevel={level}"]
        for name, value in keys.items():
            words += ["-k", f"{name}={value}" if value else name]
        return words

    def store(self, datasets, folder):
        paths = []
        for number, ds in enumerate(datasets):
            paths.append(pathlib.Path(folder) / f"storescu-{number}.dcm")
            ds.save_as(paths[-1], enforce_file_format=True)
        tool("storescu", "--required", *self.to, *paths)

    def find(self, level, root="study", **keys):
        """Per match the value of every key that has one."""
        text = tool("findscu", *self.keys(level, keys, root), *self.to)
        return [parse_response(block) for block in text.split("Find Response:")[1:]]

    def get(self, folder, level, **keys):
        tool("getscu", *self.keys(level, keys), "-od", folder, *self.to)
        return [pydicom.dcmread(path) for path in sorted(pathlib.Path(folder).iterdir())]

    def move(self, destination, level, **keys):
        return tool("movescu", "-v", "-aem", destination, *self.keys(level, keys), *self.to)


def parse_response(block):
    """{keyword: value} of one response as findscu prints it."""
    found = {}
    for value, keyword in re.findall(r"\(\w{4},\w{4}\) \w\w \[([^\]]*)\] +# +\d+, *\d+ (\w+)", block):
        found[keyword] = value.rstrip("\0 ")
    return found


class DcmjsDimse:
    """dcmjs-dimse, one Node process a call. Every word below returns what the library was told."""

    def __init__(self, server, ae_title="DCMJS"):
        self.to = [server.host, server.port, server.ae_title, ae_title]

    def call(self, verb, *words):
        return tool("node", HERE / "dcmjs_client.mjs", verb, *self.to, *words, env={**os.environ, "NO_COLOR": "1"})

    def told(self, word, verb, *words):
        return said(word, self.call(verb, *words))

    def echo(self):
        self.call("echo")

    def store(self, datasets, folder):
        paths = []
        for number, ds in enumerate(datasets):
            paths.append(pathlib.Path(folder) / f"dcmjs-{number}.dcm")
            ds.save_as(paths[-1], enforce_file_format=True)
        self.call("store", *paths)

    def store_files(self, paths):
        self.call("store", *paths)

    def find(self, level, root="study", **keys):
        """Per match {keyword: value}, as dcmjs names and types them."""
        return self.told("match", "find", root, level, json.dumps(keys))

    def move(self, destination, level, root="study", **keys):
        """[completed, failed, warned] sub-operations of a C-MOVE that succeeded."""
        return self.told("subOperations", "move", root, level, json.dumps(keys), destination)[-1]

    def get(self, folder, level, root="study", sop_class=None, **keys):
        """What came by C-GET; `sop_class` in place of the image classes that the library proposes."""
        self.call("get", root, level, json.dumps(keys), folder, *([sop_class] if sop_class else []))
        return [pydicom.dcmread(path) for path in sorted(pathlib.Path(folder).iterdir())]

    def commit(self, transaction, datasets, linger_s=0):
        """Asks for Storage Commitment; the reports that came on the same association within `linger_s`."""
        objects = [f"{ds.SOPClassUID}={ds.SOPInstanceUID}" for ds in datasets]
        return self.told("report", "commit", linger_s * 1000, transaction, *objects)
