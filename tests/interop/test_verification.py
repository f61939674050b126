"""Verification: strangers ask the node, and its own C-ECHO asks strangers. And what an association tells of the node."""

import contextlib
import types
import unittest

from pynetdicom import AE, evt
from pynetdicom.pdu_primitives import AsynchronousOperationsWindowNegotiation
from pynetdicom.sop_class import CTImageStorage, Verification

from clients import SUCCESS, tool, verify
from node_case import NodeCase
from servers import Discarding, free_port

PROCESSING_FAILURE = 0x0110
IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION = "2.25.238403541736420586349271905374812605163", "PUNCTUM_0_1"


class AsProvider(NodeCase):
    def test_pynetdicom_is_answered(self):
        self.assertEqual(self.client.echo(), SUCCESS)

    def test_echoscu_is_answered_in_every_syntax_that_it_proposes(self):
        for syntaxes in range(1, 4):
            tool("echoscu", "-aec", self.node.ae_title, "-pts", syntaxes, "--repeat", 3, self.node.host, self.node.port)

    def test_an_association_tells_what_the_conformance_statement_says(self):
        several = AsynchronousOperationsWindowNegotiation()
        several.maximum_number_operations_invoked = several.maximum_number_operations_performed = 5
        with self.client.association([Verification], [several]) as line:
            node = line.acceptor
            self.assertEqual((node.implementation_class_uid, node.implementation_version_name),
                             (IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION))
            self.assertEqual(node.maximum_length, 131072)
            self.assertEqual(node.asynchronous_operations, (1, 1))


class AsUser(NodeCase):
    @contextlib.contextmanager
    def pynetdicom(self, answer=SUCCESS, sop_class=Verification):
        """A pynetdicom server; yields it and the titles of those that have asked."""
        ae, asked = AE(ae_title="ECHO"), []
        ae.add_supported_context(sop_class)

        def on_echo(event):
            asked.append(event.assoc.requestor.ae_title)
            return answer

        peer = types.SimpleNamespace(ae_title="ECHO", host="127.0.0.1", port=free_port())
        server = ae.start_server((peer.host, peer.port), block=False, evt_handlers=[(evt.EVT_C_ECHO, on_echo)])
        try:
            yield peer, asked
        finally:
            server.shutdown()

    def test_pynetdicom_answers(self):
        with self.pynetdicom() as (peer, asked):
            verify(peer)
            self.assertEqual(len(asked), 1)

    def test_storescp_answers(self):
        with Discarding(self.new_folder()) as server:
            verify(server)

    def test_what_is_no_success_is_told(self):
        with self.pynetdicom(PROCESSING_FAILURE) as (peer, asked):
            with self.assertRaisesRegex(AssertionError, "0110"):
                verify(peer)
            self.assertEqual(len(asked), 1)
        with self.pynetdicom(sop_class=CTImageStorage) as (peer, _), self.assertRaisesRegex(AssertionError, "ended with 1"):
            verify(peer)
        with self.assertRaisesRegex(AssertionError, "ended with 1"):
            verify(peer)  # nobody is there any more


if __name__ == "__main__":
    unittest.main()
