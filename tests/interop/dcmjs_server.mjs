// dcmjs-dimse as service class provider: Verification, Storage, Storage Commitment; and as user of the latter it takes
// reports. Prints a line of JSON for each thing that happens, after a word that says what.
//   node dcmjs_server.mjs '{"port": 11113, "folder": "...", "reports": "here", "node": {...}, "loses": true}'
// `reports`: how N-EVENT-REPORTs go to `node`, {host, port, calling, called}:
//   here    on the association on which it was asked
//   scp     on one of its own, in the SCP role
//   client  on one of its own by the library's Client, which proposes no role
// `loses`: the first object that it is asked about is gone by then.
import fs from "node:fs";
import path from "node:path";
import dcmjsDimse from "dcmjs-dimse";
import { PUSH_MODEL, commitmentReport, named, reported } from "./dcmjs_commitment.mjs";
import { perform, succeeded } from "./dcmjs_line.mjs";

const { Client, Scp, Server, constants, log, responses } = dcmjsDimse;
const { PresentationContextResult, SopClass, TransferSyntax } = constants;
log.setLevel("error");

const STORAGE_ROOT = "1.2.840.10008.5.1.4.1.1.";
const NO_SUCH_OBJECT = 0x0112;

const settings = JSON.parse(process.argv[2]);
let loses = settings.loses;

const say = (word, what) => console.log(word, JSON.stringify(what ?? {}));
const file = (uid, suffix) => path.join(settings.folder, `${uid}.${suffix}`);

const isServed = (sopClass) =>
  sopClass === SopClass.Verification || sopClass === PUSH_MODEL || sopClass.startsWith(STORAGE_ROOT);

/** The first syntax that the library knows; roles stay as they were proposed. */
function decide(context) {
  const syntax = context.getTransferSyntaxUids().find((uid) => Object.values(TransferSyntax).includes(uid));
  if (!isServed(context.getAbstractSyntaxUid())) {
    context.setResult(PresentationContextResult.RejectAbstractSyntaxNotSupported);
  } else if (!syntax) {
    context.setResult(PresentationContextResult.RejectTransferSyntaxesNotSupported);
  } else {
    context.setResult(PresentationContextResult.Accept, syntax);
  }
}

function judge({ transaction, objects }) {
  if (loses) fs.rmSync(file(objects[0][1], "dcm"));
  loses = false;
  const isKept = ([, uid]) => fs.existsSync(file(uid, "dcm"));
  const failed = objects.filter((object) => !isKept(object)).map((object) => [...object, NO_SUCH_OBJECT]);
  return commitmentReport(transaction, objects.filter(isKept), failed);
}

const senders = {
  here: (report, line) => line.sendRequests(report),
  scp: (report) =>
    perform(report, settings.node, { provides: [PUSH_MODEL] }).then(
      (agreed) => say("roles", agreed[PUSH_MODEL]),
      (error) => say("failed", error.message),
    ),
  client(report) {
    const client = new Client();
    client.on("networkError", (error) => say("failed", error.message));
    client.addRequest(report);
    const { host, port, calling, called } = settings.node;
    client.send(host, port, calling, called);
  },
};

class Provider extends Scp {
  associationRequested(association) {
    for (const { context } of association.getPresentationContexts()) decide(context);
    this.sendAssociationAccept();
  }

  associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }

  abort() {}

  cEchoRequest(request, callback) {
    callback(succeeded(responses.CEchoResponse, request));
    say("echo");
  }

  createDatasetFromStoreWritableStream(stream, context, callback) {
    this.bytes = stream.toBuffer(); // as they came; the Dataset is what the library makes of them
    super.createDatasetFromStoreWritableStream(stream, context, callback);
  }

  cStoreRequest(request, callback) {
    const uid = request.getAffectedSopInstanceUid();
    fs.writeFileSync(file(uid, "bytes"), this.bytes);
    request.getDataset().toFile(file(uid, "dcm"));
    callback(succeeded(responses.CStoreResponse, request));
    say("stored", { uid, syntax: request.getDataset().getTransferSyntaxUid() });
  }

  nActionRequest(request, callback) {
    callback(succeeded(responses.NActionResponse, request));
    const wanted = named(request);
    say("asked", wanted);
    const report = judge(wanted);
    report.on("response", (response) => say("answered", { status: response.getStatus(), ...reported(report) }));
    senders[settings.reports](report, this);
  }

  nEventReportRequest(request, callback) {
    callback(succeeded(responses.NEventReportResponse, request));
    say("report", reported(request));
  }
}

const server = new Server(Provider);
server.on("networkError", (error) => say("failed", error.message));
server.on("listening", () => say("ready"));
server.listen({ host: "127.0.0.1", port: settings.port }); // handed to net.Server as it is
process.on("SIGTERM", () => process.exit(0));
