"""A rover and a base on nothing but Python's standard library: its strict http.client reads the caster's replies.

    peer.py rover PORT /MOUNTPOINT CREDENTIALS BYTES   prints one JSON line: status, headers, what came
    peer.py old-rover PORT /MOUNTPOINT CREDENTIALS BYTES   the same by NTRIP 1.0, over a plain socket
    peer.py base PORT /MOUNTPOINT CREDENTIALS          sends its standard input in chunks, prints the status
    peer.py table PORT QUERY                           prints the status, the headers and the table
"""

import base64
import hashlib
import http.client
import json
import socket
import sys


def login(credentials):
    return "Basic " + base64.b64encode(credentials.encode()).decode()


def answer(**facts):
    print(json.dumps(facts))


def digest(body):
    return {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def rover(port, path, credentials, length):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    headers = {"Ntrip-Version": "Ntrip/2.0", "User-Agent": "NTRIP python", "Authorization": login(credentials)}
    connection.request("GET", path, headers=headers)
    reply = connection.getresponse()
    body = reply.read(int(length)) if reply.status == 200 else reply.read()
    answer(status=reply.status, headers=dict(reply.getheaders()), **digest(body))


def old_rover(port, path, credentials, length):
    with socket.create_connection(("127.0.0.1", int(port)), timeout=20) as peer:
        lines = [f"GET {path} HTTP/1.0", "User-Agent: NTRIP python", f"Authorization: {login(credentials)}", "", ""]
        peer.sendall("\r\n".join(lines).encode())
        stream = peer.makefile("rb")
        reply = stream.readline() + stream.readline()
        answer(status=reply.decode(), headers={}, **digest(stream.read(int(length))))


def base(port, path, credentials):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    headers = {"Ntrip-Version": "Ntrip/2.0", "User-Agent": "NTRIP python", "Authorization": login(credentials)}
    body = iter(lambda: sys.stdin.buffer.read1(), b"")
    connection.request("POST", path, body=body, headers=headers, encode_chunked=True)
    reply = connection.getresponse()
    answer(status=reply.status, headers=dict(reply.getheaders()), **digest(reply.read()))


def table(port, query):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    connection.request("GET", f"/{query}", headers={"Ntrip-Version": "Ntrip/2.0", "User-Agent": "NTRIP python"})
    reply = connection.getresponse()
    text = reply.read().decode()
    answer(status=reply.status, headers=dict(reply.getheaders()), text=text)


{"rover": rover, "old-rover": old_rover, "base": base, "table": table}[sys.argv[1]](*sys.argv[2:])
