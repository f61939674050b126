// dcmjs-dimse as service class user.
//   node dcmjs_client.mjs store HOST PORT AET FILE...
//   node dcmjs_client.mjs find  HOST PORT AET STUDY_UID             prints "MODALITY SERIES_UID" a line
//   node dcmjs_client.mjs get   HOST PORT AET STUDY_UID SERIES_UID FOLDER
import path from "node:path";
import dcmjsDimse from "dcmjs-dimse";

const { Client, constants, log, requests, responses } = dcmjsDimse;
const { Status } = constants;
log.level = "error";

const [verb, host, port, ae, ...words] = process.argv.slice(2);
const client = new Client();
const failures = [];
let answered = 0;

function expectSuccess(request, onPending = () => {}) {
  request.on("response", (response) => {
    if (response.getStatus() === Status.Pending) return onPending(response);
    answered += 1;
    if (response.getStatus() !== Status.Success) failures.push(`${verb} answered ${response.getStatus().toString(16)}`);
  });
  client.addRequest(request);
}

const verbs = {
  store(...files) {
    for (const file of files) expectSuccess(new requests.CStoreRequest(file));
    return files.length;
  },
  find(study) {
    const request = requests.CFindRequest.createSeriesFindRequest({ StudyInstanceUID: study, Modality: "", SeriesInstanceUID: "" });
    expectSuccess(request, (response) => {
      const match = response.getDataset();
      if (match) console.log(match.getElement("Modality"), match.getElement("SeriesInstanceUID"));
    });
    return 1;
  },
  get(study, series, folder) {
    client.on("cStoreRequest", (request, callback) => {
      const dataset = request.getDataset();
      dataset.toFile(path.join(folder, `${dataset.getElement("SOPInstanceUID")}.dcm`));
      const response = responses.CStoreResponse.fromRequest(request);
      response.setStatus(Status.Success);
      callback(response);
    });
    expectSuccess(requests.CGetRequest.createSeriesGetRequest(study, series));
    return 1;
  },
};

const expected = verbs[verb](...words);
client.on("networkError", (error) => failures.push(`network: ${error.message ?? error}`));
client.on("associationRejected", (result) => failures.push(`rejected: ${JSON.stringify(result)}`));
client.on("closed", () => {
  if (answered !== expected) failures.push(`${answered} answers to ${expected} requests`);
  for (const failure of failures) console.error(failure);
  process.exitCode = failures.length ? 1 : 0;
});
client.send(host, Number(port), "DCMJS", ae);
