#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTLP/gRPC ingest: CPU seconds of the server per million spans, against a server that only receives the bytes.

bench/ingest/run.py [--spans N] [--runs N] [--shape A] [skua flags...]   (binaries of build/release; one JSON object per line)

CPU is user + system of the server process from before the first request until it has ended in order, so that work put off to a
background thread counts. Both servers get the same bytes in the same run.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("SKUA_BIN", ROOT / "build/release/bin"))
# (spans per request, connections, requests in flight on each)
SHAPES_OF_LOAD = [(512, 2, 8), (64, 2, 32), (8, 2, 32)]


def wait_for(path, process):
    while not (path.exists() and path.stat().st_size):
        if process.poll() is not None:
            raise SystemExit(f"{process.args[0]} ended with {process.returncode} before it was ready")
        time.sleep(0.01)


def cpu_of(command, ports_file, port_name, load):
    """(CPU seconds of the server, what otlp_load printed)"""
    ports_file.unlink(missing_ok=True)
    server = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL)
    wait_for(ports_file, server)
    port = json.loads(ports_file.read_text())[port_name]
    try:
        before = cpu(server.pid)
        done = subprocess.run([BIN / "otlp_load", f"--target=127.0.0.1:{port}", *load], capture_output=True, text=True, check=True)
    finally:
        server.terminate()
        _, status, usage = os.wait4(server.pid, 0)
        server.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime - before, usage.ru_maxrss / 1024, json.loads(done.stdout)


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--shape", default="A")
    options, flags = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        ports = pathlib.Path(folder) / "ports.json"
        sink = [BIN / "otlp_sink", ports]
        storage = pathlib.Path(folder) / "storage"
        skua = [BIN / "skua", f"--ports-file={ports}", f"--storage.path={storage}", "--log-level=warn", *FREE_PORTS, *flags]
        for per_request, connections, in_flight in SHAPES_OF_LOAD:
            spans = options.spans if per_request > 8 else options.spans // 5
            load = [f"--spans={spans}", f"--per-request={per_request}", f"--connections={connections}", f"--in-flight={in_flight}",
                    f"--shape={options.shape}"]
            ours, theirs = [], []
            for _ in range(options.runs):
                for command, results, name in ((sink, theirs, "otlp-grpc"), (skua, ours, "otlp-grpc")):
                    shutil.rmtree(storage, ignore_errors=True)  # each run begins with nothing stored
                    seconds, rss, sent = cpu_of(command, ports, name, load)
                    if sent["failed_requests"]:
                        raise SystemExit(f"{command[0]} refused {sent['failed_requests']} requests")
                    results.append((seconds / sent["spans"] * 1e6, rss, sent))
            value, baseline = (statistics.median(r[0] for r in results) for results in (ours, theirs))
            last = ours[-1][2]
            print(json.dumps({
                "name": f"ingest/otlp_grpc/{options.shape}/{per_request}", "value": round(value, 3), "unit": "server CPU s per million spans",
                "baseline": round(baseline, 3), "baseline_name": "a server that only receives the bytes", "ratio": round(value / baseline, 2),
                "rss_max_mb": round(max(r[1] for r in ours)), "ack_p50_us": last["ack_p50_us"], "ack_p99_us": last["ack_p99_us"],
                "spans_per_s": round(last["spans"] / last["seconds"]),
                "command": f"bench/ingest/run.py --spans={options.spans} --runs={options.runs} --shape={options.shape} {' '.join(flags)}".strip(),
            }), flush=True)


PORT_FLAGS = ["query.http-server.host-port", "collector.otlp.grpc.host-port", "collector.otlp.http.host-port", "collector.http-server.host-port",
           "processor.jaeger-compact.server-host-port", "processor.jaeger-binary.server-host-port", "http-server.host-port",
           "health.host-port", "admin.http.host-port"]
FREE_PORTS = [f"--{flag}=0" for flag in PORT_FLAGS]

if __name__ == "__main__":
    main()
