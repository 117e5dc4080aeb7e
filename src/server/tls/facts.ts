import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { TlsFacts } from "../../cloudtrail/request.ts";

const known = new WeakMap<Socket, TlsFacts>();

/** Of a connection that is encrypted; asked once of each. Node.js does not tell a server which group the keys were agreed on in. */
export function tlsFacts(socket: Socket): TlsFacts {
  let facts = known.get(socket);
  if (facts === undefined) {
    const { standardName, name } = (socket as TLSSocket).getCipher();
    const version = (socket as TLSSocket).getProtocol() ?? "unknown";
    facts = { version, cipherSuite: version === "TLSv1.3" ? standardName : name };
    known.set(socket, facts);
  }
  return facts;
}
