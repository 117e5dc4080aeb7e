"""Selects acvp.json from test vectors of NIST's Automated Cryptographic Validation Protocol and their expected results.

    python3 test/vectors/acvp.py <github.com/cloudflare/circl> <github.com/geomys/acvp-testdata> > test/vectors/acvp.json

The first has ML-KEM and ML-DSA as files prompt.json.gz and expectedResults.json.gz, the second all of Go's algorithms.
Binary is in base 64; what a case has of its group stands in the case.
"""

import base64
import bz2
import collections
import gzip
import json
import pathlib
import sys

circl, geomys = map(pathlib.Path, sys.argv[1:])


def cases(prompts: dict, results: dict):
    """Each case with the members of its group and of its result."""
    expected = {(group["tgId"], case["tcId"]): {**group, **case} for group in results["testGroups"] for case in group["tests"]}
    for group in prompts["testGroups"]:
        for case in group["tests"]:
            merged = {**group, **case, **expected[group["tgId"], case["tcId"]]}
            yield {name: value for name, value in merged.items() if name != "tests"}


def of_circl(folder: str):
    read = lambda name: json.loads(gzip.decompress((circl / folder / f"{name}.json.gz").read_bytes()))
    return cases(read("prompt"), read("expectedResults"))


def of_geomys(name: str, mode: str | None = None):
    sets = [json.loads(bz2.decompress((geomys / kind / f"{name}.bz2").read_bytes())) for kind in ("vectors", "expected")]
    for prompts, results in zip(*([each for each in one if "testGroups" in each] for one in sets)):
        if mode is None or prompts["mode"] == mode:
            yield from cases(prompts, results)


def select(rows, members: str, limit: int = 1000, by=lambda case: (case.get("parameterSet"), case.get("testPassed")), wanted=lambda case: True):
    """The first `limit` of each kind, with these members alone: those in hexadecimal as base 64."""
    seen = collections.Counter()
    chosen = []
    for case in rows:
        kind = by(case)
        if not wanted(case) or seen[kind] >= limit:
            continue
        seen[kind] += 1
        chosen.append({"id": f"{case['tgId']}/{case['tcId']}", **{name: compact(case[name]) for name in members.split()}})
    return chosen


def compact(value):
    if not isinstance(value, str):
        return value
    try:
        return base64.b64encode(bytes.fromhex(value)).decode()
    except ValueError:
        return value


def external_mu(case) -> bool:
    return bool(case.get("externalMu"))


def pure(case) -> bool:
    return case.get("preHash") == "pure"


def ours(case) -> bool:
    return case["curve"] != "P-224" and case.get("hashAlg", "SHA2-256") in ("SHA2-256", "SHA2-384", "SHA2-512")


def short_key(case) -> bool:
    return case["keyLen"] <= 2048


every = lambda case: None
ml_dsa = lambda mode: of_geomys("ML-DSA", mode)
print(json.dumps({
    "ML-DSA keyGen": select(of_circl("sign/mldsa/testdata/ML-DSA-keyGen-FIPS204"), "parameterSet seed pk", 2),
    # the internal interface: what µ is a digest of is not led by a context
    "ML-DSA sigVer, internal": select(of_circl("sign/mldsa/testdata/ML-DSA-sigVer-FIPS204"), "parameterSet pk message signature testPassed", 2),
    "ML-DSA sigVer, external": select(ml_dsa("sigVer"), "parameterSet pk message context signature testPassed", wanted=pure),
    "ML-DSA sigVer, µ": select(ml_dsa("sigVer"), "parameterSet pk mu signature testPassed", wanted=external_mu),
    "ML-DSA sigGen, µ": select(ml_dsa("sigGen"), "parameterSet sk mu signature", 1, wanted=external_mu),
    "ML-KEM keyGen": select(of_circl("kem/mlkem/testdata/ML-KEM-keyGen-FIPS203"), "parameterSet d z ek", 2),
    "ML-KEM decapsulation": select(
        of_circl("kem/mlkem/testdata/ML-KEM-encapDecap-FIPS203"), "parameterSet dk c k", 3,
        wanted=lambda case: case["function"] == "decapsulation",
    ),
    "ECDSA keyVer": select(of_geomys("ECDSA", "keyVer"), "curve qx qy testPassed", by=every, wanted=ours),
    "ECDSA sigVer": select(of_geomys("ECDSA", "sigVer"), "curve hashAlg qx qy message r s testPassed", by=every, wanted=ours),
    "DetECDSA sigGen": select(of_geomys("DetECDSA"), "curve hashAlg qx qy message r s", by=every, wanted=ours),
    "EDDSA sigVer": select(of_geomys("EDDSA", "sigVer"), "preHash q message signature testPassed", by=every),
    **{
        f"HMAC-SHA2-{bits}": select(of_geomys(f"HMAC-SHA2-{bits}"), "key msg mac", 6, by=every, wanted=short_key)
        for bits in (224, 256, 384, 512)
    },
}, ensure_ascii=False, indent=0))
