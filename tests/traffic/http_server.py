#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""http_server.py ADDRESS PORT READY [--fork] - Python's own server, with claims (see truth.py)

One process with a thread for each connection, as "python3 -m http.server" is, or with --fork a
process for each. Every path is the same 20,000 bytes.
"""
import http.server
import socketserver
import sys

from truth import claim_socket

BODY = b"0123456789" * 2000


class Handler(http.server.BaseHTTPRequestHandler):
    def setup(self):
        super().setup()
        claim_socket(self.connection, "tcp")

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


class Forking(socketserver.ForkingMixIn, http.server.HTTPServer):
    request_queue_size = 128


class Threading(http.server.ThreadingHTTPServer):
    request_queue_size = 128


def main():
    kind = Forking if "--fork" in sys.argv else Threading
    with kind((sys.argv[1], int(sys.argv[2])), Handler) as server:
        claim_socket(server.socket, "tcp", data=False, remote="*")
        with open(sys.argv[3], "w"):
            pass
        server.serve_forever()


if __name__ == "__main__":
    main()
