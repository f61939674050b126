// An association that dcmjs-dimse requests in roles of our choice. Its Client cannot: Client.send (0.3.3) makes the
// presentation contexts itself, gives the SCP role to the classes of its own list for C-GET and to no other, and of an
// additional context it copies the syntaxes alone. Scp is public and the same Network, which serves either end of a socket.
import net from "node:net";
import dcmjsDimse from "dcmjs-dimse";

const { Scp, constants } = dcmjsDimse;
const { Association } = dcmjsDimse.association;
const { ExplicitVRLittleEndian, ImplicitVRLittleEndian } = constants.TransferSyntax;

/** The response to a request; the library's own begin as failures. */
export function succeeded(Response, request) {
  const response = Response.fromRequest(request);
  response.setStatus(constants.Status.Success);
  return response;
}

class Line extends Scp {
  abort() {} // the close that follows is enough
}

/** `provides`: SOP classes for which we are the provider; `uses`: the others. */
function proposal({ calling, called }, { provides = [], uses = [] }) {
  const association = new Association(calling, called);
  for (const sopClass of [...uses, ...provides]) {
    const id = association.addPresentationContext(sopClass);
    association.addTransferSyntaxToPresentationContext(id, ExplicitVRLittleEndian);
    association.addTransferSyntaxToPresentationContext(id, ImplicitVRLittleEndian);
    if (provides.includes(sopClass)) association.getPresentationContext(id).setProviderRole(true);
  }
  return association;
}

/** Performs one request on an association of its own. Resolves with the roles that were agreed once it is released. */
export function perform(request, peer, classes, { onStore } = {}) {
  const socket = net.connect({ host: peer.host, port: peer.port });
  const line = new Line(socket);
  const agreed = {};
  if (onStore) line.cStoreRequest = onStore;
  return new Promise((resolve, reject) => {
    line.on("connect", () => line.sendAssociationRequest(proposal(peer, classes)));
    line.on("associationAccepted", (association) => {
      for (const { context } of association.getPresentationContexts()) {
        agreed[context.getAbstractSyntaxUid()] = { result: context.getResult(), provider: context.getProviderRole() };
      }
      line.sendRequests(request);
    });
    line.on("associationRejected", (result) => reject(new Error(`rejected: ${JSON.stringify(result)}`)));
    line.on("done", () => line.sendAssociationReleaseRequest());
    line.on("associationReleaseResponse", () => {
      resolve(agreed);
      socket.end();
    });
    line.on("networkError", reject);
    line.on("close", () => reject(new Error("the association broke off"))); // too late to matter after its release
  });
}
