# SPDX-License-Identifier: Apache-2.0
"""The web UI in headless Chromium, as the server serves it, over the shop's traces (the checks: ui/e2e/server.test.mjs)."""
import os
import subprocess

from conftest import BIN, FREE_PORTS, NODE, ROOT, Server, run_client


def check_ui(server, endpoint_env, path=""):
    ids = [line.split()[0] for line in run_client([BIN / "shop"], endpoint_env)]
    for trace_id in ids:
        server.trace(trace_id)
    env = {**os.environ, "SKUA_URL": server.url("").rstrip("/") + path, "PATH": f"{NODE.parent}:{os.environ['PATH']}"}
    done = subprocess.run([NODE, "--test", "e2e/server.test.mjs"], cwd=ROOT / "ui", env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_search_and_trace_page(tmp_path):
    server = Server(tmp_path, *FREE_PORTS)
    try:
        check_ui(server, {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.ports['otlp-grpc']}"})
    finally:
        assert server.stop() == 0
