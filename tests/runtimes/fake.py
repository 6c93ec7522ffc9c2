# SPDX-License-Identifier: GPL-2.0-or-later
"""fake.py SOCKET HOW... - a daemon that is not well; for faults only, good ones are real

    good NAME...       a Docker of these containers; a line on its input is a further one's name
    silent             takes a question and says nothing
    deaf               does not even take it
    half               half an answer, then nothing
    torn               half an answer, then the end
    nonsense           no HTTP
    text               HTTP, and no JSON
    status             500
    deep               200,000 brackets
    nul                a good one and one with a NUL in label, name, key
    many COUNT         so many containers
    flood NAME...      good, and events without end
    garbage            bytes of HTTP/2's beginning, then any
    wrong              HTTP/2 and gRPC in order, and protobuf that is none
"""
import hashlib
import json
import os
import socket
import struct
import sys
import threading
import time


def identity(name):
    return hashlib.sha256(name.encode()).hexdigest()


def listed(name, labels=None):
    return {"Id": identity(name), "Names": ["/" + name], "Image": "image:" + name, "State": "running",
            "Labels": labels or {}, "NetworkSettings": {"Networks": {}}}


def created(name):
    return {"Type": "container", "Action": "create",
            "Actor": {"ID": identity(name), "Attributes": {"name": name, "image": "image:" + name}}}


def answer(text, status="200 OK"):
    return f"HTTP/1.0 {status}\r\nContent-Type: application/json\r\n\r\n{text}".encode()


def hang():
    time.sleep(1000000)


def describe(names, path):
    for name in names:
        if identity(name) in path:
            return answer(json.dumps({"Id": identity(name), "Name": "/" + name, "Config": {"Image": "image:" + name},
                                      "State": {"Status": "running", "Pid": 4711}}))
    return answer("{}", "404 Not Found")


def events_of_input(connection, names):
    connection.sendall(answer(""))
    for line in sys.stdin:
        names.append(line.strip())
        connection.sendall(json.dumps(created(line.strip())).encode())
    hang()


def good(connection, path, names, events=events_of_input):
    if path.startswith("/events"):
        events(connection, names)
    elif path.startswith("/containers/json"):
        connection.sendall(answer(json.dumps([listed(name) for name in names])))
    else:
        connection.sendall(describe(names, path))


def flood(connection, path, names):
    def endless(connection, names):
        connection.sendall(answer(""))
        number = 0
        while True:
            number += 1
            connection.sendall(json.dumps(created(f"flood{number % 1000}")).encode() * 100)

    good(connection, path, names, endless)


NUL = """[%s, {"Id":"%s","Names":["/label"],"State":"running","Labels":{"a":"x\\u0000y","b":"c"}},
{"Id":"%s","Names":["/na\\u0000me"],"State":"running"},
{"Id":"%s","Names":["/key"],"State":"running","Labels":{"k\\u0000":"v"}},
{"Id":"%s","Names":["/\\ud800"],"State":"running"}, %s]"""


def faulty(connection, path, how, rest):
    whole = json.dumps([listed("one"), listed("two")])
    if how == "silent":
        hang()
    elif how in ("half", "torn"):
        connection.sendall(answer(whole[:len(whole) // 2]))
        if how == "half":
            hang()
        # Whoever closes with questions unread takes back what it has sent.
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(2)
        while connection.recv(65536):
            pass
    elif how == "nonsense":
        connection.sendall(b"220 mail.example.org ESMTP\r\n" * 2000)
    elif path.startswith("/events"):
        connection.sendall(answer(""))
        hang()
    elif how == "text":
        connection.sendall(answer("It works!" + "{]" * 100))
    elif how == "status":
        connection.sendall(answer('{"message":"no"}', "500 Internal Server Error"))
    elif how == "deep":
        connection.sendall(answer("[" + '{"Id":' * 100000 + "[" * 100000))
    elif how == "nul":
        ids = [identity(name) for name in ("label", "name", "key", "surrogate")]
        connection.sendall(answer(NUL % (json.dumps(listed("before")), *ids, json.dumps(listed("after")))))
    elif how == "many":
        connection.sendall(answer("["))
        for number in range(int(rest[0])):
            connection.sendall(((", " if number else "")
                                + json.dumps(listed(f"c{number}", {"number": str(number), "app": "x" * 200}))).encode())
        connection.sendall(b"]")


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def http2(connection, how):
    connection.sendall(frame(4, 0, 0, b"") + frame(4, 1, 0, b""))
    if how == "garbage":
        connection.sendall(bytes(range(256)) * 100)
        hang()
    asked = b""
    answered = set()
    while True:
        part = connection.recv(65536)
        if not part:
            return
        asked += part
        # Whatever it asks on streams 1, 3, 5: headers of a good status, a message of ones.
        for stream in range(1, 2 * asked.count(b"application/grpc") + 12, 2):
            if stream in answered or struct.pack(">I", stream) not in asked:
                continue
            answered.add(stream)
            connection.sendall(frame(1, 4, stream, b"\x88"))
            connection.sendall(frame(0, 0, stream, b"\0" + struct.pack(">I", 64) + b"\xff" * 64))
            # grpc-status: 0, as a literal that is not kept
            connection.sendall(frame(1, 5, stream, b"\0\x0bgrpc-status\x010"))


def serve(connection, how, rest):
    try:
        if how == "garbage" or how == "wrong":
            http2(connection, how)
            return
        question = b""
        while b"\r\n\r\n" not in question:
            part = connection.recv(65536)
            if not part:
                return
            question += part
        path = question.split(b" ")[1].decode()
        if how == "good":
            good(connection, path, rest)
        elif how == "flood":
            flood(connection, path, rest)
        else:
            faulty(connection, path, how, rest)
    except OSError:
        pass
    finally:
        connection.close()


def main():
    path, how, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    if os.path.exists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    if how == "deaf":
        hang()
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, how, rest), daemon=True).start()


main()
