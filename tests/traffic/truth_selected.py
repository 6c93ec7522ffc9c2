#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is a capture with a selection exactly what the selection says?

    truth_selected.py FILE TRUTH WANTED [--direction in|out] NAME=PCAP=ADDRESS,...  ...

NAME is an interface of FILE, PCAP what tcpdump has of it, and the addresses are its own ("-" for
loopback, where both ends are). WANTED is an expression over one claim of $TRUTH (see truth.py): pid, uid,
args, and tree(PID), true for a process and all that it started. What tcpdump has is sorted by
the claims about either end:

    must       all who may own one of its ends are wanted
    may        some are, as the listener and its worker for a handshake
    must not   none is, or nothing is known of either end

Each packet that must be there has to be, as often as tcpdump has it, none that must not may be,
nor any of another interface. With --direction a packet of a device must have that one, and of
loopback's packets "out" are those whose sender is wanted, "in" those whose receiver is.
"""
import argparse
import collections
import json
import sys

from check_owners import Truth
from frames import Frame
from read_pcapng import File


def ancestors(path):
    parent = {}
    with open(path) as lines:
        for line in lines:
            claim = json.loads(line)
            if claim.get("ppid"):
                parent[claim["pid"]] = claim["ppid"]
    return parent


class Wanted:
    def __init__(self, expression, truth):
        self.code = compile(expression, "wanted", "eval")
        self.parent = ancestors(truth)

    def __call__(self, claim):
        def tree(pid):
            at = claim["pid"]
            while at != pid and at in self.parent:
                at = self.parent[at]
            return at == pid

        names = collections.defaultdict(lambda: None, {**claim, "tree": tree})
        return bool(eval(self.code, {}, names))


def end(truth, wanted, frame, outbound):
    """must, may or no, for the sender's or the receiver's end."""
    said = [wanted(claim) for claim in truth.owners(frame, outbound) or []]
    return "must" if said and all(said) else "may" if any(said) else "no"


def verdict(truth, wanted, frame, loopback, local, direction):
    sent = end(truth, wanted, frame, True)
    received = end(truth, wanted, frame, False)
    if loopback:
        ends = {"in": [received], "out": [sent], "inout": [sent, received]}[direction]
    elif direction != "inout" and (frame.src in local) != (direction == "out"):
        ends = []
    else:
        ends = [sent, received]
    return "must" if "must" in ends else "may" if "may" in ends else "no"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("truth")
    parser.add_argument("wanted")
    parser.add_argument("interfaces", nargs="+")
    parser.add_argument("--direction", default="inout")
    parser.add_argument("--snapshot-length", type=int, default=1 << 18)
    arguments = parser.parse_args()

    truth = Truth(arguments.truth)
    wanted = Wanted(arguments.wanted, arguments.truth)
    ours = collections.Counter()
    bad, totals = 0, collections.Counter()

    def complain(words, name, data, length, count):
        nonlocal bad
        bad += count
        if bad <= 12:
            frame = Frame(1, data)
            print(f"{words}: {count} times on {name}, {frame.proto} {frame.src} {frame.sport} to "
                  f"{frame.dst} {frame.dport}, {length} bytes {frame.payload[:30]}")

    for packet in File(arguments.file).packets:
        ours[packet.interface.name, packet.data, packet.length] += 1
    for words in arguments.interfaces:
        name, path, local = words.split("=")
        theirs = collections.Counter()
        for packet in File(path).packets:
            theirs[packet.data, packet.length] += 1
        for (data, length), count in theirs.items():
            frame = Frame(1, data)
            must = verdict(truth, wanted, frame, local == "-", local.split(","), arguments.direction)
            totals[must] += count
            there = ours.pop((name, data[: arguments.snapshot_length], length), 0)
            if there > count or (there and must == "no"):
                complain("not wanted" if must == "no" else "twice", name, data, length, there)
            if must == "must" and there < count:
                complain("missing", name, data, length, count - there)
    for (name, data, length), count in ours.items():
        complain("only in ours", name, data, length, count)
    print(f"figure: wanted {totals['must']}, perhaps {totals['may']}, not {totals['no']}; wrong {bad}")
    sys.exit(1 if bad or not totals["must"] or not totals["no"] else 0)


if __name__ == "__main__":
    main()
