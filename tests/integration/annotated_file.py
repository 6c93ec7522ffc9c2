#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""annotated_file.py - writes pcapng files with packet comments, independently of our C code

    annotated_file.py cases FILE             one packet per case below, in that order
    annotated_file.py mutated FILE SEED N    N packets whose comments are damaged at random
    annotated_file.py crowded FILE N         one packet with N comments

What the bytes must be is known here from the format's description, not from the encoder.
"""
import random
import struct
import sys

COMMENT, FLAGS, DROPCOUNT, PROCESS_THREAD = 1, 2, 4, 8
IN, OUT = 1, 2


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind, body):
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def header():
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    interface = struct.pack("<HHI", 1, 0, 262144) + option(2, b"eth0") + option(9, b"\x09") + option(0, b"")
    return block(0x0A0D0D0A, section) + block(1, interface)


def frame(number):
    """A UDP datagram from 10.0.0.1 to 10.0.0.2, with its number in it."""
    payload = struct.pack("!I", number)
    udp = struct.pack("!HHHH", 40000, 9, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
    return bytes(6) + bytes(6) + b"\x08\x00" + ip + udp


def packet(number, options=b""):
    data = frame(number)
    time = 1_700_000_000_000_000_000 + number * 1_000_000
    body = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(data), len(data))
    body += data + bytes(-len(data) % 4)
    if options:
        body += options + option(0, b"")
    return block(6, body)


def annotated(number, comments=(), direction=None, lost=None, ids=None):
    options = b"".join(option(COMMENT, c if isinstance(c, bytes) else c.encode()) for c in comments)
    if direction is not None:
        options += option(FLAGS, struct.pack("<I", direction))
    if lost is not None:
        options += option(DROPCOUNT, struct.pack("<Q", lost))
    if ids is not None:
        options += option(PROCESS_THREAD, struct.pack("<Q", ids[0] << 32 | ids[1]))
    return packet(number, options)


PROCESS = "PID: 4711\nCmd: /usr/bin/curl\nArgs: curl -s http://web/"
THREAD = "ThreadId: 4712\nThreadName: resolver"
USER = "UserId: 0"
END = "OwnerEnd: {}"
PARENT = "ParentPID: 321\nParentCmd: /usr/bin/bash\nParentArgs: -bash"
CONTAINER = (
    "ContainerName: web\nContainerId: 36f0310403b1a0b1c2d3e4f536f0310403b1a0b1c2d3e4f536f0310403b1a0b1\n"
    'ContainerImage: nginx:1.27\nContainerLabels: {"app":"web","note":"caf\\u00e9 \\u003c"}'
)
POD = (
    "PodName: web-1\nPodNamespace: default\nPodUID: 9e2c\n"
    'PodLabels: {"run":"web"}\nPodAnnotations: {"seen":"2024-01-01"}'
)
PEER = "PeerPID: 80\nPeerCmd: /usr/sbin/nginx\nPeerArgs: nginx: worker process"
ALL = [PROCESS, THREAD, USER, PARENT, CONTAINER, POD, PEER]

# name, what the packet carries
CASES = [
    ("all-out", dict(comments=ALL, direction=OUT)),
    ("all-in", dict(comments=ALL, direction=IN)),
    ("no-direction", dict(comments=ALL)),
    ("nothing", dict()),
    ("lost", dict(comments=[PROCESS], direction=OUT, lost=5)),
    ("lost-alone", dict(lost=1)),
    ("bad-number", dict(comments=["PID: see below\nCmd: x\nArgs: y", USER])),
    ("missing-key", dict(comments=["ContainerName: web\nContainerId: 36f0\nContainerLabels: {}"])),
    ("words", dict(comments=["PID: see below", "UserId: who knows", "just words"])),
    ("raw-lines", dict(comments=["PID: 4711\nCmd: /bin/sh\nArgs: sh -c a\nUserId: 0\nParentPID: 1\x1b[31m\x7f"])),
    ("not-utf8", dict(comments=[b"PID: 4711\nCmd: /tmp/\xff\xc3\x28\nArgs: \xc2\x85 \xed\xa0\x80"])),
    ("older", dict(comments=["PID: 4711\nCommand: /usr/bin/curl\nArgs: curl", "TID: 4712\nThreadName: r",
                             "ParentPID: 321\nParentCommand: /bin/sh\nParentArgs: sh"])),
    ("bad-labels", dict(comments=['ContainerName: web\nContainerId: 36f0\nContainerImage: i\nContainerLabels: {"a":"b...'])),
    ("repeated", dict(comments=[PROCESS, "PID: 1\nCmd: /sbin/init\nArgs: init"])),
    ("words-too", dict(comments=["look here", PROCESS])),
    ("standard", dict(direction=OUT, ids=(99, 100))),
    ("gone", dict(comments=["PID: 7\nCmd: /usr/sbin/nginx (deleted)\nArgs: nginx"])),
    ("nameless", dict(comments=["PID: 0\nCmd: \nArgs: ", "UserId: 4294967294",
                                "ContainerName: \nContainerId: 36f0310403b1a0b1c2d3e4f5\nContainerImage: \nContainerLabels: "])),
    ("euro-id", dict(comments=["ContainerName: \nContainerId: 0123456789a€bc\nContainerImage: \nContainerLabels: {}"])),
    ("forwarded-out", dict(comments=[PROCESS, END.format("destination")], direction=OUT)),
    ("forwarded-in", dict(comments=[PROCESS, END.format("source")], direction=IN)),
    ("by-network", dict(comments=["ContainerName: web\nContainerId: 36f0\nContainerImage: \nContainerLabels: {}",
                                  "ContainerBy: network", "SourceName: web\nDestinationName: "])),
    ("by-hand", dict(comments=["ContainerBy: the way", "SourceName: \nDestinationName: a\x1b[2Jb"])),
    ("pod-uid", dict(comments=["PodName: \nPodNamespace: \nPodUID: 8a1b\nPodLabels: {}\nPodAnnotations: {}"])),
    ("no-end", dict(comments=[PROCESS, END.format("somewhere")], direction=IN)),
]


def damaged(rng):
    """Comments of ours that something happened to."""
    comments = []
    for text in rng.sample(ALL, rng.randint(1, len(ALL))):
        text = bytearray(text.encode())
        for _ in range(rng.randint(0, 6)):
            at = rng.randrange(len(text))
            what = rng.randrange(5)
            if what == 0:
                text[at] = rng.randrange(1, 256)
            elif what == 1:
                del text[at:at + rng.randint(1, 8)]
            elif what == 2:
                text[at:at] = bytes(rng.randrange(1, 256) for _ in range(rng.randint(1, 8)))
            elif what == 3:
                text[at:at] = rng.choice([b"\n", b"\nArgs: ", b'"', b"\\", b"\\u12", b"{", b"\xed\xa0\x80", b"\x00"])
            else:
                text[at:at] = text[max(0, at - 20):at] * rng.choice([1, 2, 200])
            if not text:
                text += b"x"
        comments.append(bytes(text[:65535]))
    return comments


def main():
    what, path = sys.argv[1:3]
    with open(path, "wb") as out:
        out.write(header())
        if what == "cases":
            for number, (_, carried) in enumerate(CASES, 1):
                out.write(annotated(number, **carried))
        elif what == "mutated":
            rng = random.Random(sys.argv[3])
            for number in range(1, int(sys.argv[4]) + 1):
                out.write(annotated(number, damaged(rng), rng.choice([None, IN, OUT, 0xFFFFFFFF]),
                                    rng.choice([None, 0, 1, 2**64 - 1])))
        elif what == "crowded":
            out.write(annotated(1, [PROCESS] + ["x"] * int(sys.argv[3]) + [USER]))
        else:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
