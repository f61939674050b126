// dcmjs-dimse as service class user. Prints a line of JSON for each thing that it was told, after a word that says what.
//   node dcmjs_client.mjs echo   HOST PORT AET CALLING
//   node dcmjs_client.mjs store  HOST PORT AET CALLING FILE...
//   node dcmjs_client.mjs find   HOST PORT AET CALLING ROOT LEVEL KEYS               ROOT: study, patient; KEYS: JSON
//   node dcmjs_client.mjs move   HOST PORT AET CALLING ROOT LEVEL KEYS DESTINATION
//   node dcmjs_client.mjs get    HOST PORT AET CALLING ROOT LEVEL KEYS FOLDER [SOP_CLASS]
//   node dcmjs_client.mjs commit HOST PORT AET CALLING LINGER_MS TRANSACTION_UID CLASS=UID...
import path from "node:path";
import dcmjsDimse from "dcmjs-dimse";
import { commitmentRequest, reported } from "./dcmjs_commitment.mjs";
import { perform, succeeded } from "./dcmjs_line.mjs";

const { Client, Dataset, constants, log, requests, responses } = dcmjsDimse;
const { Status } = constants;
log.setLevel("error");

// The library names the Study Root alone; its requests take any class.
const ROOTS = { patient: "1.2.840.10008.5.1.4.1.2.1", study: "1.2.840.10008.5.1.4.1.2.2" };
const MODELS = { find: 1, move: 2, get: 3 };
const FIND_MAKERS = {
  STUDY: requests.CFindRequest.createStudyFindRequest,
  SERIES: requests.CFindRequest.createSeriesFindRequest,
  IMAGE: requests.CFindRequest.createImageFindRequest,
};

const [verb, host, port, called, calling, ...words] = process.argv.slice(2);
const peer = { host, port: Number(port), calling, called };
const client = new Client();
const failures = [];
let expected = 0;
let answered = 0;
let lingerMs = 0;

const say = (word, what) => console.log(word, JSON.stringify(what));

function expectSuccess(request, { onPending = () => {}, onFinal = () => {} } = {}) {
  expected += 1;
  request.on("response", (response) => {
    if (response.getStatus() === Status.Pending) return onPending(response);
    answered += 1;
    onFinal(response);
    if (response.getStatus() !== Status.Success) failures.push(`${verb} answered ${response.getStatus().toString(16)}`);
  });
  return request;
}

function inRoot(root, request) {
  request.setAffectedSopClassUid(`${ROOTS[root]}.${MODELS[verb]}`);
  return request;
}

function withIdentifier(request, level, keys) {
  request.setDataset(new Dataset({ ...JSON.parse(keys), QueryRetrieveLevel: level }));
  return request;
}

const countSubOperations = {
  onFinal: (response) =>
    say("subOperations", [response.getCompleted(), response.getFailures(), response.getWarnings()]),
};

function keepIn(folder) {
  return (request, callback) => {
    const dataset = request.getDataset();
    dataset.toFile(path.join(folder, `${dataset.getElement("SOPInstanceUID")}.dcm`));
    callback(succeeded(responses.CStoreResponse, request));
  };
}

const verbs = {
  echo: () => client.addRequest(expectSuccess(new requests.CEchoRequest())),

  store(...files) {
    for (const file of files) client.addRequest(expectSuccess(new requests.CStoreRequest(file)));
  },

  find(root, level, keys) {
    const make = FIND_MAKERS[level];
    const request = make ? make(JSON.parse(keys)) : withIdentifier(new requests.CFindRequest(), level, keys);
    const onPending = (response) => say("match", response.getDataset().getElements());
    client.addRequest(expectSuccess(inRoot(root, request), { onPending }));
  },

  move(root, level, keys, destination) {
    const request = inRoot(root, withIdentifier(new requests.CMoveRequest(), level, keys));
    request.getCommandDataset().setElement("MoveDestination", destination);
    client.addRequest(expectSuccess(request, countSubOperations));
  },

  get(root, level, keys, folder, sopClass) {
    const request = inRoot(root, withIdentifier(new requests.CGetRequest(), level, keys));
    expectSuccess(request, countSubOperations);
    if (sopClass) {
      const classes = { uses: [request.getAffectedSopClassUid()], provides: [sopClass] };
      return perform(request, peer, classes, { onStore: keepIn(folder) });
    }
    client.on("cStoreRequest", keepIn(folder));
    client.addRequest(request);
  },

  commit(linger, transaction, ...objects) {
    lingerMs = Number(linger);
    client.on("nEventReportRequest", (report, callback) => {
      say("report", reported(report));
      callback(succeeded(responses.NEventReportResponse, report));
      client.abort(); // nothing else ends an association before its linger is over
    });
    client.addRequest(expectSuccess(commitmentRequest(transaction, objects.map((object) => object.split("=")))));
  },
};

function finish() {
  if (answered !== expected) failures.push(`${answered} answers to ${expected} requests`);
  for (const failure of failures) console.error(failure);
  process.exit(failures.length ? 1 : 0); // a timer of the linger may be left
}

const done = verbs[verb](...words);
if (done instanceof Promise) {
  done.catch((error) => failures.push(error.message)).then(finish);
} else {
  client.on("networkError", (error) => failures.push(`network: ${error.message ?? error}`));
  client.on("associationRejected", (result) => failures.push(`rejected: ${JSON.stringify(result)}`));
  client.on("closed", finish);
  client.send(host, peer.port, calling, called, { associationLingerTimeout: lingerMs });
}
