# SPDX-License-Identifier: Apache-2.0
"""Bad input gets an answer that names the thing, and the server stays up."""
import socket
import subprocess

import pytest
from conftest import BIN, FREE_PORTS, PATIENCE, run_client


@pytest.fixture
def busy_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        yield s.getsockname()[1]


@pytest.fixture
def busy_udp_port():
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        yield s.getsockname()[1]


TCP_FLAGS = ["query.http-server.host-port", "collector.otlp.grpc.host-port", "collector.otlp.http.host-port", "http-server.host-port"]
UDP_FLAGS = ["processor.jaeger-compact.server-host-port", "processor.jaeger-binary.server-host-port"]


def start_and_fail(flag, port):
    flags = [f for f in FREE_PORTS if not f.startswith(f"--{flag}=")] + [f"--{flag}=127.0.0.1:{port}"]
    return subprocess.run([BIN / "skua", "--storage.path=", *flags], capture_output=True, text=True, timeout=PATIENCE)


@pytest.mark.parametrize("flag", TCP_FLAGS)
def test_tcp_port_in_use(busy_port, flag):
    done = start_and_fail(flag, busy_port)
    assert done.returncode == 1
    for part in [str(busy_port), "TCP", f"--{flag}", "in use"]:
        assert part in done.stderr, done.stderr
    assert "ready" not in done.stdout


@pytest.mark.parametrize("flag", UDP_FLAGS)
def test_udp_port_in_use(busy_udp_port, flag):
    done = start_and_fail(flag, busy_udp_port)
    assert done.returncode == 1
    for part in [str(busy_udp_port), "UDP", f"--{flag}", "in use"]:
        assert part in done.stderr, done.stderr


def test_unknown_flag_is_named(server):
    done = subprocess.run([BIN / "skua", "--qurey.base-path=/x"], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert "--qurey.base-path" in done.stderr and "--query.base-path" in done.stderr


@pytest.mark.parametrize("path, status, text", [
    ("/api/traces/0123456789abcdef", 404, "trace not found"),
    ("/api/traces/xyz", 400, "xyz"),
    ("/api/traces", 400, "parameter 'service' is required"),
    ("/api/traces?service=a&start=x", 400, "unable to parse param 'start'"),
    ("/api/traces?service=a&limit=x", 400, "limit"),
    ("/api/traces?service=a&minDuration=fast", 400, "minDuration"),
    ("/api/traces?service=a&minDuration=2s&maxDuration=1s", 400, "'maxDuration' should be greater than 'minDuration'"),
    ("/api/traces?service=a&tag=nocolon", 400, "malformed 'tag' parameter, expecting key:value, received: nocolon"),
    ("/api/traces?service=a&tags=%7B%22k%22%3A1%7D", 400, "malformed 'tags' parameter, cannot unmarshal JSON"),
    ("/api/operations", 400, "parameter 'service' is required"),
    ("/api/v3/traces/0123456789abcdef", 404, "No traces found"),
    ("/api/v3/trace-summaries", 400, "query.startTimeMin and query.startTimeMax are required"),
    ("/api/nothing", 404, "404 page not found"),
])
def test_query_errors(server, path, status, text):
    answer = server.get(path)
    assert (answer.status, text in answer.text) == (status, True), answer.text


@pytest.mark.parametrize("body, content_type, status, text", [
    (b"\xff\xff\xff", "application/x-protobuf", 400, ""),
    (b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}', "application/json", 400, "traceId"),
    (b"{", "application/json", 400, ""),
    (b"{}", "text/plain", 415, "415 unsupported media type, supported: [application/json, application/x-protobuf]"),
    (b"{}", "application/json", 200, '{"partialSuccess":{}}'),
])
def test_otlp_http(server, body, content_type, status, text):
    answer = server.post("/v1/traces", body, content_type)
    assert (answer.status, text in answer.text) == (status, True), answer.text


def test_otlp_http_wrong_method_and_encoding(server):
    answer = server.get("/v1/traces", "otlp-http")
    assert (answer.status, answer.text.strip()) == (405, "405 method not allowed, supported: [POST]")
    answer = server.post("/v1/traces", b"{}", "application/json", headers={"Content-Encoding": "br"})
    assert answer.status == 400 and "br" in answer.text
    answer = server.post("/v1/traces", b"not gzip", "application/json", headers={"Content-Encoding": "gzip"})
    assert answer.status == 400


def test_garbage_datagrams_are_dropped_and_counted(server):
    for port in ("jaeger-compact", "jaeger-binary"):
        with socket.socket(type=socket.SOCK_DGRAM) as s:
            for body in (b"", b"\x00", b"\xff" * 1000, b"\x82\x81\x01\x09emitBatch\xff"):
                s.sendto(body, ("127.0.0.1", server.ports[port]))
    assert server.get("/api/services").status == 200


def test_garbage_on_every_tcp_port(server):
    for name, port in server.ports.items():
        if name in ("jaeger-compact", "jaeger-binary"):
            continue
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as s:
            s.sendall(b"\x00\x01\x02 not http\r\n\r\n")
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
    assert server.get("/api/services").status == 200


def test_sampling_needs_a_service(server):
    answer = server.get("/sampling", "sampling")
    assert (answer.status, "'service' parameter must be provided once" in answer.text) == (400, True)
    assert server.get("/sampling?service=x", "sampling").json()["strategyType"] == "PROBABILISTIC"
