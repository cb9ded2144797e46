# SPDX-License-Identifier: Apache-2.0
"""Starts the built server on free ports and the real clients against it.

Environment: SKUA_BIN, the folder of the built binaries (set by ./dev test).
"""
import json
import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
BIN = pathlib.Path(os.environ["SKUA_BIN"])
NODE = TOOLS / "node/bin/node"
CLIENTS = pathlib.Path(__file__).parent / "clients"
PORT_FLAGS = ["query.http-server.host-port", "collector.otlp.grpc.host-port", "collector.otlp.http.host-port", "collector.http-server.host-port",
              "processor.jaeger-compact.server-host-port", "processor.jaeger-binary.server-host-port", "http-server.host-port",
              "health.host-port", "admin.http.host-port"]
# Every port chosen by the system.
FREE_PORTS = [f"--{flag}=0" for flag in PORT_FLAGS]
PATIENCE = 60  # seconds until something that must happen counts as never happening


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


def fetch(url, body=None, headers=None, method=None, patience=PATIENCE):
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=patience) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


def eventually(probe, what):
    """The first true value of probe(); fails when that never comes."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = probe()
        if value:
            return value
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.02)


class Server:
    """One running skua. `ports` has the names of --ports-file; its spans are in `storage`, a folder of its own."""

    def __init__(self, folder, *flags, env=None, command=()):
        self.ports_file = folder / "ports.json"
        self.ports_file.unlink(missing_ok=True)
        self.storage = folder / "storage"
        self.log_file = folder / "skua.log"
        self.log = open(self.log_file, "ab")
        self.process = subprocess.Popen([*command, BIN / "skua", f"--ports-file={self.ports_file}", f"--storage.path={self.storage}", *flags],
                                        stdout=self.log, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})
        eventually(lambda: self.ports_file.exists() and self.ports_file.stat().st_size or self.process.poll() is not None,
                   "the server is up")
        assert self.process.poll() is None, self.log_file.read_text()
        self.ports = json.loads(self.ports_file.read_text())

    def url(self, path, port="query"):
        return f"http://127.0.0.1:{self.ports[port]}{path}"

    def get(self, path, port="query", **kw):
        return fetch(self.url(path, port), **kw)

    def post(self, path, body, content_type, port="otlp-http", headers=None):
        return fetch(self.url(path, port), body=body, headers={"Content-Type": content_type, **(headers or {})}, method="POST")

    def trace(self, trace_id):
        """The trace as v1 JSON, once it is there."""
        return eventually(lambda: (lambda a: a.json()["data"][0] if a.status == 200 else None)(self.get(f"/api/traces/{trace_id}")),
                          f"trace {trace_id} is stored")

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.log.close()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(PATIENCE)
        self.log.close()
        return code


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"), *FREE_PORTS)
    yield server
    assert server.stop() == 0, "SIGTERM ends the server in order"


def run_client(command, env=None):
    """Runs a client to its end; its output, line by line."""
    done = subprocess.run([str(c) for c in command], env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout.splitlines()


