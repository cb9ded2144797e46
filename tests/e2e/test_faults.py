# SPDX-License-Identifier: Apache-2.0
"""The real server on a disk that fails, that fills up, and killed under load: what was acknowledged is there afterwards, and nothing crashes.

Calls are made to fail by a library loaded into the server (tests/faults/faults.cc). On a simulated disk every single operation fails, and
every point is crashed at: server/store/embedded/engine/*_test.cc. Here the server's own files, threads and answers are in the loop.
"""
import http.client
import json
import os
import random
import threading

import pytest
from conftest import BIN, FREE_PORTS, PATIENCE, Server, eventually
from test_storage import body, found, send, start  # noqa: F401  (start is a fixture)

FAULTS = BIN / "libskua_faults.so"
# Their runtime is to be the first library, which it then is not.
SANITIZERS = {name: f"{os.environ.get(name, '')}:{option}" for name, option in
              (("ASAN_OPTIONS", "verify_asan_link_order=0"), ("TSAN_OPTIONS", "verify_interceptors=0"))}


def with_faults(start, tmp_path, fault, *flags):  # noqa: F811
    assert FAULTS.exists()
    env = {"LD_PRELOAD": str(FAULTS), "SKUA_FAULT": fault, "SKUA_FAULT_PATH": str(tmp_path / "storage"), "SKUA_FAULT_OFF": str(tmp_path / "off"),
           "SKUA_FAULT_HIT": str(tmp_path / "hit"), **SANITIZERS}
    return start(*flags, env=env)


def try_to_send(server, traces):
    """Those that were acknowledged. The others must have been refused with a time to come back."""
    acknowledged = []
    for trace in traces:
        answer = server.post("/v1/traces", body(trace), "application/json")
        if answer.status == 200:
            acknowledged.append(trace)
        else:
            assert answer.status in (429, 503), answer.text
            assert int(answer.headers["Retry-After"]) >= 1
            assert "cannot" in answer.json()["message"], answer.text
    return acknowledged


def seeded(start):  # noqa: F811
    """A folder with a segment in it."""
    server = start()
    send(server, range(1, 6))
    assert server.stop() == 0
    return list(range(1, 6))


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """How often the run below makes each call."""
    folder = tmp_path_factory.mktemp("calls")
    server = Server(folder, *FREE_PORTS)
    send(server, range(1, 6))
    assert server.stop() == 0
    assert FAULTS.exists()
    server = Server(folder, *FREE_PORTS, env={"LD_PRELOAD": str(FAULTS), "SKUA_FAULT": "count", "SKUA_FAULT_PATH": str(folder / "storage"),
                                              "SKUA_FAULT_HIT": str(folder / "hit"), **SANITIZERS})
    try_to_send(server, range(6, 36))
    assert server.stop() == 0
    return {call: int(count) for call, count in (line.split() for line in (folder / "hit").read_text().splitlines())}


def run_with(start, tmp_path, fault, traces):  # noqa: F811
    """A store with spans in it, a life with the fault, one without: all that was acknowledged is there."""
    acknowledged = seeded(start)
    try:
        server = with_faults(start, tmp_path, fault)
    except AssertionError as refused:  # it did not start: it says why
        assert "cannot" in str(refused) and str(tmp_path / "storage") in str(refused), refused
    else:
        acknowledged += try_to_send(server, traces)
        # Files are written ahead in the background: how many calls that makes is not the same every time.
        for trace in range(1000, 1100):
            if (tmp_path / "hit").exists():
                break
            acknowledged += try_to_send(server, [trace])
        assert found(server, acknowledged) == acknowledged, "reading goes on"
        server.stop()
    assert (tmp_path / "hit").exists(), "the call never came"
    server = start()
    assert found(server, acknowledged) == acknowledged
    assert server.stop() == 0


@pytest.mark.parametrize("share", [0.01, 0.5, 0.8])
@pytest.mark.parametrize("call, error", [("pwrite", "EIO"), ("pwrite", "ENOSPC"), ("fdatasync", "EIO"), ("fsync", "EIO"), ("renameat", "EIO"),
                                         ("openat", "ENOSPC"), ("unlinkat", "EIO")])
def test_one_call_fails(start, tmp_path, calls, call, error, share):  # noqa: F811
    assert calls[call] > 0, f"{call} is never called"
    run_with(start, tmp_path, f"{call}:{1 + int((calls[call] - 1) * share)}:{error}", range(6, 36))


@pytest.mark.parametrize("share", [0.4, 0.8])
@pytest.mark.parametrize("call", ["pwrite", "fdatasync", "fsync"])
def test_a_disk_that_breaks_for_good_leaves_what_was_acknowledged(start, tmp_path, calls, call, share):  # noqa: F811
    run_with(start, tmp_path, f"{call}:{1 + int((calls[call] - 1) * share)}+:EIO", range(6, 66))


def test_a_full_disk_refuses_and_goes_on_when_there_is_room(start, tmp_path):  # noqa: F811
    server = with_faults(start, tmp_path, f"space:{150 << 20}", "--storage.min-free=0", "--storage.memory=64MiB")
    rows = "".join(random.Random(1).choices("abcdefghij", k=200_000))

    def large(trace):
        request = json.loads(body(trace))
        span = request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
        span["attributes"] = [{"key": "rows", "value": {"stringValue": rows}}]
        return json.dumps(request).encode()

    acknowledged, refused = [], 0
    for trace in range(1, 2000):
        answer = server.post("/v1/traces", large(trace), "application/json")
        if answer.status == 200:
            acknowledged.append(trace)
            continue
        assert answer.status in (429, 503) and int(answer.headers["Retry-After"]) >= 1, answer.text
        refused += "disk is full" in answer.text or "No space left" in answer.text
        if refused >= 3:
            break
    assert refused >= 3, "the disk is full and says so"
    assert acknowledged
    assert found(server, acknowledged[-3:]) == acknowledged[-3:], "reading goes on"
    assert server.get("/status", "health").status == 200
    (tmp_path / "off").touch()
    eventually(lambda: server.post("/v1/traces", body(5000), "application/json").status == 200, "there is room again")
    assert server.stop() == 0
    server = start()
    acknowledged.append(5000)
    assert found(server, acknowledged) == acknowledged
    assert server.stop() == 0


def test_ten_kills_under_load_lose_nothing(start):  # noqa: F811
    draw = random.Random(2024)
    acknowledged, next_trace = [], 1
    for _ in range(10):
        server = start()
        enough, lock = threading.Event(), threading.Lock()
        wanted, life = draw.randrange(1, 400), []
        first = next_trace

        def client(number, port=server.ports["otlp-http"], life=life, wanted=wanted, enough=enough, lock=lock, first=first):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            trace = first + number
            try:
                while True:
                    connection.request("POST", "/v1/traces", body(trace), {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    answer.read()
                    assert answer.status == 200
                    with lock:
                        life.append(trace)
                        if len(life) >= wanted:
                            enough.set()
                    trace += 4
            except (OSError, http.client.HTTPException):  # killed
                enough.set()
        clients = [threading.Thread(target=client, args=(n,)) for n in range(4)]
        for thread in clients:
            thread.start()
        assert enough.wait(PATIENCE)
        server.kill()
        for thread in clients:
            thread.join(PATIENCE)
        acknowledged += life
        next_trace = max(life) + 100
    server = start()
    assert found(server, acknowledged) == acknowledged, f"of {len(acknowledged)}"
    assert "DAMAGED" not in server.log_file.read_text()
    assert server.stop() == 0


def test_spans_of_any_time_are_kept_and_found(start):  # noqa: F811
    def at(trace, start_ns, end_ns):
        request = json.loads(body(trace))
        request["resourceSpans"][0]["scopeSpans"][0]["spans"][0].update(startTimeUnixNano=str(start_ns), endTimeUnixNano=str(end_ns))
        return json.dumps(request).encode()
    times = [(0, 0), (1, 2), (0, 2**64 - 1), (2**63 - 1, 2**63), (2**63, 2**63), (2**64 - 1, 2**64 - 1), (2**64 - 1, 0), (1_700_000_000_000_000_000, 0)]
    server = start()
    for number, (begin, end) in enumerate(times, 1):
        answer = server.post("/v1/traces", at(number, begin, end), "application/json")
        assert answer.status == 200, answer.text
    for _ in range(2):
        assert found(server, range(1, len(times) + 1)) == list(range(1, len(times) + 1))
        assert server.get("/api/services").json()["data"] == ["keeper"]
        assert server.get("/api/traces?service=keeper&limit=20").status == 200
        assert server.get("/metrics", "admin").status == 200
        assert server.stop() == 0
        server = start()
    assert server.stop() == 0
