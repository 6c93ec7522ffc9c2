#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the owner on each packet with what the traffic programs know of themselves.

    check_owners.py FILE TRUTH [--right PERCENT] [--local ADDRESS,...] [--context LIST]

The packets that some claim is about are counted as

    right      the process that sent it, or reads it; nobody where it must be nobody
    unknown    no owner, though there is one
    wrong      another owner, or an owner where there must be none
    details    the right process with wrong words: name, arguments, thread, user, parent

and the check holds when none is wrong, no details are, and at least PERCENT (99.5) are right. A
claim that no packet was seen of fails too. What the words mean is the design's: a packet with data
belongs to the one that sends or reads it, one without to any process that holds the socket.
"""
import argparse
import collections
import json
import sys

from frames import Frame
from read_pcapng import File

NOBODY = frozenset()
WORDS = {"exe": "Cmd", "args": "Args", "uid": "UserId", "ppid": "ParentPID", "tid": "ThreadId"}
CONTEXT = {"exe": "process", "args": "process", "uid": "user", "ppid": "parentproc", "tid": "thread"}


class Truth:
    def __init__(self, path):
        self.claims = collections.defaultdict(list)
        self.payloads = collections.defaultdict(list)
        with open(path) as lines:
            for number, line in enumerate(lines):
                claim = json.loads(line)
                claim["line"] = number
                if "payload" in claim:
                    key = (claim["proto"], claim["way"], claim["payload"].encode())
                    self.payloads[key].append(claim)
                    continue
                address, port = claim["local"].rsplit(" ", 1)
                self.claims[claim["proto"], port].append((address, claim))

    def about(self, proto, local, remote):
        """The claims that fit, those on this very pair of ends first."""
        exact, wild = [], []
        for port in (local[1], "*"):
            for address, claim in self.claims.get((proto, port), ()):
                if address not in ("*", local[0]):
                    continue
                if claim["remote"] == f"{remote[0]} {remote[1]}":
                    exact.append(claim)
                elif claim["remote"] == "*":
                    wild.append(claim)
        return exact, wild

    def owners(self, frame, outbound):
        """The claims of those who may be named: None: nothing is known; []: nobody may be."""
        local, remote = (frame.src, str(frame.sport)), (frame.dst, str(frame.dport))
        if not outbound:
            local, remote = remote, local
        said = self.payloads.get((frame.proto, "send" if outbound else "read", frame.payload))
        if said:
            if len({claim["pid"] for claim in said}) > 1 or any(c.get("nobody") for c in said):
                return []  # several receive it, or none
            return said
        if frame.is_echo() and outbound != frame.is_request():
            return []  # the kernel answers
        if frame.proto in ("icmp", "icmp6") and not frame.is_echo():
            return None
        exact, wild = self.about(frame.proto, local, remote)
        if any(claim.get("nobody") for claim in exact + wild):
            return []
        if frame.carries_data:
            with_data = [c for c in exact if c["data"]] or [c for c in wild if c["data"]]
            return with_data or None
        return exact + wild or None


def in_chroot():
    """Is the root another folder than that of its file system?"""
    with open("/proc/self/mountinfo") as mounts:
        return any(line.split()[4] == "/" and line.split()[3] != "/" for line in mounts)


IN_CHROOT = in_chroot()


def says(owner, key, value):
    """Does the comment say what the program says of itself?"""
    said, value = owner.get(WORDS[key]), str(value)
    # In a chroot a program does not know where it really lies; the kernel does.
    return said == value or (key == "exe" and IN_CHROOT and said and said.endswith(value))


def wrong_words(owner, claims, kinds):
    """What the comments say that no claim of this process says; None where one fits."""
    why = None
    for claim in claims:
        differ = []
        for key, word in WORDS.items():
            if key in claim and CONTEXT[key] in kinds and not says(owner, key, claim[key]):
                differ.append(f"{word} {owner.get(word)!r}, not {claim[key]!r}")
        if not differ:
            return None
        why = "; ".join(differ)
    return why


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("truth")
    parser.add_argument("--right", type=float, default=99.5)
    parser.add_argument("--local", default="")
    parser.add_argument("--context", default="process,thread,parentproc,user")
    parser.add_argument("--at-least", type=int, default=1, help="packets that must be there")
    arguments = parser.parse_args()

    truth = Truth(arguments.truth)
    local_addresses = set(filter(None, arguments.local.split(",")))
    kinds = set(arguments.context.split(","))
    counts = collections.Counter()
    shown = collections.Counter()
    fragments = {}

    def report(what, number, frame, words):
        counts[what] += 1
        shown[what] += 1
        if shown[what] <= 8:
            print(
                f"{what}: packet {number}, {frame.proto} {frame.src} {frame.sport} to {frame.dst} "
                f"{frame.dport}, {len(frame.payload)} bytes: {words}"
            )

    for number, packet in enumerate(File(arguments.file).packets, 1):
        frame = Frame(packet.interface.linktype, packet.data)
        if frame.fragment and not frame.later_fragment:
            fragments[frame.fragment] = (frame.sport, frame.dport)
        if frame.later_fragment:
            frame.sport, frame.dport = fragments.get(frame.fragment, (0, 0))
        outbound = packet.direction == "out"
        loopback = packet.interface.name == "lo"
        # What the kernel itself sends on loopback (an ICMP error) is its receiver's.
        if loopback and not outbound and frame.proto not in ("icmp", "icmp6"):
            report("wrong", number, frame, f"direction {packet.direction} on lo")
            continue
        ends = (frame.src in local_addresses, frame.dst in local_addresses)
        if not loopback and any(ends) and outbound != ends[0]:
            report("wrong", number, frame, f"direction {packet.direction}")
            continue
        claims = truth.owners(frame, packet.ends()[0][1])
        owner = packet.owner()
        if claims is None:
            counts["other"] += 1
            continue
        pid = owner.get("PID")
        mine = [claim for claim in claims if str(claim["pid"]) == pid]
        expected = " or ".join(sorted({str(claim["pid"]) for claim in claims})) or "nobody"
        if pid is None:
            if claims:
                report("unknown", number, frame, f"not {expected}")
            else:
                counts["right"] += 1
        elif not mine:
            report("wrong", number, frame, f"{pid} ({owner.get('Cmd')} {owner.get('Args')}), not {expected}")
        else:
            counts["right"] += 1
            why = wrong_words(owner, mine, kinds)
            if why:
                report("details", number, frame, why)

    known = counts["right"] + counts["unknown"] + counts["wrong"]
    percent = 100 * counts["right"] / known if known else 0
    print(
        f"right {counts['right']} of {known} ({percent:.2f} %), unknown {counts['unknown']}, "
        f"wrong {counts['wrong']}, details wrong {counts['details']}"
    )
    good = known >= arguments.at_least and percent >= arguments.right
    sys.exit(0 if good and not counts["wrong"] and not counts["details"] else 1)


if __name__ == "__main__":
    main()
