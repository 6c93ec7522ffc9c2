# SPDX-License-Identifier: GPL-2.0-or-later
"""A container's monitor as Podman's is: its child is a container's first process, in namespaces of
its own and in no cgroup of its own. What stands behind -- is run there.

    cp /usr/bin/python3 conmon; ./conmon monitor.py -c ID -n NAME -- COMMAND...
"""
import ctypes
import os
import sys

CLONE_NEWNS, CLONE_NEWPID = 0x00020000, 0x20000000
libc = ctypes.CDLL(None, use_errno=True)


def unshare(what):
    if libc.unshare(what):
        sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")


command = sys.argv[sys.argv.index("--") + 1 :]
unshare(CLONE_NEWPID)
child = os.fork()
if child == 0:
    unshare(CLONE_NEWNS)
    os.execvp(command[0], command)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
