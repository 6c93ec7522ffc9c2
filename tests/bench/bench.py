#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench: every work in every way, interleaved; tells as it goes, and a table at the end.

tests/bench/run starts it, inside namespaces in which all is ready.
"""
import argparse
import shutil
import sys
import time

import report
import stages
from measure import far_end, measure
from ways import WAYS, Place
from works import WORKS

REPEATS = 2  # of a measurement that others have disturbed


def arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/run")
    parser.add_argument("--engine", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--files", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--record")
    parser.add_argument("--without", default="")
    parser.add_argument("--stages", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.ways = options.ways.split(",")
    if "cat" in options.ways and "engine" not in options.ways:
        parser.error("cat pours what the engine has written: --ways must have engine, too")
    return options


def chosen(names):
    works = [work for work in WORKS if not names or work.name in names or work.part in names]
    unknown = set(names) - {work.name for work in WORKS} - {work.part for work in WORKS}
    if unknown:
        sys.exit(f"tests/bench/run: no such row: {' '.join(sorted(unknown))}; there are "
                 f"{' '.join(work.name for work in WORKS)}")
    return works


def undisturbed(place, name, options):
    """The least disturbed of some tries: the first, where nobody else was at work."""
    best = None
    for _ in range(options.repeats + 1):
        measured = measure(place, name, options.seconds)
        if not best or (measured.captures, measured.others) < (best.captures, best.others):
            best = measured
        if not best.disturbed:
            break
    return best


def run(options, works):
    place = Place(options.engine, options.tools, options.files)
    shutil.copy(f"{options.tools}/load", f"{options.files}/wanted")
    results = {}
    for work in works:
        place.set(work)
        for number in range(options.rounds):
            for name in [name for name in work.ways if name in options.ways]:
                measured = undisturbed(place, name, options)
                results.setdefault((work, name), []).append(measured)
                print(report.one_line(work, name, number, measured), file=sys.stderr, flush=True)
        place.forget()
    return results


def main():
    options = arguments()
    works = [work for work in chosen(options.names or (stages.WORKS if options.stages else ()))
             if work.name != options.without]
    listener = far_end(options.tools)
    begin = time.monotonic()
    try:
        if options.stages:
            ways = [name for name in options.ways if name in ("engine", "tshark")]
            return stages.tell(Place(options.engine, options.tools, options.files), works, ways, options.seconds)
        results = run(options, works)
    finally:
        listener.kill()
    words = report.figures(results, options, time.monotonic() - begin)
    print(words)
    if options.record:
        report.record(options.record, words, results)
    return report.verdict(results)


if __name__ == "__main__":
    sys.exit(main())
