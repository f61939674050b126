// Storage Commitment's messages (PS3.4 J.3) as dcmjs-dimse writes and reads them.
import dcmjsDimse from "dcmjs-dimse";

const { Dataset, constants, requests } = dcmjsDimse;

export const PUSH_MODEL = constants.SopClass.StorageCommitmentPushModel;
const PUSH_MODEL_INSTANCE = "1.2.840.10008.1.20.1.1";
const REQUEST_COMMITMENT = 1;
const ALL_KEPT = 1;
const SOME_FAILED = 2;

const item = ([sopClass, uid, reason]) => ({
  ReferencedSOPClassUID: sopClass,
  ReferencedSOPInstanceUID: uid,
  ...(reason ? { FailureReason: reason } : {}),
});

/** N-ACTION for [class, UID] pairs. */
export function commitmentRequest(transaction, objects) {
  const request = new requests.NActionRequest(PUSH_MODEL, PUSH_MODEL_INSTANCE, REQUEST_COMMITMENT);
  request.setDataset(new Dataset({ TransactionUID: transaction, ReferencedSOPSequence: objects.map(item) }));
  return request;
}

/** N-EVENT-REPORT; a failed object is [class, UID, reason]. */
export function commitmentReport(transaction, kept, failed) {
  const type = failed.length ? SOME_FAILED : ALL_KEPT;
  const report = new requests.NEventReportRequest(PUSH_MODEL, PUSH_MODEL_INSTANCE, type);
  const elements = { TransactionUID: transaction };
  if (kept.length) elements.ReferencedSOPSequence = kept.map(item);
  if (failed.length) elements.FailedSOPSequence = failed.map(item);
  report.setDataset(new Dataset(elements));
  return report;
}

/** What either message names. */
export function named(message) {
  const dataset = message.getDataset();
  const items = (sequence) => [...(dataset.getElement(sequence) ?? [])];
  return {
    transaction: dataset.getElement("TransactionUID"),
    objects: items("ReferencedSOPSequence").map((one) => [one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID]),
    failed: items("FailedSOPSequence").map((one) => [one.ReferencedSOPInstanceUID, one.FailureReason]),
  };
}

/** An N-EVENT-REPORT-RQ as the tests compare it. */
export const reported = (report) => ({ type: report.getEventTypeId(), ...named(report) });
