"""Selects wycheproof.json from Wycheproof's test vectors: of each set of flags and each result the first few.

    python3 test/vectors/wycheproof.py <folder testvectors_v1 of github.com/c2sp/wycheproof> > test/vectors/wycheproof.json
"""

import base64
import collections
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])


def select(name: str, limit: int, key: str, members: tuple, wanted=lambda group, case: True) -> dict:
    """`key` names the group's or the case's member that holds the key; each key stands once, and cases name it by number."""
    seen = collections.Counter()
    keys = {}
    cases = []
    for group in json.loads((folder / f"{name}_test.json").read_text())["testGroups"]:
        for case in group["tests"]:
            kind = (case["result"], *case.get("flags", []))
            if seen[kind] >= limit or not wanted(group, case):
                continue
            seen[kind] += 1
            cases.append({
                "id": f"{name} {case['tcId']}", "result": case["result"], "flags": case.get("flags", []),
                "key": keys.setdefault(compact(group.get(key) or case[key]), len(keys)),
                **{member: compact(case[member]) for member in members},
            })
    return {"keys": list(keys), "cases": cases}


def compact(hex: str) -> str:
    return base64.b64encode(bytes.fromhex(hex)).decode()


def verify(name: str, limit: int, wanted=lambda group, case: True) -> dict:
    return select(name, limit, "publicKeyDer", ("msg", "sig"), wanted)


def no_label(_, case) -> bool:
    return case["label"] == ""


def no_context(group, case) -> bool:
    # Keys of a wrong length have no public key in DER.
    return "ctx" not in case and bool(group.get("publicKeyDer"))


def whole(_, case) -> bool:
    return all(member in case for member in ("seed", "c", "K"))


def small(_, case) -> bool:
    return len(case["msg"]) < 2000


print(json.dumps({
    "rsa-pss": {
        "2048 sha256": verify("rsa_pss_2048_sha256_mgf1_32", 5),
        "4096 sha384": verify("rsa_pss_4096_sha384_mgf1_48", 3),
        "4096 sha512": verify("rsa_pss_4096_sha512_mgf1_64", 3),
        "2048 sha256, other salts": verify("rsa_pss_2048_sha256_mgf1_0", 1),
        "2048 sha256, other MGF1": verify("rsa_pss_2048_sha256_mgf1sha1_20", 1),
    },
    "rsa-pkcs1": {
        "2048 sha256": verify("rsa_signature_2048_sha256", 4),
        "3072 sha384": verify("rsa_signature_3072_sha384", 2),
        "4096 sha512": verify("rsa_signature_4096_sha512", 2),
    },
    "rsa-pkcs1, signing": {
        f"{size} sha{bits}": select(
            f"rsa_pkcs1_{size}_sig_gen", 1, "privateKeyPkcs8", ("msg", "sig"),
            lambda group, case: group["sha"] == f"SHA-{bits}" and case["result"] == "valid",
        )
        for size, bits in ((2048, 256), (2048, 384), (2048, 512), (4096, 256))
    },
    "rsa-oaep": {
        "2048 oaep-sha1": select("rsa_oaep_2048_sha1_mgf1sha1", 6, "privateKeyPkcs8", ("msg", "ct"), no_label),
        "2048 oaep-sha256": select("rsa_oaep_2048_sha256_mgf1sha256", 6, "privateKeyPkcs8", ("msg", "ct"), no_label),
        "4096 oaep-sha256": select("rsa_oaep_4096_sha256_mgf1sha256", 2, "privateKeyPkcs8", ("msg", "ct"), no_label),
    },
    "rsa, three primes": {
        "2048": select("rsa_three_primes_oaep_2048_sha1_mgf1sha1", 1, "privateKeyPkcs8", (), no_label),
    },
    "ecdsa": {
        "P-256 sha256": verify("ecdsa_secp256r1_sha256", 4),
        "P-384 sha384": verify("ecdsa_secp384r1_sha384", 3),
        "P-521 sha512": verify("ecdsa_secp521r1_sha512", 3),
        "secp256k1 sha256": verify("ecdsa_secp256k1_sha256", 4),
    },
    "ecdh": {
        curve: select(f"ecdh_{name}", 4, "private", ("public", "shared"))
        for curve, name in (("P-256", "secp256r1"), ("P-384", "secp384r1"), ("P-521", "secp521r1"))
    },
    "ed25519": {"": verify("ed25519", 10)},
    "ml-dsa": {str(level): verify(f"mldsa_{level}_verify", 1, no_context) for level in (44, 65, 87)},
    "ml-dsa, µ": {
        str(level): select(
            f"mldsa_{level}_sign_seed", 1, "privateKeyPkcs8", ("mu", "sig"),
            lambda group, case: group.get("privateKeyPkcs8") and case.get("mu") and case.get("sig"),
        )
        for level in (44, 65, 87)
    },
    "ml-kem": {
        str(level): select(f"mlkem_{level}", 3, "seed", ("c", "K"), whole) for level in (512, 768, 1024)
    },
    "hmac": {
        hash: select(f"hmac_{hash}", 3, "key", ("msg", "tag"), small) for hash in ("sha224", "sha256", "sha384", "sha512")
    },
}, ensure_ascii=False, indent=0))
