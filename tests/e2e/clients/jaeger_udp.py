# SPDX-License-Identifier: Apache-2.0
"""The Jaeger client for Python over UDP (Thrift compact, 6831). jaeger_udp.py HOST PORT -> prints the trace id."""
import logging
import sys
import time

from jaeger_client import Config

host, port = sys.argv[1], int(sys.argv[2])
logging.basicConfig(level=logging.WARNING)
config = Config(config={"sampler": {"type": "const", "param": 1}, "local_agent": {"reporting_host": host, "reporting_port": port},
                        "reporter_flush_interval": 0.05, "logging": False}, service_name="python-jaeger", validate=True)
tracer = config.initialize_tracer()
with tracer.start_span("GET /stock") as root:
    root.set_tag("span.kind", "server")
    with tracer.start_span("UPDATE stock", child_of=root) as child:
        child.set_tag("db.statement", "UPDATE stock SET reserved = reserved + 1")
        child.log_kv({"event": "locked", "wait_ms": 3})
trace_id = root.context.trace_id
closed = tracer.close()  # a future: done when the queue has been flushed
while not closed.done():
    time.sleep(0.01)
print(f"{trace_id:x}")
