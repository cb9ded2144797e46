# SPDX-License-Identifier: Apache-2.0
"""The seed programs against the server: what a newcomer sees, read back through every route."""
import json
import re
import urllib.parse

import pytest
from conftest import BIN, eventually, run_client

TRACE_ID = re.compile(r"\b[0-9a-f]{32}\b")


def otlp(server, protocol):
    port = server.ports["otlp-grpc" if protocol == "grpc" else "otlp-http"]
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc" if protocol == "grpc" else "http/protobuf"}


def trace_ids(lines):
    return [m.group() for line in lines for m in [TRACE_ID.search(line)] if m]


def metric(server, name):
    """The sum of a counter over its labels."""
    values = [float(line.rsplit(" ", 1)[1]) for line in server.get("/metrics", "admin").text.splitlines() if re.match(name + r"[ {]", line)]
    return sum(values)


@pytest.fixture(scope="module", params=["grpc", "http"])
def shop(request, server):
    """Trace ids of one run of the shop over this protocol."""
    ids = trace_ids(run_client([BIN / "shop"], otlp(server, request.param)))
    assert len(ids) >= 4
    return ids


@pytest.mark.parametrize("protocol", ["grpc", "http"])
@pytest.mark.parametrize("program", ["seed_traces_metrics", "seed_traces_only"])
def test_seed_program(server, program, protocol):
    points = metric(server, "skua_metric_points_accepted_total")
    [trace_id] = trace_ids(run_client([BIN / program], otlp(server, protocol)))
    trace = server.trace(trace_id)
    tags = [{t["key"]: t["value"] for t in span["tags"]} for span in trace["spans"]]
    assert any(t.get("db.system.name") == "sqlite" and t.get("db.query.text") for t in tags)
    if program == "seed_traces_metrics":
        eventually(lambda: metric(server, "skua_metric_points_accepted_total") > points, "its metrics are counted")


def test_shop_through_every_route(server, shop):
    traces = [server.trace(i) for i in shop]
    services = server.get("/api/services").json()["data"]
    assert "shop" in services and services == server.get("/api/v3/services").json()["services"]

    operations = server.get("/api/services/shop/operations").json()["data"]
    names = {span["operationName"] for trace in traces for span in trace["spans"]
             if trace["processes"][span["processID"]]["serviceName"] == "shop"}
    assert names <= set(operations)
    assert names <= {o["name"] for o in server.get("/api/operations?service=shop").json()["data"]}
    assert names <= {o["name"] for o in server.get("/api/v3/operations?service=shop").json()["operations"]}

    found = server.get("/api/traces?service=shop&limit=100").json()["data"]
    assert set(shop) <= {trace["traceID"].zfill(32) for trace in found}

    window = {"query.startTimeMin": "2020-01-01T00:00:00Z", "query.startTimeMax": "2100-01-01T00:00:00Z", "query.serviceName": "shop",
              "query.searchDepth": "100"}
    summaries = server.get("/api/v3/trace-summaries?" + urllib.parse.urlencode(window)).json()["summaries"]
    by_id = {s["traceId"]: s for s in summaries}
    for trace_id, trace in zip(shop, traces):
        assert by_id[trace_id]["spanCount"] == len(trace["spans"])
        resource_spans = server.get(f"/api/v3/traces/{trace_id}").json()["result"]["resourceSpans"]
        assert sum(len(s["spans"]) for r in resource_spans for s in r["scopeSpans"]) == len(trace["spans"])


def test_shop_has_something_to_show(server, shop):
    """The N+1, the error and the slow query that the page is to show."""
    spans = [span for i in shop for span in server.trace(i)["spans"]]
    tags = [{t["key"]: t["value"] for t in span["tags"]} for span in spans]
    texts = [t["db.query.text"] for t in tags if "db.query.text" in t]
    assert max(texts.count(text) for text in texts) >= 10, "an N+1"
    assert any(t.get("error") is True and "db.query.text" in t and t.get("error.type") for t in tags), "a failed query"
    assert any("WITH RECURSIVE" in text for text in texts), "a slow query"


def test_search_by_sql_attribute(server, shop):
    trace = server.trace(shop[0])
    text = next(t["value"] for s in trace["spans"] for t in s["tags"] if t["key"] == "db.query.text")
    query = urllib.parse.urlencode({"service": "shop", "tags": json.dumps({"db.query.text": text}), "limit": 100})
    assert shop[0] in {t["traceID"].zfill(32) for t in server.get("/api/traces?" + query).json()["data"]}
