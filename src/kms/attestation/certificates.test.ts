import "reflect-metadata";
import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { before, test } from "node:test";
import * as x509 from "@peculiar/x509";
import {
  type CertificateOptions,
  certificate,
  enclaveFields,
  type Fields,
  flawOf,
  flaws,
  type Hypervisor,
  hypervisor,
  type Issuer,
  type Sign1Options,
  signed,
  trusting,
} from "../../../test/sdk/attesting.ts";
import type { Attestation } from "./attestation.ts";
import { flawOfRoot } from "./certificates.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const now = Date.now();
const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
let attestation: Attestation;
let nitro: Hypervisor;

/** The document's fields, changed. */
const fields = (changes: Readonly<Record<string, unknown>> = {}): Fields =>
  Object.entries(changes).reduce(
    (result, [name, value]) => result.set(name, value),
    enclaveFields(nitro, publicKey, now),
  );
const document = (changes: Readonly<Record<string, unknown>> = {}, options: Sign1Options = {}) =>
  signed(fields(changes), nitro.leaf, options);
const flaw = (bytes: Uint8Array, trust = attestation, at = now) => flawOf(() => trust.verify(bytes, at));

before(async () => {
  nitro = await hypervisor();
  attestation = trusting(nitro.root);
});

test("certificates", async (t) => {
  const { root, intermediate, leaf } = nitro;
  const stranger = await hypervisor();
  /** A document signed by `signer`, with its certificate and this bundle. */
  const from = (signer: Issuer, ...cabundle: readonly Issuer[]) =>
    signed(fields({ certificate: signer.certificate, cabundle: cabundle.map((issuer) => issuer.certificate) }), signer);
  const leafOf = (issuer: Issuer, options: CertificateOptions = {}) => certificate({ issuer, ...options });
  const caOf = (issuer: Issuer, options: CertificateOptions = {}) => certificate({ ca: true, issuer, ...options });
  const ca = await caOf(root);
  const second = await caOf(ca);
  const narrow = await caOf(ca, { pathLength: 0 });
  const belowNarrow = await caOf(narrow);
  const noCa = await caOf(root, { ca: false });
  const noSign = await caOf(root, { usages: x509.KeyUsageFlags.cRLSign });
  const sameName = await certificate({ ca: true, subject: root.subject });
  const { keyUsage, basic } = {
    keyUsage: new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    basic: new x509.BasicConstraintsExtension(false, undefined, true),
  };
  const loose = await caOf(root, {
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });

  await t.test("chains that lead from the root to the signer", async () => {
    const oneLink = await leafOf(root);
    assert.equal(flaw(from(oneLink, root)), "");
    const long = await leafOf(second);
    assert.equal(flaw(from(long, root, ca, second)), "");
    assert.equal(flaw(from(leaf, root, intermediate)), "", "again, from memory");
    const plain = await leafOf(intermediate, { extensions: [new x509.KeyUsagesExtension(1, false)] });
    assert.equal(flaw(from(plain, root, intermediate)), "", "no basic constraints, as RFC 5280 allows");
  });

  const cases: Record<string, [flaw: string, document: Buffer | Promise<Buffer>]> = {
    "another root": [flaws.issuer, from(stranger.leaf, stranger.root, stranger.intermediate)],
    "a root of the same name": [flaws.issuer, leafOf(sameName).then((it) => from(it, sameName))],
    "a bundle that does not start at the root": [flaws.issuer, from(leaf, intermediate)],
    "a bundle in the other order": [flaws.issuer, from(leaf, intermediate, root)],
    "a signer that signed itself": [flaws.issuer, certificate().then((it) => from(it, it))],
    "a signer that signed itself, under the root": [flaws.certificates, certificate().then((it) => from(it, root))],
    "an intermediate missing": [flaws.certificates, from(leaf, root)],
    "an intermediate of someone else": [flaws.certificates, from(leaf, root, ca)],
    "the root twice": [flaws.certificates, from(leaf, root, root, intermediate, intermediate)],
    "intermediates in the wrong order": [flaws.certificates, leafOf(second).then((it) => from(it, root, second, ca))],
    "someone else's leaf": [flaws.certificates, from(stranger.leaf, root, intermediate)],
    "a chain longer than an intermediate allows": [
      flaws.certificates,
      leafOf(belowNarrow).then((it) => from(it, root, ca, narrow, belowNarrow)),
    ],
    "an issuer that is no CA": [flaws.certificates, leafOf(noCa).then((it) => from(it, root, noCa))],
    "an issuer whose key is not for certificates": [
      flaws.certificates,
      leafOf(noSign).then((it) => from(it, root, noSign)),
    ],
    "a leaf that issues": [flaws.certificates, leafOf(leaf).then((it) => from(it, root, intermediate, leaf))],
    "a CA whose basic constraints are not critical": [
      flaws.certificates,
      leafOf(loose).then((it) => from(it, root, loose)),
    ],
    "a CA that signs documents": [flaws.certificates, from(ca, root)],
    "a leaf whose key is not for signatures": [
      flaws.certificates,
      leafOf(root, { usages: x509.KeyUsageFlags.keyAgreement }).then((it) => from(it, root)),
    ],
    "a leaf without key usage": [
      flaws.certificates,
      leafOf(root, { extensions: [basic] }).then((it) => from(it, root)),
    ],
    "a leaf without extensions": [flaws.certificates, leafOf(root, { extensions: [] }).then((it) => from(it, root))],
    "a leaf with a path length": [
      flaws.certificates,
      leafOf(root, { extensions: [keyUsage, new x509.BasicConstraintsExtension(false, 0, true)] }).then((it) =>
        from(it, root),
      ),
    ],
    "a critical extension that is not understood": [
      flaws.certificates,
      leafOf(root, {
        extensions: [basic, keyUsage, new x509.Extension("1.2.3.4", true, new Uint8Array([5, 0]))],
      }).then((it) => from(it, root)),
    ],
    "an extension twice": [
      flaws.certificates,
      leafOf(root, { extensions: [basic, keyUsage, keyUsage] }).then((it) => from(it, root)),
    ],
    "a key on P-256": [
      flaws.certificates,
      leafOf(root, { namedCurve: "P-256" }).then((it) =>
        signed(fields({ certificate: it.certificate, cabundle: [root.certificate] }), it, {
          alterSignature: (signature) => Buffer.concat([signature, Buffer.alloc(32)]), // else its length gives it away
        }),
      ),
    ],
    "a certificate signed with SHA-256": [
      flaws.certificates,
      leafOf(root, { hash: "SHA-256" }).then((it) => from(it, root)),
    ],
    "a leaf that has expired": [flaws.certificates, leafOf(root, { to: now - MINUTE }).then((it) => from(it, root))],
    "a leaf that is not yet valid": [
      flaws.certificates,
      leafOf(root, { from: now + MINUTE }).then((it) => from(it, root)),
    ],
    "an intermediate that has expired": [
      flaws.certificates,
      caOf(root, { to: now - MINUTE }).then(async (it) => from(await leafOf(it), root, it)),
    ],
    "something behind a certificate": [
      flaws.certificates,
      document({ certificate: Buffer.concat([leaf.certificate, Buffer.from([0])]) }),
    ],
    "a certificate in PEM": [
      flaws.certificates,
      document({ certificate: Buffer.from(new X509Certificate(leaf.certificate).toString()) }),
    ],
    "no certificate at all": [flaws.certificates, document({ certificate: Buffer.from("certificate") })],
    "a signature by another key": [flaws.signature, signed(fields(), stranger.leaf)],
    "a signature by the intermediate": [flaws.signature, signed(fields(), intermediate)],
    "a signature of zeros": [flaws.signature, document({}, { alterSignature: () => Buffer.alloc(96) })],
  };
  for (const [name, [why, bytes]] of Object.entries(cases)) {
    await t.test(name, async () => {
      const made = await bytes;
      assert.equal(flaw(made), why);
      assert.equal(flaw(made), why, "again");
    });
  }
  await t.test("either of two roots", () => {
    const both = trusting(stranger.root, root);
    assert.equal(flaw(from(stranger.leaf, stranger.root, stranger.intermediate), both), "");
    assert.equal(flaw(document(), both), "");
    assert.equal(flaw(from(stranger.leaf, root, stranger.intermediate), both), flaws.certificates);
  });
});

test("a chain that was good is refused once it is no longer valid", () => {
  const old = signed(enclaveFields(nitro, publicKey, now + 3 * HOUR), nitro.leaf);
  assert.equal(flaw(document()), "");
  assert.equal(flaw(old, attestation, now + 3 * HOUR), flaws.certificates);
});

test("which certificates can be roots", async () => {
  const why = async (options: CertificateOptions) =>
    flawOfRoot(new X509Certificate((await certificate({ ca: true, ...options })).certificate));
  assert.equal(await why({}), undefined);
  assert.equal(await why({ namedCurve: "P-256", hash: "SHA-256" }), "its key is not an elliptic-curve key on P-384");
  assert.equal(await why({ hash: "SHA-256" }), "it is not signed by itself, with ECDSA and SHA-384");
  assert.equal(await why({ issuer: nitro.root }), "it is not signed by itself, with ECDSA and SHA-384");
  const critical = [new x509.Extension("1.2.3.4", true, new Uint8Array([5, 0]))];
  assert.equal(
    await why({ extensions: critical }),
    "it has extensions that are critical and not understood, or damaged",
  );
  assert.equal(
    await why({ extensions: [new x509.BasicConstraintsExtension(true, undefined, true)] }),
    "its key is not for signing certificates",
  );
});
