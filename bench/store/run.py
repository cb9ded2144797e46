#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The embedded store as a whole, through the server: what it costs, what it keeps, how fast it answers. One JSON object per line.

bench/store/run.py [--small] [--parts ingest,shapes,queries,replay,wide] [--spans N] [--warm-up N] [--runs N] [--query-spans N]
                   [--queries N] [--idle SECONDS] [--log-bytes N] [--folder DIR] [skua flags...]

ingest   CPU seconds of the server (user + system) per million spans over OTLP/gRPC, durable, from its start until all is sealed and merging
         rests, for 512, 64 and 8 spans a request, beside a server that only receives the bytes; memory idle, at full rate and a while after
shapes   bytes per span on disk at rest (du), by part, of the reference shapes
queries  start-up on that many spans, then random queries over HTTP and in the process, warm and cold (this folder's pages dropped before each)
replay   start-up on a log of that many bytes with nothing sealed
wide     one trace of 100,000 spans written and read whole
--small runs everything in a few minutes. Binaries: SKUA_BIN or build/release/bin.
"""
import argparse
import atexit
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/ingest"))
from run import BIN, FREE_PORTS, SHAPES_OF_LOAD, cpu, cpu_of, wait_for  # noqa: E402

SETTLED_SECONDS = 6  # the compactor looks every five
COMMAND = "bench/store/run.py " + " ".join(sys.argv[1:])


def say(name, value, unit, **more):
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, **more, "command": COMMAND.strip()}), flush=True)


class Skua:
    """A server on `folder`; `ready_s`: from its start until every port is served."""

    def __init__(self, folder, flags):
        self.storage = folder / "storage"
        ports = folder / "ports.json"
        ports.unlink(missing_ok=True)
        started = time.monotonic()
        self.process = subprocess.Popen([str(BIN / "skua"), f"--ports-file={ports}", f"--storage.path={self.storage}", "--storage.retention=0",
                                         "--log-level=warn", *FREE_PORTS, *flags], stdout=subprocess.DEVNULL)
        wait_for(ports, self.process)
        self.ready_s = time.monotonic() - started
        self.ports = json.loads(ports.read_text())
        self.query = http.client.HTTPConnection("127.0.0.1", self.ports["query"])
        atexit.register(self.process.kill)  # a run that gives up leaves nobody behind

    def load(self, spans, per_request=512, connections=2, in_flight=8, shape="A", seed=1):
        done = subprocess.run([BIN / "otlp_load", f"--target=127.0.0.1:{self.ports['otlp-grpc']}", f"--spans={spans}", f"--per-request={per_request}",
                               f"--connections={connections}", f"--in-flight={in_flight}", f"--shape={shape}", f"--seed={seed}"],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def metrics(self):
        admin = http.client.HTTPConnection("127.0.0.1", self.ports["admin"])
        admin.request("GET", "/metrics")
        text = admin.getresponse().read().decode()
        return {m[1]: float(m[2]) for m in re.finditer(r"^(skua_store_\w+) (\S+)$", text, re.M)}

    def settle(self):
        """Waits until no seal and no merge has ended for a while."""
        last, since = None, time.monotonic()
        while time.monotonic() - since < SETTLED_SECONDS:
            now = self.metrics()
            state = (now["skua_store_seals_total"], now["skua_store_compactions_total"])
            if state != last:
                last, since = state, time.monotonic()
            time.sleep(0.5)

    def memory_mb(self, field):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", text, re.M)[1]) / 1024

    def get(self, path):
        """(milliseconds, status, body)"""
        started = time.perf_counter()
        self.query.request("GET", path)
        answer = self.query.getresponse()
        body = answer.read()
        return (time.perf_counter() - started) * 1e3, answer.status, body

    def stop(self, kill=False):
        """Resources used."""
        self.process.kill() if kill else self.process.terminate()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if not kill and self.process.returncode != 0:
            raise SystemExit(f"skua ended with {self.process.returncode}")
        return usage


def du(folder):
    """Bytes on disk by part."""
    parts = {}
    for file in folder.rglob("*"):
        if file.is_file():
            part = file.relative_to(folder).parts[0]
            parts[part] = parts.get(part, 0) + file.stat().st_blocks * 512
    return parts


def ingest(folder, o, flags):
    for per_request, connections, in_flight in SHAPES_OF_LOAD:
        spans = o.spans if per_request > 8 else o.spans // 5
        warm_up = o.warm_up if per_request > 8 else o.warm_up // 5
        ours, theirs, last = [], [], {}
        for _ in range(o.runs):
            load = [f"--spans={spans}", f"--per-request={per_request}", f"--connections={connections}", f"--in-flight={in_flight}"]
            seconds, _, sent = cpu_of([BIN / "otlp_sink", folder / "sink.json"], folder / "sink.json", "otlp-grpc", load)
            theirs.append(seconds / sent["spans"] * 1e6)
            shutil.rmtree(folder / "storage", ignore_errors=True)
            server = Skua(folder, flags)
            idle = server.memory_mb("VmRSS")
            if warm_up:
                server.load(warm_up, per_request, connections, in_flight, seed=2)
                server.settle()
            before = cpu(server.process.pid)
            sent = server.load(spans, per_request, connections, in_flight)
            at_rate = server.memory_mb("VmHWM")
            server.settle()
            time.sleep(o.idle)
            rest = server.memory_mb("VmRSS")
            metrics = server.metrics()
            usage = server.stop()
            ours.append((usage.ru_utime + usage.ru_stime - before) / sent["spans"] * 1e6)
            last = {**sent, "idle": idle, "at_rate": at_rate, "rest": rest, "written": usage.ru_oublock * 512 / (spans + warm_up),
                    "commits": metrics["skua_store_wal_commits_total"]}
        value, baseline = statistics.median(ours), statistics.median(theirs)
        name = f"store/ingest/A/{per_request}"
        say(name, value, "server CPU s per million spans, durable, all sealed", baseline=round(baseline, 3),
            baseline_name="a server that only receives the bytes", ratio=round(value / baseline, 2), runs=[round(x, 3) for x in ours],
            connections=connections, in_flight=in_flight, spans_per_commit=round((spans + warm_up) / last["commits"], 1),
            ack_p50_us=last["ack_p50_us"], ack_p99_us=last["ack_p99_us"], spans_per_s=round(last["spans"] / last["seconds"]))
        say(name + "/written", last["written"], "bytes written per span, log included")
        say(name + "/memory/start", last["idle"], "MB resident after start")
        say(name + "/memory/load", last["at_rate"], "MB resident at most, at full rate")
        say(name + "/memory/rest", last["rest"], f"MB resident {o.idle} s after load")


def shapes(folder, o, flags):
    for shape in "ABCDE":
        shutil.rmtree(folder / "storage", ignore_errors=True)
        server = Skua(folder, flags)
        sent = server.load(o.spans // 5, shape=shape)
        server.settle()
        server.stop()
        parts = du(server.storage)
        rest = sum(size for part, size in parts.items() if part in ("seg", "manifest"))
        say(f"store/bytes/{shape}", rest / sent["spans"], "bytes per span at rest", sent_bytes=round(sent["bytes"] / sent["spans"]),
            baseline=round(sent["bytes"] / sent["spans"], 1), baseline_name="the same spans as OTLP", ratio=round(rest / sent["bytes"], 4),
            parts_mb={part: round(size / 1e6, 2) for part, size in sorted(parts.items())}, spans=sent["spans"])


def newest_us(server):
    """When the last trace of all begins."""
    newest = 0
    for service in json.loads(server.get("/api/services")[2])["data"]:
        found = json.loads(server.get("/api/traces?" + urllib.parse.urlencode({"service": service, "limit": 1, "end": 9 * 10**15}))[2])["data"]
        newest = max([newest, *(span["startTime"] for trace in found for span in trace["spans"])])
    return newest


class HttpQueries:
    def __init__(self, server, start_us, end_us, count):
        self.server, self.start, self.end, self.count = server, start_us, end_us, count
        self.random = random.Random(7)
        self.services = json.loads(server.get("/api/services")[2])["data"]
        self.ids, self.orders = [], []
        for _ in range(40):
            for trace in json.loads(self.search({"service": self.random.choice(self.services)}, share=0.02)[2])["data"]:
                self.ids.append(trace["traceID"])
                self.orders += [t["value"] for s in trace["spans"] for t in s["tags"] if t["key"] == "app.order.id"]

    def search(self, parameters, share=1.0):
        window = (self.end - self.start) * share
        start = self.start + self.random.random() * (self.end - self.start - window)
        query = {"start": int(start), "end": int(start + window), "limit": 20, **parameters}
        return self.server.get("/api/traces?" + urllib.parse.urlencode(query))

    def service(self):
        return {"service": self.random.choice(self.services)}

    def classes(self):
        yield "trace by id", lambda: self.server.get(f"/api/traces/{self.random.choice(self.ids)}")
        yield "absent trace id", lambda: self.server.get(f"/api/traces/{self.random.getrandbits(128):032x}")
        yield "services", lambda: self.server.get("/api/services")
        yield "operations", lambda: self.server.get(f"/api/services/{self.random.choice(self.services)}/operations")
        yield "service, newest 20", lambda: self.search(self.service())
        yield "service, newest 20 of a window", lambda: self.search(self.service(), share=0.05)
        if self.orders:
            yield "rare attribute", lambda: self.search({**self.service(), "tags": json.dumps({"app.order.id": self.random.choice(self.orders)})})
        yield "service and duration", lambda: self.search({**self.service(), "minDuration": f"{self.random.randint(100, 500)}ms"})
        yield "service and error", lambda: self.search({**self.service(), "tags": json.dumps({"error": "true"})})

    def run(self, kind):
        for name, ask in self.classes():
            if kind == "cold":
                forget_pages(self.server.storage)
            times, size = [], 0
            for _ in range(self.count):
                if kind == "cold":
                    forget_pages(self.server.storage)
                ms, status, body = ask()
                if status not in (200, 404):
                    raise SystemExit(f"{name}: {status} {body[:200]}")
                times.append(ms)
                size += len(body)
            times.sort()
            say(f"store/query/http/{kind}/{name}", times[len(times) // 2], "ms p50", p99=round(times[(len(times) - 1) * 99 // 100], 3),
                bytes_of_answer=size // self.count)


def forget_pages(folder):
    for file in folder.rglob("*"):
        if file.is_file():
            fd = os.open(file, os.O_RDONLY)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)


def queries(folder, o, flags):
    shutil.rmtree(folder / "storage", ignore_errors=True)
    server = Skua(folder, flags)
    start_us = time.time_ns() // 1000 - 1_000_000
    sent = server.load(o.query_spans)
    server.settle()
    say("store/memory/full", server.memory_mb("VmRSS"), f"MB resident after {sent['spans']} spans")
    server.stop()
    server = Skua(folder, flags)
    say("store/start", server.ready_s, f"s from start to ready on {sent['spans']} spans")
    asked = HttpQueries(server, start_us, newest_us(server), o.queries)
    asked.run("warm")
    asked.run("cold")
    say("store/memory/queried", server.memory_mb("VmRSS"), "MB resident after the queries")
    server.stop()
    for kind in ("warm", "cold"):
        command = [BIN / "store_query_bench", server.storage, f"--queries={o.queries}", *(["--cold"] if kind == "cold" else [])]
        for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
            one = json.loads(line)
            say(f"store/query/process/{kind}/{one['name']}", one["p50_ms"], "ms p50", p99=one["p99_ms"], found=one["found"])


def replay(folder, o, flags):
    shutil.rmtree(folder / "storage", ignore_errors=True)
    done = subprocess.run([BIN / "store_query_bench", folder / "storage", f"--fill-log={o.log_bytes}"], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    filled = json.loads(done.stdout.splitlines()[-1])
    server = Skua(folder, flags)
    seconds = server.ready_s
    peak = server.memory_mb("VmHWM")
    found = server.metrics()["skua_store_spans"]
    server.stop()
    if found != filled["spans"]:
        raise SystemExit(f"replay found {found} spans of {filled['spans']}")
    say("store/replay", seconds, f"s from start to ready on a log of {filled['bytes']} bytes, {filled['spans']} spans",
        mb_per_s=round(filled["bytes"] / seconds / 1e6), memory_mb=round(peak))


def wide(folder, o, flags):
    shutil.rmtree(folder / "storage", ignore_errors=True)
    server = Skua(folder, flags)
    # One connection: each has a generator, whose first trace is the wide one. What a service has not filled a request with is not sent:
    # small requests, and enough spans behind the wide trace to push its last ones out.
    sent = server.load(400_000, per_request=16, connections=1, in_flight=64, shape="E")
    say("store/wide/write", sent["seconds"] * 1e3, f"ms to write {sent['spans']} spans over OTLP/gRPC, durable, the wide trace among them",
        cpu_s=round(cpu(server.process.pid), 3))
    services = json.loads(server.get("/api/services")[2])["data"]
    now = time.time_ns() // 1000
    best = (0, None)
    for service in services:
        query = urllib.parse.urlencode({"service": service, "start": now - 3_600_000_000, "end": now + 3_600_000_000, "limit": 100})
        for summary in json.loads(server.get("/api/v3/trace-summaries?" + urllib.parse.urlencode(
                {"query.serviceName": service, "query.startTimeMin": "2000-01-01T00:00:00Z", "query.startTimeMax": "2100-01-01T00:00:00Z"}))[2]).get("summaries", []):
            best = max(best, (int(summary.get("spanCount", 0)), summary.get("traceId", "")))
        if not best[1]:
            for trace in json.loads(server.get("/api/traces?" + query)[2])["data"]:
                best = max(best, (len(trace["spans"]), trace["traceID"]))
        if best[0] >= 100_000:
            break
    for state in ("unsealed", "sealed"):
        for api, path in (("v1", "/api/traces/"), ("v3", "/api/v3/traces/")):
            before = cpu(server.process.pid)
            ms, status, body = server.get(path + best[1])
            used = cpu(server.process.pid) - before
            spans = body.count(b'"operationName":') if api == "v1" else body.count(b'"spanId":')
            if status != 200 or spans < 100_000:
                raise SystemExit(f"{status}: the widest trace has {spans} spans: {body[:200]}")
            say(f"store/wide/{state}/{api}", ms, f"ms to read a trace of {spans} spans over HTTP", bytes_of_answer=len(body),
                cpu_s=round(used, 3))
        if state == "unsealed":
            server.stop()
            server = Skua(folder, flags)
    server.stop()


PARTS = {"ingest": ingest, "shapes": shapes, "queries": queries, "replay": replay, "wide": wide}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--spans", type=int, default=5_000_000)
    parser.add_argument("--warm-up", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--query-spans", type=int, default=20_000_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--idle", type=int, default=60)
    parser.add_argument("--log-bytes", type=int, default=1 << 30)
    parser.add_argument("--folder")
    o, flags = parser.parse_known_args()
    if o.small:
        o.spans, o.warm_up, o.runs, o.query_spans, o.queries, o.idle, o.log_bytes = 250_000, 0, 1, 500_000, 40, 1, 64 << 20
    with tempfile.TemporaryDirectory(dir=o.folder) as folder:
        for part in o.parts.split(","):
            if part not in PARTS:
                raise SystemExit(f"unknown part '{part}'; want some of {','.join(PARTS)}")
            PARTS[part](pathlib.Path(folder), o, flags)


if __name__ == "__main__":
    main()
