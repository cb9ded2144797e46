# SPDX-License-Identifier: Apache-2.0
"""The OpenTelemetry Python SDK as a user sets it up. otel_sdk.py grpc|http ENDPOINT -> prints the trace id."""
import sys

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

protocol, endpoint = sys.argv[1:3]
if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    spans, points = OTLPSpanExporter(endpoint=endpoint, insecure=True), OTLPMetricExporter(endpoint=endpoint, insecure=True)
else:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    spans = OTLPSpanExporter(endpoint=endpoint + "/v1/traces", compression=Compression.Gzip)
    points = OTLPMetricExporter(endpoint=endpoint + "/v1/metrics", compression=Compression.Gzip)

resource = Resource.create({"service.name": f"python-{protocol}"})
provider = TracerProvider(resource=resource)
provider.add_span_processor(BatchSpanProcessor(spans))
trace.set_tracer_provider(provider)
meters = MeterProvider(resource=resource, metric_readers=[PeriodicExportingMetricReader(points)])
metrics.set_meter_provider(meters)

tracer = trace.get_tracer("e2e", "1.2.3")
metrics.get_meter("e2e").create_counter("orders").add(1)
with tracer.start_as_current_span("POST /orders", kind=trace.SpanKind.SERVER) as root:
    with tracer.start_as_current_span("INSERT orders", kind=trace.SpanKind.CLIENT) as query:
        query.set_attribute("db.query.text", "INSERT INTO orders (id) VALUES (%s)")
        query.add_event("committed", {"rows": 1})
provider.shutdown()
meters.shutdown()
print(trace.format_trace_id(root.get_span_context().trace_id))
