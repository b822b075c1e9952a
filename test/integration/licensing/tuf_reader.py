"""Reads a vehicle's repository as section 5 of the specification of The Update Framework says, and prints what it found.

Keys, canonical form and signatures are read by securesystemslib, the library of the specification's authors; it shares
nothing with the server or the vehicle. Ends with an AssertionError where anything does not hold.

Usage: tuf_reader.py ROOT_URL METADATA_URL TARGET_URL TARGET_NAME PROOF
"""

import datetime
import hashlib
import json
import sys
import urllib.error
import urllib.request

from securesystemslib.formats import encode_canonical
from securesystemslib.keys import format_metadata_to_key, verify_signature


def fetch(url, headers=None):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {})) as answer:
        return answer.read()


def verified(body, role, root):
    """What is signed; by as many different keys of the role in `root` as its threshold says."""
    file = json.loads(body)
    signed = file["signed"]
    data = encode_canonical(signed).encode()
    good = set()
    for signature in file["signatures"]:
        keyid = signature["keyid"]
        if keyid not in root["roles"][role]["keyids"]:
            continue
        key, _ = format_metadata_to_key(root["keys"][keyid], default_keyid=keyid)
        if verify_signature(key, signature, data):
            good.add(key["keyval"]["public"])
    assert len(good) >= root["roles"][role]["threshold"], f"{role}: signed by {len(good)} of its keys"
    assert signed["_type"] == role, f"{role}: it is {signed['_type']}"
    assert signed["spec_version"].startswith("1.0."), f"{role}: specification {signed['spec_version']}"
    return signed


def named(meta, body, role):
    assert len(body) == meta["length"], f"{role}: {len(body)} bytes"
    assert hashlib.sha256(body).hexdigest() == meta["hashes"]["sha256"], f"{role}: other bytes than were named"


def fresh(signed):
    ends = datetime.datetime.strptime(signed["expires"], "%Y-%m-%dT%H:%M:%SZ")
    assert ends > datetime.datetime.utcnow(), f"{signed['_type']}: ended {ends}"
    return signed


def main(root_url, metadata_url, target_url, name, proof):
    body = fetch(root_url)
    root = verified(body, "root", json.loads(body)["signed"])
    roots = [root["version"]]
    while True:
        try:
            body = fetch(f"{metadata_url}/{root['version'] + 1}.root.json")
        except urllib.error.HTTPError as error:
            assert error.code == 404, f"root: status {error.code}"
            break
        new = verified(body, "root", root)
        verified(body, "root", new)
        assert new["version"] == root["version"] + 1, f"root: version {new['version']}"
        root = new
        roots.append(root["version"])
    fresh(root)
    timestamp = fresh(verified(fetch(f"{metadata_url}/timestamp.json"), "timestamp", root))
    meta = timestamp["meta"]["snapshot.json"]
    body = fetch(f"{metadata_url}/{meta['version']}.snapshot.json")
    named(meta, body, "snapshot")
    snapshot = fresh(verified(body, "snapshot", root))
    assert snapshot["version"] == meta["version"], "snapshot: another version"
    meta = snapshot["meta"]["targets.json"]
    body = fetch(f"{metadata_url}/{meta['version']}.targets.json")
    named(meta, body, "targets")
    targets = fresh(verified(body, "targets", root))
    assert targets["version"] == meta["version"], "targets: another version"
    target = targets["targets"][name]
    content = fetch(target_url, {"vehicle-proof": proof})
    named(target, content, "target")
    vehicles = [signed["vehicleId"] for signed in (timestamp, snapshot, targets)]
    print(json.dumps({"roots": roots, "vehicles": vehicles, "custom": target["custom"], "bytes": len(content)}))


main(*sys.argv[1:])
