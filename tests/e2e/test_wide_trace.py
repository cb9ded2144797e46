# SPDX-License-Identifier: Apache-2.0
"""One trace of 100,000 spans goes in and comes back whole, under the default limits: unsealed, after a kill, sealed."""
import json
import re

import pytest
from conftest import FREE_PORTS, Server

SPANS = 100_000
PER_BODY = 5_000
TRACE = f"{0xabcdef:032x}"
PATIENCE = 600  # seconds: a busy machine and a server built for debugging take a while for such an answer
START = 1_700_000_000_000_000_000


def body(first):
    """Spans [first, first + PER_BODY) of the trace; each has its number as an attribute."""
    spans = [{"traceId": TRACE, "spanId": f"{n + 1:016x}", "parentSpanId": f"{n // 7:016x}" if n >= 7 else "", "name": f"work {n % 13}", "kind": 2,
              "startTimeUnixNano": str(START + n * 1000), "endTimeUnixNano": str(START + n * 1000 + 500_000),
              "attributes": [{"key": "number", "value": {"intValue": str(n)}}, {"key": "http.request.method", "value": {"stringValue": "GET"}},
                             {"key": "url.path", "value": {"stringValue": f"/orders/{n * 7919}"}}]}
             for n in range(first, first + PER_BODY)]
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": f"s{first // PER_BODY % 3}"}}]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}).encode()


def check_v1(server):
    answer = server.get(f"/api/traces/{TRACE}", patience=PATIENCE)
    assert answer.status == 200, answer.text[:300]
    trace = answer.json()["data"][0]
    numbers = {}
    for span in trace["spans"]:
        tags = {tag["key"]: tag["value"] for tag in span["tags"]}
        number = int(span["spanID"], 16) - 1
        assert tags["number"] == number and tags["url.path"] == f"/orders/{number * 7919}", span
        assert span["startTime"] == START // 1000 + number and span["duration"] == 500, span
        assert trace["processes"][span["processID"]]["serviceName"] == f"s{number // PER_BODY % 3}"
        numbers[number] = True
    assert len(trace["spans"]) == SPANS and len(numbers) == SPANS
    assert len(trace["processes"]) == 3


def check_v3(server):
    answer = server.get(f"/api/v3/traces/{TRACE}", patience=PATIENCE)
    assert answer.status == 200, answer.text[:300]
    numbers = {}
    for resource in answer.json()["result"]["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                number = int(span["spanId"], 16) - 1
                attributes = {a["key"]: a["value"] for a in span["attributes"]}
                assert attributes["number"] == {"intValue": str(number)}, span
                assert span["startTimeUnixNano"] == str(START + number * 1000), span
                numbers[number] = True
    assert len(numbers) == SPANS


@pytest.mark.parametrize("where", ["memory", "disk"])
def test_a_trace_of_100000_spans_comes_back_whole(tmp_path, where):
    flags = [*FREE_PORTS, *(["--storage.path="] if where == "memory" else [])]
    server = Server(tmp_path, *flags)
    try:
        for first in range(0, SPANS, PER_BODY):
            answer = server.post("/v1/traces", body(first), "application/json")
            assert answer.status == 200, answer.text
        if where == "memory":
            check_v1(server)
        else:
            server.kill()
            server = Server(tmp_path, *flags)  # from the log
            check_v3(server)
            assert server.stop() == 0
            server = Server(tmp_path, *flags)  # sealed
            assert re.search(r"^skua_store_segments [1-9]", server.get("/metrics", "admin").text, re.M)
            check_v1(server)
        check_v3(server)
        assert server.stop() == 0
    finally:
        if server.process.poll() is None:
            server.kill()
