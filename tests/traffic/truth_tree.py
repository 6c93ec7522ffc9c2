#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes for the tests of selections: what talk.py does, by somebody in particular.

    truth_tree.py [--comm NAME] [--uid ID] [--enter NETNS] [--go FILE] [--early] TALK...
                  [fork [--comm NAME] [--enter NETNS] TALK... [fork ...]]

Each part between the words "fork" is one process, the child of the one before it. It takes its
name, user and namespace, starts the next one (--early: before it waits for --go), then talks as
talk.py would with the words TALK, and ends when its child has ended.
"""
import argparse
import os
import sys

import talk


def enter(netns):
    descriptor = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    # 3.12 has os.setns(); tests run with older ones
    import ctypes

    if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(descriptor)


def parts(words):
    part = []
    for word in words:
        if word == "fork":
            yield part
            part = []
        else:
            part.append(word)
    yield part


def live(generations):
    parser = argparse.ArgumentParser()
    parser.add_argument("--comm")
    parser.add_argument("--uid", type=int)
    parser.add_argument("--enter")
    parser.add_argument("--go")
    parser.add_argument("--early", action="store_true")
    me, words = parser.parse_known_args(generations[0])
    child = None
    if me.comm:
        with open("/proc/self/comm", "w") as comm:
            comm.write(me.comm)
    if me.enter:
        enter(me.enter)
    if me.uid:
        os.setresuid(me.uid, me.uid, me.uid)
    if me.early:
        child = start(generations)
    talk.wait_for(me.go)
    if not me.early:
        child = start(generations)
    sys.argv = ["talk.py", *words]
    if words:
        talk.main()
    if child:
        os.waitpid(child, 0)


def start(generations):
    if len(generations) == 1:
        return None
    child = os.fork()
    if child == 0:
        live(generations[1:])
        sys.stdout.flush()
        os._exit(0)
    return child


if __name__ == "__main__":
    live(list(parts(sys.argv[1:])))
