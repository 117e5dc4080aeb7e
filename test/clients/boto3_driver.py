"""Drives every operation of Strongroom with boto3 and prints, as JSON, what it saw; boto3.test.ts starts it.

Client and server meet by the usual variables alone: AWS_ENDPOINT_URL, AWS_SHARED_CREDENTIALS_FILE, AWS_DEFAULT_REGION.
What can be checked here is checked here; an AssertionError ends it with status 1.
"""

import datetime
import hashlib
import json
import os
import re
import time
import unittest.mock

import boto3
import botocore.auth
import botocore.config
import botocore.exceptions

ONCE = botocore.config.Config(retries={"total_max_attempts": 1})
DAY = datetime.timedelta(days=1)
ABSENT = "00000000-0000-4000-8000-000000000000"

kms = boto3.client("kms", config=ONCE)
driven = set()
errors = {}


def record(http_response, parsed, model, **_):
    if http_response.status_code == 200:
        driven.add(model.name)


kms.meta.events.register("after-call.kms", record)


def fails(name, call, exception, message):
    """`call` raises exactly this modelled class, and the client's user finds code, text, status and request id in it."""
    try:
        call()
    except kms.exceptions.ClientError as error:
        expected = getattr(kms.exceptions, exception)
        assert type(error) is expected, f"{name}: {type(error)} is not {expected}"
        check_error(name, error, exception, message)
        return
    raise AssertionError(f"{name} succeeded")


def fails_unmodelled(name, call, code, message):
    """As `fails`, for errors that the model does not have: a plain ClientError with the code."""
    try:
        call()
    except botocore.exceptions.ClientError as error:
        assert type(error) is botocore.exceptions.ClientError, f"{name}: {type(error)}"
        check_error(name, error, code, message)
        return
    raise AssertionError(f"{name} succeeded")


def check_error(name, error, code, message):
    said = error.response["Error"]
    assert said["Code"] == code, f"{name}: {said}"
    text = said.get("Message", "")
    if message.endswith("…"):
        assert text and text.startswith(message[:-1]), f"{name}: {said}"
    else:
        assert text == message, f"{name}: {said}"
    metadata = error.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 400, f"{name}: {metadata}"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", metadata["RequestId"]), metadata
    assert metadata["RetryAttempts"] == 0
    errors[name] = code


def close_to(time, expected):
    assert time.tzinfo is not None
    assert abs(time - expected) < datetime.timedelta(minutes=1), (time, expected)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def keys():
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "é", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
    }
    made = kms.create_key(
        Description="ключ 🔑", Policy=json.dumps(policy), Tags=[{"TagKey": "team", "TagValue": "payments"}]
    )["KeyMetadata"]
    key, arn = made["KeyId"], made["Arn"]
    close_to(made.pop("CreationDate"), now())
    assert re.fullmatch("[0-9a-f]{64}", made.pop("CurrentKeyMaterialId"))
    assert made == {
        "AWSAccountId": "000000000000",
        "KeyId": key,
        "Arn": f"arn:aws:kms:us-east-1:000000000000:key/{key}",
        "Enabled": True,
        "Description": "ключ 🔑",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }, made
    kms.update_key_description(KeyId=key, Description="")
    described = kms.describe_key(KeyId=arn)
    assert described["KeyMetadata"]["Description"] == ""
    assert described["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.1"

    assert json.loads(kms.get_key_policy(KeyId=key)["Policy"]) == policy
    policy["Statement"][0]["Sid"] = "changed"
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy))
    answer = kms.get_key_policy(KeyId=key, PolicyName="default")
    assert json.loads(answer["Policy"]) == policy and answer["PolicyName"] == "default"
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]

    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": ""}, {"TagKey": "team", "TagValue": "billing"}])
    tags = kms.list_resource_tags(KeyId=key)["Tags"]
    assert tags == [{"TagKey": "a", "TagValue": ""}, {"TagKey": "team", "TagValue": "billing"}], tags
    kms.untag_resource(KeyId=key, TagKeys=["a", "none"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "team", "TagValue": "billing"}]

    fails("no key", lambda: kms.describe_key(KeyId=ABSENT), "NotFoundException",
          f"Key 'arn:aws:kms:us-east-1:000000000000:key/{ABSENT}' does not exist")
    fails("bad ARN", lambda: kms.enable_key(KeyId="arn:aws:kms:us-east-1:000000000000:alias/x"),
          "InvalidArnException", "Key Aliases are not supported for this operation")
    fails("bad policy", lambda: kms.put_key_policy(KeyId=key, Policy="{"),
          "MalformedPolicyDocumentException", "…")
    fails("bad tag", lambda: kms.tag_resource(KeyId=key, Tags=[{"TagKey": "aws:a", "TagValue": ""}]),
          "TagException", "Tags beginning with aws: are reserved")
    fails("long policy", lambda: kms.put_key_policy(KeyId=key, Policy=json.dumps(policy) + " " * 32768),
          "LimitExceededException", "…")
    fails("no key store", lambda: kms.generate_random(NumberOfBytes=1, CustomKeyStoreId="cks-1"),
          "CustomKeyStoreNotFoundException", "…")
    fails_unmodelled("another account", lambda: kms.describe_key(KeyId=arn.replace("000000000000", "111122223333")),
                     "AccessDeniedException",
                     "User: arn:aws:iam::000000000000:root is not authorized to perform: kms:DescribeKey on resource: …")
    fails_unmodelled("not valid", lambda: kms.generate_random(NumberOfBytes=1025), "ValidationException",
                     "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: "
                     "Member must have value less than or equal to 1024")
    fails_unmodelled("no operation", lambda: kms.describe_custom_key_stores(), "UnknownOperationException", "")


def states():
    metadata = kms.create_key()["KeyMetadata"]
    key, arn = metadata["KeyId"], metadata["Arn"]
    encrypt = lambda: kms.encrypt(KeyId=key, Plaintext=b"x")
    kms.disable_key(KeyId=key)
    fails("disabled", encrypt, "DisabledException", f"{arn} is disabled.")
    kms.enable_key(KeyId=key)
    scheduled = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    close_to(scheduled["DeletionDate"], now() + 7 * DAY)
    assert (scheduled["KeyId"], scheduled["KeyState"], scheduled["PendingWindowInDays"]) == (arn, "PendingDeletion", 7)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["DeletionDate"] == scheduled["DeletionDate"]
    fails("pending deletion", encrypt, "KMSInvalidStateException", f"{arn} is pending deletion.")
    assert kms.cancel_key_deletion(KeyId=key)["KeyId"] == arn
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    fails("not pending deletion", lambda: kms.cancel_key_deletion(KeyId=key),
          "KMSInvalidStateException", f"{arn} is not pending deletion.")


def aliases():
    one, two = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.create_alias(AliasName="alias/boto3", TargetKeyId=one)
    fails("alias there", lambda: kms.create_alias(AliasName="alias/boto3", TargetKeyId=two), "AlreadyExistsException",
          "An alias with the name arn:aws:kms:us-east-1:000000000000:alias/boto3 already exists")
    fails("alias of AWS", lambda: kms.create_alias(AliasName="alias/aws/x", TargetKeyId=two),
          "InvalidAliasNameException", "…")
    kms.update_alias(AliasName="alias/boto3", TargetKeyId=two)
    assert kms.list_aliases(KeyId=one)["Aliases"] == []
    (alias,) = kms.list_aliases(KeyId=two)["Aliases"]
    assert alias["LastUpdatedDate"] >= alias["CreationDate"]
    close_to(alias["CreationDate"], now())
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/boto3", two)
    assert kms.describe_key(KeyId=alias["AliasArn"])["KeyMetadata"]["KeyId"] == two
    kms.delete_alias(AliasName="alias/boto3")
    fails("no alias", lambda: kms.describe_key(KeyId="alias/boto3"), "NotFoundException",
          "Alias arn:aws:kms:us-east-1:000000000000:alias/boto3 is not found.")


def cryptography():
    one, two = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    plaintext = bytes(range(256)) * 16
    context = {"purpose": "backup", "ключ": "🔑", "\uff5e": "1", "\U00010000": "2"}
    backwards = dict(reversed(context.items()))
    encrypted = kms.encrypt(KeyId=one, Plaintext=plaintext, EncryptionContext=context)
    assert (encrypted["KeyId"], encrypted["EncryptionAlgorithm"]) == (one, "SYMMETRIC_DEFAULT")
    blob = encrypted["CiphertextBlob"]
    decrypted = kms.decrypt(CiphertextBlob=blob, EncryptionContext=backwards)
    assert decrypted["Plaintext"] == plaintext and decrypted["KeyId"] == one
    moved = kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=two)
    assert (moved["SourceKeyId"], moved["KeyId"]) == (one, two)
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == plaintext

    data_key = kms.generate_data_key(KeyId=one, KeySpec="AES_256", EncryptionContext=context)
    assert len(data_key["Plaintext"]) == 32
    again = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"], EncryptionContext=backwards)
    assert again["Plaintext"] == data_key["Plaintext"]
    assert again["KeyMaterialId"] == data_key["KeyMaterialId"] == decrypted["KeyMaterialId"]
    sealed = kms.generate_data_key_without_plaintext(KeyId=one, NumberOfBytes=100)
    assert "Plaintext" not in sealed
    assert len(kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"]) == 100
    random = [kms.generate_random(NumberOfBytes=1024)["Plaintext"] for _ in range(2)]
    assert [len(some) for some in random] == [1024, 1024] and random[0] != random[1]

    damaged = blob[:-1] + bytes([blob[-1] ^ 1])
    fails("damaged", lambda: kms.decrypt(CiphertextBlob=damaged, EncryptionContext=context),
          "InvalidCiphertextException", "")
    fails("wrong context", lambda: kms.decrypt(CiphertextBlob=blob), "InvalidCiphertextException", "")
    fails("wrong key", lambda: kms.decrypt(CiphertextBlob=blob, KeyId=two, EncryptionContext=context),
          "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
    fails("wrong algorithm",
          lambda: kms.encrypt(KeyId=one, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256"),
          "InvalidKeyUsageException", "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.")
    fails("wrong grant token", lambda: kms.encrypt(KeyId=one, Plaintext=b"x", GrantTokens=["x"]),
          "InvalidGrantTokenException", "…")
    fails("dry run", lambda: kms.encrypt(KeyId=one, Plaintext=b"x", DryRun=True), "DryRunOperationException",
          "The request would have succeeded, but the DryRun option is set.")


def rotation():
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 180)
    close_to(status["NextRotationDate"], now() + 180 * DAY)
    materials = []
    for _ in range(3):
        kms.rotate_key_on_demand(KeyId=key)
        materials.append(kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"])
    pages = list(kms.get_paginator("list_key_rotations").paginate(KeyId=key, PaginationConfig={"PageSize": 2}))
    assert [len(page["Rotations"]) for page in pages] == [2, 1], pages
    rotations = [rotation for page in pages for rotation in page["Rotations"]]
    assert [rotation["KeyMaterialId"] for rotation in rotations] == materials
    for rotated in rotations:
        assert rotated["RotationType"] == "ON_DEMAND"
        close_to(rotated["RotationDate"], now())
    kms.disable_key_rotation(KeyId=key)
    assert "NextRotationDate" not in kms.get_key_rotation_status(KeyId=key)


def imports():
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
    assert (key["KeyState"], key["Origin"]) == ("PendingImport", "EXTERNAL"), key
    parameters = kms.get_parameters_for_import(
        KeyId=key["KeyId"], WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048")
    close_to(parameters["ParametersValidTo"], now() + DAY)
    material = dict(KeyId=key["KeyId"], EncryptedKeyMaterial=b"x", ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    fails("not wrapped", lambda: kms.import_key_material(ImportToken=parameters["ImportToken"], **material),
          "InvalidCiphertextException", "")
    fails("no token", lambda: kms.import_key_material(ImportToken=b"x", **material), "InvalidImportTokenException", "")
    fails("pending import", lambda: kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x"), "KMSInvalidStateException", "…")
    assert "KeyMaterialId" not in kms.delete_imported_key_material(KeyId=key["KeyId"])
    material["EncryptedKeyMaterial"] = oaep(os.urandom(32), parameters["PublicKey"])
    made = kms.import_key_material(ImportToken=parameters["ImportToken"], **material)
    assert made["KeyId"] == key["Arn"], made
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    assert kms.delete_imported_key_material(KeyId=key["KeyId"])["KeyMaterialId"] == made["KeyMaterialId"]


def oaep(message, public_key):
    """RSAES-OAEP with SHA-256, RFC 8017 section 7.1.1, under an RSA key of 2,048 bits: modulus and 65537 end the SPKI."""
    assert public_key[-5:] == bytes.fromhex("0203010001")
    modulus = int.from_bytes(public_key[-261:-5], "big")
    sha256 = lambda data: hashlib.sha256(data).digest()
    mask = lambda seed, length: b"".join(sha256(seed + i.to_bytes(4, "big")) for i in range(length // 32 + 1))[:length]
    xor = lambda a, b: bytes(x ^ y for x, y in zip(a, b))
    block = sha256(b"") + bytes(256 - len(message) - 66) + b"\1" + message
    seed = os.urandom(32)
    masked = xor(block, mask(seed, len(block)))
    encoded = b"\0" + xor(seed, mask(masked, 32)) + masked
    return pow(int.from_bytes(encoded, "big"), 65537, modulus).to_bytes(256, "big")


def regions():
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    there = boto3.client("kms", region_name="eu-west-1", config=ONCE)
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    fails("replicated", lambda: kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1"), "AlreadyExistsException", "…")
    blob = there.encrypt(KeyId=key, Plaintext=b"over the sea")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"over the sea"
    kms.update_primary_region(KeyId=key, PrimaryRegion="eu-west-1")
    configuration = kms.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
    assert configuration["PrimaryKey"]["Region"] == "eu-west-1", configuration
    fails("replica", lambda: kms.rotate_key_on_demand(KeyId=key), "UnsupportedOperationException", "…")


def events():
    """CloudTrail's LookupEvents: what was done just now, by the key it was done with."""
    key = kms.create_key(Description="looked up")["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"not on record", EncryptionContext={"a": "b"})["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})
    trail = boto3.client("cloudtrail", config=ONCE)
    by_key = [{"AttributeKey": "ResourceName", "AttributeValue": key["Arn"]}]
    for _ in range(50):
        pages = trail.get_paginator("lookup_events").paginate(LookupAttributes=by_key, PaginationConfig={"PageSize": 2})
        found = [event for page in pages for event in page["Events"]]
        if len(found) == 3:
            break
        time.sleep(0.1)
    assert [event["EventName"] for event in found] == ["Decrypt", "Encrypt", "CreateKey"], found
    for event in found:
        close_to(event["EventTime"], now())
        assert event["Username"] == "root" and event["EventSource"] == "kms.amazonaws.com", event
    record = json.loads(found[1]["CloudTrailEvent"])
    assert record["requestParameters"]["encryptionContext"] == {"a": "b"}, record
    assert found[1]["ReadOnly"] == "true" and found[2]["ReadOnly"] == "false"


def key_pairs():
    def new(spec, usage):
        made = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
        assert (made["KeySpec"], made["KeyUsage"], "CurrentKeyMaterialId" in made) == (spec, usage, False), made
        return made["KeyId"]

    signer = new("ECC_NIST_P256", "SIGN_VERIFY")
    signed = kms.sign(KeyId=signer, Message=b"message", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    signature = dict(KeyId=signer, Message=b"message", SigningAlgorithm="ECDSA_SHA_256")
    assert kms.verify(Signature=signed, **signature)["SignatureValid"] is True
    fails("bad signature", lambda: kms.verify(Signature=b"x", **signature), "KMSInvalidSignatureException", "")
    fails("wrong usage", lambda: kms.encrypt(KeyId=signer, Plaintext=b"x"), "InvalidKeyUsageException", "…")
    public = kms.get_public_key(KeyId=signer)
    assert public["SigningAlgorithms"] == ["ECDSA_SHA_256"] and public["PublicKey"].startswith(b"0"), public

    rsa = new("RSA_2048", "ENCRYPT_DECRYPT")
    algorithm = dict(KeyId=rsa, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    blob = kms.encrypt(Plaintext=b"text", **algorithm)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, **algorithm)["Plaintext"] == b"text"

    mac = dict(KeyId=new("HMAC_512", "GENERATE_VERIFY_MAC"), Message=b"message", MacAlgorithm="HMAC_SHA_512")
    made = kms.generate_mac(**mac)["Mac"]
    assert len(made) == 64 and kms.verify_mac(Mac=made, **mac)["MacValid"] is True
    fails("bad MAC", lambda: kms.verify_mac(Mac=made[:-1], **mac), "KMSInvalidMacException", "")

    one, two = new("ECC_NIST_P384", "KEY_AGREEMENT"), new("ECC_NIST_P384", "KEY_AGREEMENT")
    secrets = [
        kms.derive_shared_secret(
            KeyId=a, KeyAgreementAlgorithm="ECDH", PublicKey=kms.get_public_key(KeyId=b)["PublicKey"]
        )["SharedSecret"]
        for a, b in [(one, two), (two, one)]
    ]
    assert secrets[0] == secrets[1] and len(secrets[0]) == 48

    symmetric = kms.create_key()["KeyMetadata"]["KeyId"]
    pair = kms.generate_data_key_pair(KeyId=symmetric, KeyPairSpec="ECC_NIST_P256")
    assert kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"] == pair["PrivateKeyPlaintext"]
    assert "PrivateKeyPlaintext" not in kms.generate_data_key_pair_without_plaintext(
        KeyId=symmetric, KeyPairSpec="RSA_2048"
    )
    # This boto3 may be older than ML-KEM and GetKeyLastUsage.
    if hasattr(kms, "encapsulate"):
        kem = dict(KeyId=new("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"), EncapsulationAlgorithm="ML_KEM")
        there = kms.encapsulate(**kem)
        back = kms.decapsulate(SharedSecretCiphertextBlob=there["SharedSecretCiphertextBlob"], **kem)
        assert back["SharedSecret"] == there["SharedSecret"]
    if hasattr(kms, "get_key_last_usage"):
        last = kms.get_key_last_usage(KeyId=signer)["KeyLastUsage"]
        assert last["Operation"] == "Verify", last
        close_to(last["Timestamp"], now())


def grants():
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    grantee = boto3.client("iam").create_user(UserName="grantee")["User"]["Arn"]
    made = kms.create_grant(
        KeyId=key,
        GranteePrincipal=grantee,
        RetiringPrincipal=grantee,
        Operations=["Decrypt", "Encrypt"],
        Constraints={"EncryptionContextSubset": {"a": "b"}},
        Name="app",
    )
    listed = kms.list_grants(KeyId=key)["Grants"]
    close_to(listed[0].pop("CreationDate"), now())
    assert listed == [{
        "KeyId": f"arn:aws:kms:us-east-1:000000000000:key/{key}",
        "GrantId": made["GrantId"],
        "Name": "app",
        "GranteePrincipal": grantee,
        "RetiringPrincipal": grantee,
        "IssuingAccount": "arn:aws:iam::000000000000:root",
        "Operations": ["Decrypt", "Encrypt"],
        "Constraints": {"EncryptionContextSubset": {"a": "b"}},
    }], listed
    assert kms.list_retirable_grants(RetiringPrincipal=grantee)["Grants"][0]["GrantId"] == made["GrantId"]
    kms.retire_grant(GrantToken=made["GrantToken"])
    other = kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["DescribeKey"])["GrantId"]
    kms.revoke_grant(KeyId=key, GrantId=other)
    assert kms.list_grants(KeyId=key)["Grants"] == []
    fails("no grant", lambda: kms.revoke_grant(KeyId=key, GrantId=other), "NotFoundException", "…")


def identities():
    """What an administrator does with boto3, read back as it was written."""
    iam, sts = boto3.client("iam", config=ONCE), boto3.client("sts", config=ONCE)
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}],
    }
    role = iam.create_role(RoleName="app", Path="/team/", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    iam.get_waiter("role_exists").wait(RoleName="app")
    assert iam.get_role(RoleName="APP")["Role"]["AssumeRolePolicyDocument"] == trust
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:List*", "Resource": "*"}}
    hostile = "<&>\"']]> é"
    policy = iam.create_policy(PolicyName="lists", PolicyDocument=json.dumps(document), Description=hostile)["Policy"]
    assert iam.get_policy(PolicyArn=policy["Arn"])["Policy"]["Description"] == hostile
    iam.get_waiter("policy_exists").wait(PolicyArn=policy["Arn"])
    iam.attach_role_policy(RoleName="app", PolicyArn=policy["Arn"])
    assert iam.get_policy_version(PolicyArn=policy["Arn"], VersionId="v1")["PolicyVersion"]["Document"] == document
    user = iam.create_user(UserName="alice", Tags=[{"Key": "é", "Value": "a b=ü"}])["User"]
    assert iam.get_user(UserName="alice")["User"]["Tags"] == [{"Key": "é", "Value": "a b=ü"}]
    may = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role["Arn"]}}
    iam.put_user_policy(UserName="alice", PolicyName="may", PolicyDocument=json.dumps(may))
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    alice = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])
    assert alice.client("sts").get_caller_identity()["Arn"] == user["Arn"]
    got = alice.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="one")["Credentials"]
    close_to(got["Expiration"], now() + datetime.timedelta(hours=1))
    session = boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])
    assert session.client("sts").get_caller_identity()["Arn"] == "arn:aws:sts::000000000000:assumed-role/app/one"
    session.client("kms").list_keys()
    names = [u["UserName"] for page in iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1}) for u in page["Users"]]
    assert names == ["alice", "grantee"], names
    for call, code, status in [
        (lambda: iam.get_user(UserName="nobody"), "NoSuchEntity", 404),
        (lambda: iam.create_user(UserName="ALICE"), "EntityAlreadyExists", 409),
        (lambda: iam.delete_user(UserName="alice"), "DeleteConflict", 409),
        (lambda: iam.create_policy(PolicyName="bad", PolicyDocument="{}"), "MalformedPolicyDocument", 400),
        (lambda: session.client("iam").list_users(), "AccessDenied", 403),
        (lambda: sts.assume_role(RoleArn=role["Arn"], RoleSessionName="one"), "AccessDenied", 403),
    ]:
        try:
            call()
        except botocore.exceptions.ClientError as error:
            said = error.response
            assert (said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]) == (code, status), said
        else:
            raise AssertionError(f"{code} was expected")


def pages():
    """In a Region where nothing else is made."""
    there = boto3.client("kms", config=ONCE, region_name="eu-west-3")
    arns = []
    for name in "abcde":
        metadata = there.create_key(Tags=[{"TagKey": f"k{i}", "TagValue": ""} for i in range(7)])["KeyMetadata"]
        arns.append(metadata["Arn"])
        there.create_alias(AliasName=f"alias/{name}", TargetKeyId=metadata["KeyId"])
    config = {"PageSize": 2}
    of = lambda operation, **input: list(there.get_paginator(operation).paginate(PaginationConfig=config, **input))
    listed = of("list_keys")
    assert [len(page["Keys"]) for page in listed] == [2, 2, 1]
    assert [page["Truncated"] for page in listed] == [True, True, False]
    assert [key["KeyArn"] for page in listed for key in page["Keys"]] == sorted(arns)
    names = [alias["AliasName"] for page in of("list_aliases") for alias in page["Aliases"]]
    assert names == sorted(set(names))
    assert [name for name in names if not name.startswith("alias/aws/")] == [f"alias/{name}" for name in "abcde"]
    tags = of("list_resource_tags", KeyId=arns[0])
    assert [len(page["Tags"]) for page in tags] == [2, 2, 2, 1]
    assert len({tag["TagKey"] for page in tags for tag in page["Tags"]}) == 7
    policies = of("list_key_policies", KeyId=arns[0])
    assert [page["PolicyNames"] for page in policies] == [["default"]]
    fails_in(there, "forged marker", lambda: there.list_keys(Marker="forged"), "InvalidMarkerException")
    return {"keys": len(arns), "aliases": names}


def fails_in(client, name, call, exception):
    try:
        call()
    except client.exceptions.InvalidMarkerException as error:
        check_error(name, error, exception, "…")
        return
    raise AssertionError(f"{name} succeeded")


def signatures():
    """Who is not who he says he is, and who is not there now."""
    mine = boto3.session.Session().get_credentials().get_frozen_credentials()
    other = lambda access_key, secret: boto3.client(
        "kms", config=ONCE, aws_access_key_id=access_key, aws_secret_access_key=secret
    )
    differs = ("The request signature we calculated does not match the signature you provided. "
               "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.…")
    fails_unmodelled("wrong secret", other(mine.access_key, mine.secret_key + "x").list_keys,
                     "InvalidSignatureException", differs)
    fails_unmodelled("unknown access key", other("AKIAIOSFODNN7EXAMPLE", mine.secret_key).list_keys,
                     "UnrecognizedClientException", "The security token included in the request is invalid.")

    for name, skew, text in [("slow clock", -6, "Signature expired: …"), ("fast clock", 6, "Signature not yet current: …")]:
        with clock(datetime.timedelta(minutes=skew)):
            fails_unmodelled(name, kms.list_keys, "InvalidSignatureException", text)
    for skew in (-4, 4):
        with clock(datetime.timedelta(minutes=skew)):
            kms.list_keys()


def clock(skew):
    """botocore's clock, moved; newer releases ask another function than older ones."""
    if hasattr(botocore.auth, "get_current_datetime"):
        real = botocore.auth.get_current_datetime
        moved = lambda *args, **kwargs: real(*args, **kwargs) + skew
        return unittest.mock.patch.object(botocore.auth, "get_current_datetime", moved)
    moved = unittest.mock.Mock(wraps=datetime)
    moved.datetime = type("Moved", (datetime.datetime,), {"utcnow": classmethod(
        lambda cls: datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + skew)})
    return unittest.mock.patch.object(botocore.auth, "datetime", moved)


keys()
states()
aliases()
cryptography()
rotation()
imports()
regions()
events()
key_pairs()
grants()
identities()
seen = pages()
kms.list_keys()
signatures()
known = sorted(kms.meta.service_model.operation_names)
print(json.dumps({"driven": sorted(driven), "errors": errors, "pages": seen, "known": known}))
