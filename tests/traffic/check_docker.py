#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the container on each packet of a conversation with the containers at its ends.

    check_docker.py FILE PORT SERVER=NAME CLIENT=NAME=TRUTH... [--right PERCENT]

Ids, and the names that they must have; "a/b" was called a and is called b. The clients have written down their ports in TRUTH (see
truth.py): processes in a pid namespace of their own do not know the pid that we see. Whose end of
a packet its owner is at, the packet says. "none" is no container, "-" a name that is not asked for.
What is right within 100 ms of a client's first packet is counted apart as well.
"""
import argparse
import collections
import json
import sys

from frames import Frame
from read_pcapng import File

EARLY_NS = 100_000_000


def ports_of(path):
    with open(path) as lines:
        return {int(json.loads(line)["local"].rsplit(" ", 1)[1]) for line in lines}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("port", type=int)
    parser.add_argument("server")
    parser.add_argument("clients", nargs="+")
    parser.add_argument("--right", type=float, default=99.9)
    options = parser.parse_args()
    server, name = options.server.split("=", 1)
    names, clients = {server: name}, {}
    for word in options.clients:
        identity, name, path = word.split("=", 2)
        names[identity] = name
        clients.update({port: identity for port in ports_of(path)})
    counts, first, young = collections.Counter(), {}, collections.Counter()
    seen = set()
    for number, packet in enumerate(File(options.file).packets, 1):
        frame = Frame(packet.interface.linktype, packet.data)
        ports = {frame.sport, frame.dport}
        client = next((port for port in ports if port in clients), None)
        if frame.proto != "tcp" or options.port not in ports or client is None:
            continue
        seen.add(client)
        says = packet.owner()
        if "PID" not in says and "ContainerBy" not in says:
            counts["nobody's"] += 1
            continue
        sent = packet.ends()[0][1]
        near = frame.sport if sent else frame.dport
        wanted = server if near == options.port else clients[near]
        got = says.get("ContainerId", "none")
        is_right = got == wanted and (names[wanted] == "-" or says.get("ContainerName") in names[wanted].split("/"))
        if packet.time - first.setdefault(clients[client], packet.time) < EARLY_NS:
            young["right" if is_right else "not"] += 1
        if is_right:
            counts["right" if "ContainerBy" not in says else "network"] += 1
        elif got == wanted:
            counts["nameless"] += 1
            print(f"packet {number} on {packet.interface.name}: {says.get('ContainerName')!r}, not {names[wanted]!r}")
        elif got == "none":
            counts["unknown"] += 1
            print(f"packet {number} on {packet.interface.name} is of no container: {says}")
        else:
            counts["wrong"] += 1
            print(f"packet {number} on {packet.interface.name} should be of {wanted}: {says}")
    total = sum(counts[word] for word in ("right", "network", "nameless", "unknown", "wrong"))
    share = 100 * (counts["right"] + counts["network"]) / max(total, 1)
    early = f"{young['right']} of {sum(young.values())} within 100 ms"
    print(f"right {share:.2f} % of {total}: {dict(counts)}, {early}, {len(seen)} of {len(clients)} clients seen")
    sys.exit(bool(counts["wrong"] or not total or share < options.right or len(seen) < len(clients)))


if __name__ == "__main__":
    main()
