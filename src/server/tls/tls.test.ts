import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, get, type RequestOptions, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ConnectionOptions, connect } from "node:tls";
import { isDeepStrictEqual, promisify } from "node:util";
import type { TlsMaterial } from "./certificate.ts";
import { selfSigned } from "./localCa.ts";
import { tlsServerOptions } from "./serverOptions.ts";
import { tlsFromFiles, trustInstructions } from "./tls.ts";

const DAY = 86_400_000;
const NOW = new Date();
const OWN_FILES = ["ca-key.pem", "ca.pem", "server-key.pem", "server.pem"];

let root: string;
let shared: string;
let material: TlsMaterial;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "strongroom-tls-"));
  shared = join(root, "shared", "tls");
  material = await selfSigned(shared, ["kms.example.com", "192.0.2.7", "[2001:db8:0::7]"], NOW);
});
after(() => rm(root, { recursive: true }));

let directories = 0;
function newDirectory(): string {
  directories += 1;
  return join(root, `${directories}`);
}

function later(days: number): Date {
  return new Date(NOW.getTime() + days * DAY);
}

async function contents(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), "utf8")])),
  );
}

function has(program: string): boolean {
  try {
    execFileSync(program, [program === "openssl" ? "version" : "--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function serving<T>(served: TlsMaterial, use: (port: number, server: Server) => Promise<T>): Promise<T> {
  const server = createServer(tlsServerOptions(served), (_, response) => response.end("strongroom"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use((server.address() as AddressInfo).port, server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function fetched(port: number, options: RequestOptions): Promise<string> {
  const request = get({ host: "127.0.0.1", port, path: "/", agent: false, ...options });
  const [response] = await once(request, "response");
  return (await response.toArray()).join("");
}

async function handshake(port: number, options: ConnectionOptions) {
  const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca: await caOf(material), ...options });
  await once(socket, "secureConnect");
  const { name: group } = socket.getEphemeralKeyInfo() as { name?: string };
  const agreed = { protocol: socket.getProtocol(), group, cipher: socket.getCipher().name };
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return { ...agreed, serialNumber };
}

async function caOf(given: TlsMaterial): Promise<string> {
  return await readFile(given.caPath!, "utf8");
}

test("a client that trusts the CA reaches the server by each of its names, any other client refuses it", () =>
  serving(material, async (port) => {
    const ca = await caOf(material);
    for (const servername of ["localhost", "kms.example.com", "KMS.Example.COM"]) {
      assert.equal(await fetched(port, { ca, servername }), "strongroom");
    }
    assert.equal(await fetched(port, { ca, host: "127.0.0.1" }), "strongroom");
    await assert.rejects(fetched(port, { ca, servername: "elsewhere.example.com" }), {
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
    await assert.rejects(fetched(port, { servername: "localhost" }), { code: "SELF_SIGNED_CERT_IN_CHAIN" });
    const stranger = await caOf(await selfSigned(newDirectory(), [], NOW));
    await assert.rejects(fetched(port, { ca: stranger, servername: "localhost" }));
  }));

test("curl reaches the server as the instructions say, and not without the CA", { skip: !has("curl") }, () =>
  serving(material, async (port) => {
    const url = `https://localhost:${port}/`;
    const line = trustInstructions(material, url).find((each) => each.startsWith("curl "))!;
    const { stdout } = await promisify(execFile)("sh", ["-c", `${line} --silent --noproxy '*'`]);
    assert.equal(stdout, "strongroom");
    await assert.rejects(promisify(execFile)("curl", ["--silent", "--noproxy", "*", url]), { code: 60 });
  }),
);

test("openssl finds nothing to complain of, strictly", { skip: !has("openssl") }, () => {
  for (const name of ["-verify_hostname=kms.example.com", "-verify_ip=192.0.2.7", "-verify_ip=2001:db8::7"]) {
    const files = ["-CAfile", join(shared, "ca.pem"), join(shared, "server.pem")];
    const out = execFileSync("openssl", [
      "verify",
      "-x509_strict",
      "-purpose",
      "sslserver",
      ...name.split("="),
      ...files,
    ]);
    assert.match(out.toString(), /server\.pem: OK/);
  }
});

test("the hybrid post-quantum exchange is used with every client that can do it, a classical one with the others", () =>
  serving(material, async (port) => {
    const negotiated = async (ecdhCurve: string) => {
      const { protocol, group } = await handshake(port, { ecdhCurve });
      return [protocol, group];
    };
    assert.deepEqual(await negotiated("X25519MLKEM768"), ["TLSv1.3", "X25519MLKEM768"]);
    assert.deepEqual(await negotiated("X25519MLKEM768:X25519"), ["TLSv1.3", "X25519MLKEM768"]);
    // Comes with a share for X25519 only, and is asked again.
    assert.deepEqual(await negotiated("X25519:X25519MLKEM768"), ["TLSv1.3", "X25519MLKEM768"]);
    assert.deepEqual(await negotiated("X25519"), ["TLSv1.3", "X25519"]);
    assert.deepEqual(await negotiated("prime256v1"), ["TLSv1.3", "prime256v1"]);
    assert.deepEqual(await negotiated("secp384r1"), ["TLSv1.3", "secp384r1"]);
    await assert.rejects(negotiated("secp521r1"), { code: "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE" });
  }));

test("TLS 1.2 works with forward secrecy and authenticated encryption only, and without renegotiation", () =>
  serving(material, async (port) => {
    const tls12 = { maxVersion: "TLSv1.2" } as const;
    assert.equal((await handshake(port, tls12)).protocol, "TLSv1.2");
    // The client offers AES-128 first, the server chooses.
    const ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384";
    assert.equal((await handshake(port, { ...tls12, ciphers })).cipher, "ECDHE-ECDSA-AES256-GCM-SHA384");
    for (const weak of ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "AES128-GCM-SHA256"]) {
      await assert.rejects(handshake(port, { ...tls12, ciphers: weak }), /handshake failure/i, weak);
    }
    const open = connect({ ...tls12, host: "127.0.0.1", port, servername: "localhost", ca: await caOf(material) });
    await once(open, "secureConnect");
    const refused = once(open, "close");
    open.renegotiate({}, () => {});
    open.write("GET / HTTP/1.1\r\n");
    await assert.rejects(refused, /no renegotiation/);
  }));

test("TLS 1.1 is refused by the server", () =>
  serving(material, async (port) => {
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    await assert.rejects(handshake(port, old), { code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" });
  }));

test("a running server takes a renewed certificate", async () => {
  const directory = newDirectory();
  const first = await selfSigned(directory, [], NOW);
  await serving(first, async (port, server) => {
    const serial = async () => (await handshake(port, { ca: await caOf(first) })).serialNumber;
    const before = await serial();
    server.setSecureContext(tlsServerOptions(await selfSigned(directory, ["new.example.com"], NOW)));
    assert.notEqual(await serial(), before);
  });
});

test("the CA signs servers only and nothing below them, and lives ten years", async () => {
  const ca = new X509Certificate(await caOf(material));
  assert.equal(ca.subject, "CN=Strongroom local CA");
  assert.equal(ca.ca, true);
  assert.equal(ca.validToDate.getUTCFullYear(), NOW.getUTCFullYear() + 10);
  assert.ok(ca.checkIssued(ca) && ca.verify(ca.publicKey));
  assert.equal(ca.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
});

test("the server certificate names the hosts, is for servers, and lives 397 days at most", () => {
  const leaf = new X509Certificate(material.cert);
  assert.equal(
    leaf.subjectAltName,
    "DNS:kms.example.com, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
  );
  assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  assert.equal(leaf.ca, false);
  const life = leaf.validToDate.getTime() - leaf.validFromDate.getTime();
  assert.ok(life < 397 * DAY && life > 396 * DAY);
  assert.equal(material.cert.match(/BEGIN CERTIFICATE/g)?.length, 2);
  assert.deepEqual(material.warnings, []);
});

test("private keys are for their owner only, certificates for everyone, whatever the umask", async () => {
  const directory = newDirectory();
  const umask = process.umask(0o077);
  try {
    await selfSigned(directory, [], NOW);
  } finally {
    process.umask(umask);
  }
  assert.deepEqual(await readdir(directory).then((names) => names.sort()), OWN_FILES);
  const modes = await Promise.all(OWN_FILES.map(async (name) => (await stat(join(directory, name))).mode & 0o777));
  assert.deepEqual(modes, [0o600, 0o644, 0o600, 0o644]);
});

test("a key that others can read is a warning", async () => {
  const directory = newDirectory();
  await selfSigned(directory, [], NOW);
  await chmod(join(directory, "ca-key.pem"), 0o644);
  const { warnings } = await selfSigned(directory, [], NOW);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /ca-key\.pem \(mode 644\): run chmod 600/);
});

test("a later start uses the same files, also when a name is only written differently", async () => {
  const directory = newDirectory();
  const names = ["Bücher.example.", "*.kms.example.com", "a_b.internal", "2001:DB8::0:1"];
  const first = await selfSigned(directory, names, NOW);
  const before = await contents(directory);
  assert.deepEqual(await selfSigned(directory, names, later(300)), first);
  const rewritten = ["xn--bcher-kva.example", "EU.kms.example.com", "[2001:db8:0:0::1]"];
  assert.deepEqual(await selfSigned(directory, rewritten, later(1)), first);
  assert.deepEqual(await contents(directory), before);
});

test("the server certificate alone is renewed, 30 days before it expires, after it, and for a new name", async () => {
  const directory = newDirectory();
  await selfSigned(directory, [], NOW);
  for (const [names, when] of [
    [[], later(370)],
    [[], later(2000)],
    [["added.example.com"], later(2001)],
    [["added.example.com", "10.1.2.3"], later(2002)],
  ] as const) {
    const before = await contents(directory);
    const renewed = await selfSigned(directory, names, when);
    const now = await contents(directory);
    assert.notEqual(now["server.pem"], before["server.pem"]);
    assert.deepEqual({ ...now, "server.pem": "" }, { ...before, "server.pem": "" });
    assert.equal(renewed.cert, now["server.pem"]);
    const leaf = new X509Certificate(renewed.cert);
    assert.ok(leaf.validToDate.getTime() > when.getTime() + 395 * DAY);
    for (const name of names) assert.ok(leaf.checkHost(name) ?? leaf.checkIP(name), name);
  }
});

test("no certificate outlives the CA, whose end is announced a year before and is never a silent change", async () => {
  const directory = newDirectory();
  await selfSigned(directory, [], NOW);
  const last = await selfSigned(directory, [], later(3640));
  assert.match(last.warnings.join(), /the CA in .*ca\.pem expires on .* every client has to be told/);
  const ca = new X509Certificate(await caOf(last));
  assert.deepEqual(new X509Certificate(last.cert).validToDate, ca.validToDate);
  assert.equal((await selfSigned(directory, [], later(3641))).cert, last.cert);
  const before = await contents(directory);
  await assert.rejects(selfSigned(directory, [], later(3660)), /TlsError: the CA in .*ca\.pem expired on .*clock/);
  assert.deepEqual(await contents(directory), before);
});

test("a clock that runs behind is a warning", async () => {
  const directory = newDirectory();
  const { cert } = await selfSigned(directory, [], NOW);
  const again = await selfSigned(directory, [], later(-400));
  assert.equal(again.cert, cert);
  assert.match(again.warnings.join(), /server\.pem is valid from .* on: is the clock right/);
});

test("the CA's key can be kept elsewhere, as long as there is nothing to sign", async () => {
  const directory = newDirectory();
  const { cert } = await selfSigned(directory, [], NOW);
  await rm(join(directory, "ca-key.pem"));
  assert.deepEqual((await selfSigned(directory, [], later(1))).warnings, []);
  const due = await selfSigned(directory, [], later(380));
  assert.equal(due.cert, cert);
  assert.match(due.warnings.join(), /ca-key\.pem is missing.*server\.pem expires on/);
  await assert.rejects(selfSigned(directory, [], later(400)), /ca-key\.pem is missing.*Restore it/);
  await assert.rejects(selfSigned(directory, ["new.example.com"], NOW), /ca-key\.pem is missing.*new\.example\.com/);
});

test("what a crash leaves behind while the files are made is completed at the next start", async () => {
  const written = ["ca-key.pem", "ca.pem", "server-key.pem"];
  for (let crash = 1; crash <= written.length; crash++) {
    const directory = newDirectory();
    await selfSigned(directory, [], NOW);
    const before = await contents(directory);
    const left = written.slice(0, crash);
    for (const name of OWN_FILES.filter((each) => !left.includes(each))) await rm(join(directory, name));
    const completed = await selfSigned(directory, [], NOW);
    const now = await contents(directory);
    assert.deepEqual(Object.keys(now), OWN_FILES);
    for (const name of left) assert.equal(now[name], before[name]);
    await serving(completed, async (port) => {
      assert.equal(await fetched(port, { ca: now["ca.pem"], servername: "localhost" }), "strongroom");
    });
  }
});

test("processes that start at the same time agree on one CA", async () => {
  const directory = newDirectory();
  const code = `import { selfSigned } from ${JSON.stringify(import.meta.resolve("./localCa.ts"))};
    const { cert, key } = await selfSigned(${JSON.stringify(directory)}, [], new Date());
    console.log(JSON.stringify({ cert, key }));`;
  const starts = Array.from({ length: 8 }, () =>
    promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code]),
  );
  const materials = (await Promise.all(starts)).map(({ stdout }) => JSON.parse(stdout) as TlsMaterial);
  const files = await contents(directory);
  assert.deepEqual(Object.keys(files), OWN_FILES);
  const ca = new X509Certificate(files["ca.pem"]!);
  for (const { cert, key } of materials) {
    assert.equal(key, files["server-key.pem"]);
    assert.ok(new X509Certificate(cert).verify(ca.publicKey));
  }
  assert.deepEqual((await selfSigned(directory, [], NOW)).warnings, []);
});

test("a file damaged anywhere is named, with what to do, and nothing is overwritten", async () => {
  const directory = newDirectory();
  await selfSigned(directory, [], NOW);
  const sound = await contents(directory);
  let noticed = 0;
  for (const name of OWN_FILES) {
    const text = sound[name]!;
    const path = join(directory, name);
    const damages = ["", "garbage", text.slice(0, text.length / 2), text.slice(0, -30)];
    for (let at = 0; at < text.length; at += 7) {
      if (text[at] === "\n") continue;
      damages.push(`${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`);
    }
    for (const damaged of damages) {
      if (isSameContent(damaged, text)) continue;
      await writeFile(path, damaged);
      const refusal = (error: Error) => {
        assert.equal(error.name, "TlsError");
        assert.ok(error.message.includes(path), `${name}: ${error.message}`);
        assert.match(error.message, / [Mm]ove .* away and start again/);
        return true;
      };
      await assert.rejects(selfSigned(directory, ["new.example.com"], NOW), refusal, damaged);
      assert.deepEqual(await contents(directory), { ...sound, [name]: damaged });
      noticed += 1;
    }
    await writeFile(path, text);
  }
  assert.ok(noticed > 300);
});

/** Not every character of PEM means something: the last one before the padding has bits that no byte takes. */
function isSameContent(damaged: string, sound: string): boolean {
  try {
    const [one, other] = [damaged, sound].map((pem) =>
      pem.includes("PRIVATE KEY")
        ? createPrivateKey(pem).export({ format: "jwk" })
        : pem.match(/-----BEGIN.*?-----END CERTIFICATE-----/gs)!.map((block) => new X509Certificate(block).raw),
    );
    return isDeepStrictEqual(one, other);
  } catch {
    return false;
  }
}

test("files that do not belong together are refused", async () => {
  const directory = newDirectory();
  await selfSigned(directory, [], NOW);
  const sound = await contents(directory);
  const complaints: Record<string, RegExp> = {
    "ca-key.pem": /ca-key\.pem does not belong to .*ca\.pem/,
    "ca.pem": /ca-key\.pem does not belong to .*ca\.pem/,
    "server-key.pem": /server-key\.pem does not belong to .*server\.pem/,
    "server.pem": /server\.pem is damaged or was not signed by .*ca\.pem/,
  };
  for (const [name, complaint] of Object.entries(complaints)) {
    await copyFile(join(shared, name), join(directory, name));
    await assert.rejects(selfSigned(directory, [], NOW), complaint);
    await writeFile(join(directory, name), sound[name]!);
  }
  await rm(join(directory, "server-key.pem"));
  await assert.rejects(selfSigned(directory, [], NOW), /server-key\.pem is missing although .*server\.pem exists/);
  await rm(join(directory, "ca-key.pem"));
  await rm(join(directory, "ca.pem"));
  await assert.rejects(selfSigned(directory, [], NOW), /ca\.pem and .*ca-key\.pem are missing although/);
  assert.deepEqual(await readdir(directory), ["server.pem"]);
});

test("a directory in which nothing can be made is an error that says where", async () => {
  const file = newDirectory();
  await writeFile(file, "");
  await assert.rejects(selfSigned(join(file, "tls"), [], NOW), /TlsError: the directory .*tls cannot be made: ENOTDIR/);
});

test("what is not a host name is refused", async () => {
  for (const name of [
    "",
    " ",
    "https://kms.example.com",
    "kms.example.com:8443",
    "a b",
    "a..b",
    "-a",
    "*",
    "fe80::1%eth0",
    "1.2",
  ]) {
    const directory = newDirectory();
    await assert.rejects(selfSigned(directory, [name], NOW), /is neither a host name nor an IP address/, name);
    await assert.rejects(stat(directory), { code: "ENOENT" });
  }
});

test("tlsFromFiles: a certificate, its key, and a server that works", async () => {
  const given = await tlsFromFiles(join(shared, "server.pem"), join(shared, "server-key.pem"));
  assert.deepEqual(given.warnings, []);
  assert.equal(given.caPath, undefined);
  await serving(given, async (port) => {
    assert.equal(await fetched(port, { ca: await caOf(material), servername: "localhost" }), "strongroom");
  });
});

test("tlsFromFiles: certificate and key in one file, in any order", async () => {
  const path = newDirectory();
  await writeFile(path, `Bag Attributes\n${material.key}\nsubject=CN = x\n${material.cert}`, { mode: 0o600 });
  const given = await tlsFromFiles(path, path);
  assert.equal(given.cert, material.cert);
  assert.equal(given.key, material.key);
});

test("tlsFromFiles: what cannot work is refused with the file's name", async () => {
  const cert = join(shared, "server.pem");
  const key = join(shared, "server-key.pem");
  const path = newDirectory();
  const writing = async (content: string | Uint8Array) => {
    await writeFile(path, content);
    return path;
  };
  const [leaf, ca] = material.cert.split(/(?<=END CERTIFICATE-----\n)/);
  const der = new X509Certificate(material.cert).raw;
  await assert.rejects(tlsFromFiles("/nowhere/cert.pem", key), /certificate file \/nowhere\/cert\.pem does not exist/);
  await assert.rejects(tlsFromFiles(cert, "/nowhere/key.pem"), /private key file \/nowhere\/key\.pem does not exist/);
  await assert.rejects(tlsFromFiles(shared, key), /tls cannot be read: EISDIR/);
  await assert.rejects(tlsFromFiles(key, cert), /server-key\.pem holds a private key and no certificate.*swapped/);
  await assert.rejects(tlsFromFiles(cert, cert), /server\.pem holds no private key in PEM/);
  await assert.rejects(tlsFromFiles(await writing(der), key), new RegExp(`${path} holds no certificate in PEM`));
  await assert.rejects(tlsFromFiles(await writing(`${material.cert}-----BEGIN CERTIFICATE-----\nMII`), key), /damaged/);
  await assert.rejects(tlsFromFiles(await writing(leaf!.replace(/MII/, "MIX")), key), /certificate 1 cannot be read/);
  const other = newDirectory();
  await selfSigned(other, [], NOW);
  await assert.rejects(
    tlsFromFiles(cert, join(other, "server-key.pem")),
    /server-key\.pem does not belong to .*server\.pem/,
  );
  await assert.rejects(tlsFromFiles(await writing(`${ca}${leaf}`), key), /wrong order: .* now number 2, comes first/);
  await assert.rejects(tlsFromFiles(cert, await writing(material.key.replace(/^M../m, "AAA"))), /cannot be read/);
});

test("tlsFromFiles: what clients will not like is a warning", async () => {
  const cert = join(shared, "server.pem");
  const key = join(shared, "server-key.pem");
  const warned = async (when: Date) => (await tlsFromFiles(cert, key, when)).warnings.join("\n");
  assert.equal(await warned(later(300)), "");
  assert.match(await warned(later(380)), /^the certificate in .*server\.pem expires on \d{4}-\d\d-\d\d$/);
  assert.match(await warned(later(400)), /^the certificate in .* expired on .*: clients refuse it$/);
  assert.match(await warned(later(-1)), /is valid from .* on: is the clock right/);

  const open = newDirectory();
  await writeFile(open, material.key);
  await chmod(open, 0o644);
  assert.match((await tlsFromFiles(cert, open)).warnings.join(), /every user of this machine can open the private key/);

  const chain = newDirectory();
  const foreign = await caOf(await selfSigned(newDirectory(), [], NOW));
  await writeFile(chain, new X509Certificate(material.cert).toString() + foreign);
  assert.match((await tlsFromFiles(chain, key)).warnings.join(), /certificate 2 did not sign certificate 1/);
});

test("tlsFromFiles: certificates made by openssl", { skip: !has("openssl") }, async () => {
  const cert = newDirectory();
  const key = newDirectory();
  const make = (...more: string[]) =>
    execFileSync("openssl", ["req", "-x509", "-days", "90", "-keyout", key, "-out", cert, ...more], { stdio: "pipe" });
  const rsa = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"];

  make(...rsa, "-addext", "subjectAltName=DNS:localhost");
  const given = await tlsFromFiles(cert, key);
  assert.deepEqual(given.warnings, []);
  assert.equal(given.caPath, cert);
  await serving(given, async (port) => {
    const ca = await readFile(cert, "utf8");
    assert.equal(await fetched(port, { ca, servername: "localhost" }), "strongroom");
    const socket = await handshake(port, { ca, maxVersion: "TLSv1.2" });
    assert.equal(socket.cipher, "ECDHE-RSA-AES256-GCM-SHA384");
  });

  make(...rsa, "-addext", "extendedKeyUsage=clientAuth");
  const unfit = (await tlsFromFiles(cert, key)).warnings;
  assert.match(unfit.join(), /no subject alternative name.*no serverAuth/);

  make("-newkey", "rsa:1024", "-nodes", "-subj", "/CN=localhost");
  await assert.rejects(tlsFromFiles(cert, key), /TlsError: TLS cannot use the certificate in .*too small/i);

  make("-newkey", "rsa:2048", "-passout", "pass:secret", "-subj", "/CN=localhost");
  await assert.rejects(tlsFromFiles(cert, key), /has a passphrase\. Decrypt it: openssl pkey -in/);
});

test("the instructions name the CA's file, quoted where a shell needs it", () => {
  const lines = trustInstructions(material, "https://kms.example.com:8443");
  const ca = join(shared, "ca.pem");
  for (const expected of [
    `export AWS_CA_BUNDLE=${ca}`,
    `export NODE_EXTRA_CA_CERTS=${ca}`,
    `export SSL_CERT_FILE=${ca}`,
    `curl --cacert ${ca} https://kms.example.com:8443`,
  ]) {
    assert.ok(lines.includes(expected), expected);
  }
  assert.ok(lines.some((line) => line.startsWith("keytool -importcert") && line.includes(`-file ${ca} `)));
  const spaced = trustInstructions({ ...material, caPath: "/it's here/ca.pem" }, "https://x");
  assert.ok(spaced.includes(`export AWS_CA_BUNDLE='/it'\\''s here/ca.pem'`));
  assert.match(trustInstructions({ ...material, caPath: undefined }, "https://x")[0]!, /CN=Strongroom local CA/);
});
