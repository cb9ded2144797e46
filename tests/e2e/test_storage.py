# SPDX-License-Identifier: Apache-2.0
"""What is stored stays: over a restart, over a kill, and never half; a folder that cannot be used is named."""
import json
import os
import shutil
import socket
import subprocess

import pytest
from conftest import BIN, FREE_PORTS, PATIENCE, Server, eventually, fetch


def body(trace, name="work", service="keeper"):
    span = {"traceId": f"{trace:032x}", "spanId": f"{trace:016x}", "name": name, "kind": 2, "startTimeUnixNano": str(1_700_000_000_000_000_000 + trace),
            "endTimeUnixNano": str(1_700_000_000_100_000_000 + trace)}
    return json.dumps({"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
                                          "scopeSpans": [{"spans": [span]}]}]}).encode()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def send(server, traces):
    for trace in traces:
        answer = server.post("/v1/traces", body(trace), "application/json")
        assert answer.status == 200, answer.text


def found(server, traces):
    return [t for t in traces if server.get(f"/api/traces/{t:032x}").status == 200]


def start_and_fail(path, *flags, command=()):
    done = subprocess.run([*command, BIN / "skua", f"--storage.path={path}", *FREE_PORTS, *flags], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1, done
    assert "ready" not in done.stdout
    return done.stderr


@pytest.fixture
def start(tmp_path):
    """Starts the server on tmp_path / "storage"; what still runs at the end is killed."""
    started = []

    def start(*flags, **kw):
        started.append(Server(tmp_path, *FREE_PORTS, *flags, **kw))
        return started[-1]
    yield start
    for server in started:
        if server.process.poll() is None:
            server.kill()


@pytest.mark.parametrize("durability", ["durable", "interval", "off"])
def test_spans_survive_a_restart(start, durability):
    server = start(f"--storage.durability={durability}")
    send(server, range(1, 21))
    assert server.stop() == 0
    server = start(f"--storage.durability={durability}")
    assert found(server, range(1, 21)) == list(range(1, 21))
    assert server.get("/api/services").json()["data"] == ["keeper"]
    assert "skua_store_segments 1" in server.get("/metrics", "admin").text
    send(server, range(21, 31))
    assert server.stop() == 0
    server = start()
    assert found(server, range(1, 31)) == list(range(1, 31))
    assert server.stop() == 0


def many(first, count):
    """A body of that many spans, each a trace of its own."""
    spans = [{"traceId": f"{t:032x}", "spanId": f"{t:016x}", "name": "work", "kind": 2, "startTimeUnixNano": str(1_700_000_000_000_000_000 + t),
              "endTimeUnixNano": str(1_700_000_000_100_000_000 + t)} for t in range(first, first + count)]
    return json.dumps({"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "keeper"}}]},
                                          "scopeSpans": [{"spans": spans}]}]}).encode()


def test_sigterm_while_the_log_is_read_back_ends_it_at_once_without_loss(start, tmp_path):
    # No seal in between: all of it is in the log.
    server = start()
    per_body, bodies = 4000, 40
    for n in range(bodies):
        assert server.post("/v1/traces", many(1 + n * per_body, per_body), "application/json").status == 200
    server.kill()
    health = free_port()
    log = tmp_path / "replay.log"
    flags = [f for f in FREE_PORTS if not f.startswith("--health.host-port=")]
    with open(log, "wb") as out:
        process = subprocess.Popen([BIN / "skua", f"--storage.path={server.storage}", f"--health.host-port=127.0.0.1:{health}", *flags],
                                   stdout=out, stderr=subprocess.STDOUT)

        def replaying():
            assert process.poll() is None, log.read_text()
            try:
                answer = fetch(f"http://127.0.0.1:{health}/status")
            except OSError:
                return None
            assert answer.status == 503, f"the log was read back before anyone could ask: {log.read_text()}"
            return answer if "replaying the log: " in answer.text else None
        eventually(replaying, "health says that the log is read back")
        process.terminate()
        assert process.wait(PATIENCE) == 0
    text = log.read_text()
    assert "stopped: the start was stopped after " in text and "ready" not in text, text
    server = start()
    kept = [1, per_body, per_body * bodies // 2, per_body * bodies]
    assert found(server, kept) == kept
    assert f"skua_store_spans {per_body * bodies}\n" in server.get("/metrics", "admin").text
    assert server.stop() == 0


def test_a_second_process_on_one_folder_is_refused(start):
    server = start()
    send(server, [1])
    error = start_and_fail(server.storage)
    for part in [str(server.storage), "another process uses this folder", f"process {server.process.pid}", "--storage.path"]:
        assert part in error, error
    assert found(server, [1]) == [1]
    assert server.stop() == 0


def test_a_folder_that_cannot_be_written_is_named(start, tmp_path):
    server = start()
    send(server, [1])
    assert server.stop() == 0
    for folder, _, _ in os.walk(server.storage):
        os.chmod(folder, 0o555)
    command = []
    if os.geteuid() == 0:  # whom no mode stops, unless it gives that up
        if not shutil.which("setpriv"):
            pytest.skip("root without setpriv cannot be kept from writing")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    for file in server.storage.rglob("*"):
        os.chmod(file, 0o555 if file.is_dir() else 0o444)
    error = start_and_fail(server.storage, command=command)
    assert str(server.storage) in error and "Permission denied" in error and "--storage.path" in error, error
    for file in [server.storage, *server.storage.rglob("*")]:
        os.chmod(file, 0o755 if file.is_dir() else 0o644)
    server = start()
    assert found(server, [1]) == [1]
    assert server.stop() == 0


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    error = start_and_fail(tmp_path / "file")
    assert f"cannot open {tmp_path}/file: Not a directory" in error, error
    error = start_and_fail(tmp_path / "file" / "below")
    assert "Not a directory" in error, error


def test_a_manifest_that_cannot_be_read_is_named(start):
    server = start()
    send(server, [1])
    assert server.stop() == 0
    newest = max((server.storage / "manifest").iterdir())
    newest.write_bytes(newest.read_bytes()[:-1])
    error = start_and_fail(server.storage)
    assert str(newest) in error and "skua verify --rebuild" in error, error


def tool(*arguments):
    done = subprocess.run([BIN / "skua", *arguments], capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout + done.stderr


def test_verify_finds_what_is_damaged_and_rebuild_lets_the_server_start(start):
    for first in (1, 11):
        server = start()
        send(server, range(first, first + 10))
        assert server.stop() == 0
    code, text = tool("verify", server.storage)
    assert code == 0 and "2 segments, 20 spans" in text and text.endswith("\nsound\n"), text
    segment = min((server.storage / "seg").iterdir())
    assert tool("inspect", segment)[1].startswith(f"segment {segment.stem}, version 1")
    manifest = max((server.storage / "manifest").iterdir())
    assert tool("inspect", manifest)[1].startswith("manifest 3, version 1")
    manifest.unlink()
    manifest.write_bytes(b"x")
    error = start_and_fail(server.storage)
    assert "skua verify --rebuild" in error, error
    code, text = tool("verify", server.storage)
    assert code == 1 and "DAMAGED" in text, text
    code, text = tool("verify", server.storage, "--rebuild")
    assert code == 0 and text.endswith("\nsound\n"), text
    server = start()
    assert found(server, range(1, 21)) == list(range(1, 21))
    code, text = tool("verify", server.storage)
    assert code == 1 and f"process {server.process.pid}" in text, text
    assert server.stop() == 0


@pytest.mark.parametrize("arguments, text", [
    (["inspect"], "skua inspect FILE"),
    (["verify"], "skua verify DIR"),
    (["verify", "a", "b"], "unexpected 'b'"),
])
def test_wrong_usage_of_the_tools(arguments, text):
    code, output = tool(*arguments)
    assert code == 2 and text in output, output


def test_in_memory_nothing_is_written_and_the_oldest_go(start, tmp_path):
    server = start("--storage.path=", "--memory.max-traces=8")
    assert not server.storage.exists()
    send(server, range(1, 41))

    def oldest_are_gone():
        kept = found(server, range(1, 41))
        return kept if len(kept) <= 9 else None
    kept = eventually(oldest_are_gone, "few are left")
    assert kept == list(range(41 - len(kept), 41)), "the newest are kept"
    assert server.stop() == 0
    assert not server.storage.exists()
    server = start("--storage.path=")
    assert found(server, range(1, 41)) == []
    assert server.stop() == 0
