# SPDX-License-Identifier: Apache-2.0
"""Real clients of every door, read back through every route."""
import sys

import pytest
from conftest import CLIENTS, NODE, TOOLS, run_client


def spans_of(trace):
    return {span["operationName"]: span for span in trace["spans"]}


def tags_of(span):
    return {tag["key"]: tag["value"] for tag in span["tags"]}


def service_of(trace):
    return {process["serviceName"] for process in trace["processes"].values()}


def parent_of(span):
    return [r["spanID"] for r in span["references"] if r["refType"] == "CHILD_OF"]


@pytest.mark.parametrize("protocol", ["grpc", "http", "proto"])
def test_opentelemetry_javascript(server, protocol):
    url = f"http://127.0.0.1:{server.ports['otlp-grpc']}" if protocol == "grpc" else server.url("/v1/traces", "otlp-http")
    [trace_id] = run_client([NODE, CLIENTS / "otel_sdk.mjs", protocol, url])
    trace = server.trace(trace_id)
    spans = spans_of(trace)
    assert service_of(trace) == {f"js-{protocol}"}
    query = spans["SELECT orders"]
    assert parent_of(query) == [spans["GET /orders/{id}"]["spanID"]]
    tags = tags_of(query)
    assert tags["db.query.text"] == "SELECT * FROM orders WHERE id = $1"
    assert (tags["rows"], tags["share"], tags["tags"]) == (1, 0.5, '["a","b"]')
    assert (tags["otel.status_code"], tags["error"], tags["span.kind"]) == ("ERROR", True, "client")
    assert tags["otel.scope.name"] == "e2e" and tags["otel.scope.version"] == "1.2.3"
    assert {f["value"] for log in query["logs"] for f in log["fields"] if f["key"] == "event"} == {"fetched", "exception"}


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_opentelemetry_python(server, protocol):
    port = server.ports["otlp-grpc" if protocol == "grpc" else "otlp-http"]
    [trace_id] = run_client([sys.executable, CLIENTS / "otel_sdk.py", protocol, f"http://127.0.0.1:{port}"])
    trace = server.trace(trace_id)
    assert service_of(trace) == {f"python-{protocol}"}
    assert tags_of(spans_of(trace)["INSERT orders"])["db.query.text"] == "INSERT INTO orders (id) VALUES (%s)"


def test_jaeger_node_over_udp_binary(server):
    [trace_id] = run_client([NODE, CLIENTS / "jaeger_udp.mjs", "127.0.0.1", server.ports["jaeger-binary"]])
    trace = server.trace(trace_id)
    spans = spans_of(trace)
    assert service_of(trace) == {"node-jaeger"}
    assert parent_of(spans["SELECT carts"]) == [spans["GET /cart"]["spanID"]]
    assert tags_of(spans["SELECT carts"])["error"] is True
    assert tags_of(spans["GET /cart"])["span.kind"] == "server"
    process = trace["processes"][spans["GET /cart"]["processID"]]
    assert {"key": "team", "type": "string", "value": "shop"} in process["tags"]


def test_jaeger_python_over_udp_compact(server):
    python = TOOLS / "venv-jaeger/bin/python"
    [trace_id] = run_client([python, CLIENTS / "jaeger_udp.py", "127.0.0.1", server.ports["jaeger-compact"]])
    trace = server.trace(trace_id)
    spans = spans_of(trace)
    assert service_of(trace) == {"python-jaeger"}
    assert parent_of(spans["UPDATE stock"]) == [spans["GET /stock"]["spanID"]]
    assert tags_of(spans["UPDATE stock"])["db.statement"].startswith("UPDATE stock")
    fields = {f["key"]: f["value"] for log in spans["UPDATE stock"]["logs"] for f in log["fields"]}
    assert (fields["event"], fields["wait_ms"]) == ("locked", 3)
