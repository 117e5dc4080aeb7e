import { constants as ssl } from "node:crypto";
import type { ServerOptions } from "node:https";
import type { TlsMaterial } from "./certificate.ts";

/** TLS 1.2 and 1.3, forward secrecy and authenticated encryption only, with the hybrid post-quantum key exchange first. */
export function tlsServerOptions(material: TlsMaterial): ServerOptions {
  return {
    cert: material.cert,
    key: material.key,
    minVersion: "TLSv1.2",
    // The slash (OpenSSL 3.5) asks a client that can do the hybrid exchange for it even if it came with a share for
    // X25519 only. With a colon, its first guess would win.
    ecdhCurve: "X25519MLKEM768/X25519:prime256v1:secp384r1",
    // 256-bit keys travel here: AES-256 first.
    ciphers: [
      "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_AES_128_GCM_SHA256",
      "ECDHE-ECDSA-AES256-GCM-SHA384",
      "ECDHE-RSA-AES256-GCM-SHA384",
      "ECDHE-ECDSA-CHACHA20-POLY1305",
      "ECDHE-RSA-CHACHA20-POLY1305",
      "ECDHE-ECDSA-AES128-GCM-SHA256",
      "ECDHE-RSA-AES128-GCM-SHA256",
    ].join(":"),
    honorCipherOrder: true,
    secureOptions: ssl.SSL_OP_NO_RENEGOTIATION,
  };
}
