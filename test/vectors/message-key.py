"""Makes message-key.json with Python's cryptography package: a second implementation of docs/ciphertext.md.

    python3 test/vectors/message-key.py > test/vectors/message-key.json
"""

import hashlib
import json
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import CounterLocation, KBKDFHMAC, Mode

LABEL = b"strongroom message key v1"


def canonical(context: dict) -> bytes:
    out = b""
    for name, value in sorted((n.encode(), v.encode()) for n, v in context.items()):
        out += struct.pack(">I", len(name)) + name + struct.pack(">I", len(value)) + value
    return out


def case(seed: int, key_id: str, account: str, context: dict, plaintext: bytes) -> dict:
    rand = hashlib.shake_256(bytes([seed])).digest(32 + 32 + 16 + 12)
    material, material_id, nonce, iv = rand[:32], rand[32:64], rand[64:80], rand[80:92]
    multi = key_id.startswith("mrk-")
    raw_id = bytes.fromhex(key_id.removeprefix("mrk-").replace("-", ""))
    prefix = b"SRK\x01" + bytes([1 if multi else 0]) + raw_id + int(account).to_bytes(6, "big") + material_id
    prefix += hashlib.sha256(prefix).digest()[:4]
    key = KBKDFHMAC(SHA256(), Mode.CounterMode, 32, 4, 4, CounterLocation.BeforeFixed, LABEL, nonce, None).derive(material)
    sealed = AESGCM(key).encrypt(iv, plaintext, prefix + canonical(context))
    return {
        "material": material.hex(), "materialId": material_id.hex(), "keyId": key_id, "account": account,
        "context": context, "plaintext": plaintext.hex(), "blob": (prefix + nonce + iv + sealed).hex(),
    }


print(json.dumps([
    case(1, "1234abcd-12ab-34cd-56ef-1234567890ab", "000000000000", {}, b"x"),
    case(2, "1234abcd-12ab-34cd-56ef-1234567890ab", "111122223333", {"purpose": "test"}, b"hello, world"),
    case(3, "ffffffff-ffff-ffff-ffff-ffffffffffff", "999999999999", {"b": "2", "a": "1", "\u00e9": "\U0001f511", "\uff5e": "", "\U00010000": "z"}, bytes(range(256)) * 16),
    case(4, "mrk-0123456789abcdef0123456789abcdef", "111122223333", {"": "empty name"}, bytes(32)),
], indent=1))
