#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that pass through: does each say who it comes from and who it goes to?

    truth_passing.py FILE TRUTH [--ports PORT,...] [--holders PID,...] [--reader PID]
                     [--known PERCENT] [--interfaces NAME,...]

On their way addresses and ports change, so they tell nothing of a packet's processes. Its payload
does: every message names its sender ("from PID ..."), and with it each end of its connection on that
interface. A payload that $TRUTH has claims of belongs to who says to have sent or read it. What has no
data may at a server's end (a port of --ports) also be a listener's (--holders); a server that says
nothing is named by --reader.

Counted per interface: packets with an owner, and their ends; none may be wrong, PERCENT (99.9) of the
packets but one have to have an owner, and every interface that is named has to be there.
(One: the RST of a client that has just gone may leave it without a socket.)
"""
import argparse
import collections
import re
import sys

from check_owners import Truth
from frames import Frame
from read_pcapng import File

SAYS = re.compile(rb"from (\d+)")


class Connections:
    """Who speaks at each end of each connection, by what was said on it."""

    def __init__(self, frames):
        self.speakers = collections.defaultdict(set)
        for name, frame, _ in frames:
            said = SAYS.match(frame.payload)
            if said:
                self.speakers[self.end(name, frame, True)].add(int(said[1]))

    def end(self, name, frame, sender):
        ends = (frame.src, frame.sport), (frame.dst, frame.dport)
        return (name, frame.proto, *(ends if sender else reversed(ends)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("truth")
    parser.add_argument("--ports", default="8080,8443,5300")
    parser.add_argument("--holders", default="")
    parser.add_argument("--reader", type=int)
    parser.add_argument("--known", type=float, default=99.9)
    parser.add_argument("--interfaces", default="")
    arguments = parser.parse_args()
    truth = Truth(arguments.truth)
    ports = {int(port) for port in arguments.ports.split(",")}
    holders = {int(pid) for pid in arguments.holders.split(",") if pid}
    frames = [(p.interface.name, Frame(p.interface.linktype, p.data), p) for p in File(arguments.file).packets]
    connections = Connections(frames)
    counts, shown = collections.defaultdict(collections.Counter), 0

    def allowed(name, frame, sender):
        claims = truth.payloads.get((frame.proto, "send" if sender else "read", frame.payload))
        if claims:
            return {claim["pid"] for claim in claims}
        said = SAYS.match(frame.payload)
        if said and sender:
            return {int(said[1])}
        pids = connections.speakers[connections.end(name, frame, sender)]
        at_server = (frame.sport if sender else frame.dport) in ports
        if at_server and arguments.reader:
            return {arguments.reader}
        return pids | holders if at_server and not frame.payload and pids else pids

    for number, (name, frame, packet) in enumerate(frames, 1):
        if frame.proto not in ("tcp", "udp"):
            continue
        who, owned, wrong = packet.owner(), False, False
        for key, sender in packet.ends():
            pids = allowed(name, frame, sender)
            if not pids:
                continue
            said = who.get(key)
            verdict = "unknown" if said is None else "right" if int(said) in pids else "wrong"
            owned |= key == "PID" and verdict == "right"
            wrong |= verdict == "wrong"
            counts[name][verdict] += 1
            if verdict != "right" and shown < 12:
                shown += 1
                print(f"{key} {verdict}: packet {number} on {name} {packet.direction}, {frame.proto} {frame.src} "
                      f"{frame.sport} to {frame.dst} {frame.dport} flags {frame.tcp_flags:x} {len(frame.payload)} "
                      f"bytes, {who.get('OwnerEnd')}: {said}, not {pids}")
        counts[name]["packets"] += 1
        counts[name]["owned"] += owned

    bad = not set(filter(None, arguments.interfaces.split(","))) <= set(counts)
    for name, c in sorted(counts.items()):
        percent = 100 * c["owned"] / c["packets"]
        print(f"figure: {name}: {c['owned']} of {c['packets']} have an owner ({percent:.2f} %), ends: right "
              f"{c['right']}, unknown {c['unknown']}, wrong {c['wrong']}")
        bad = bad or c["wrong"] or c["owned"] + 1 < c["packets"] * arguments.known / 100
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
