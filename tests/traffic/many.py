#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""many.py COUNT AT-ONCE COMMAND... - runs a command many times, some at once

{} in an argument becomes the run's number. For curl, which cannot write claims itself, its words
of -w tell its port, and this writes the claim: the pid is the one that this started.
"""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from truth import append

CURL_WORDS = "%{local_port} %{remote_ip} %{remote_port}"


def run(number, command):
    command = [argument.replace("{}", str(number)) for argument in command]
    curl = command[0] == "curl"
    if curl:
        command += ["-s", "-o", "/dev/null", "-w", CURL_WORDS]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    words, _ = process.communicate()
    if process.returncode:
        return f"{' '.join(command)}: status {process.returncode}"
    if curl:
        port, remote, remote_port = words.split()
        append({
            "proto": "tcp", "local": f"* {port}", "remote": f"{remote} {remote_port}", "data": True,
            "pid": process.pid, "uid": os.geteuid(), "ppid": os.getpid(), "exe": "/usr/bin/curl",
            "args": " ".join(command),
        })
    return None


def main():
    count, at_once, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    with ThreadPoolExecutor(at_once) as pool:
        failures = list(filter(None, pool.map(lambda number: run(number, command), range(count))))
    if failures:
        sys.exit("\n".join(failures[:5]))


if __name__ == "__main__":
    main()
