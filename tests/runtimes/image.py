# SPDX-License-Identifier: GPL-2.0-or-later
"""image.py NAME ROOT.tar [COMMAND...] >IMAGE.tar - an image of one layer, as "ctr image import" takes it"""
import hashlib
import io
import json
import sys
import tarfile


def add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def main():
    name, layer, command = sys.argv[1], open(sys.argv[2], "rb").read(), sys.argv[3:]
    config = json.dumps({
        "architecture": "amd64", "os": "linux",
        "config": {"Cmd": command, "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
    }).encode()
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
        add(tar, "config.json", config)
        add(tar, "layer.tar", layer)
        add(tar, "manifest.json", json.dumps(
            [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]).encode())


main()
