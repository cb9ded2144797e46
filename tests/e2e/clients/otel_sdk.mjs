// SPDX-License-Identifier: Apache-2.0
// The OpenTelemetry JavaScript SDK as a user sets it up. otel_sdk.mjs grpc|http|proto URL → prints the trace id.
import {createRequire} from 'node:module';
const require = createRequire(new URL('../js/package.json', import.meta.url));
const {NodeSDK} = require('@opentelemetry/sdk-node');
const {trace, SpanKind, SpanStatusCode} = require('@opentelemetry/api');

const [protocol, url] = process.argv.slice(2);
const {OTLPTraceExporter} = require(`@opentelemetry/exporter-trace-otlp-${protocol}`);
const sdk = new NodeSDK({serviceName: `js-${protocol}`, traceExporter: new OTLPTraceExporter({url})});
sdk.start();

const tracer = trace.getTracer('e2e', '1.2.3');
const id = tracer.startActiveSpan('GET /orders/{id}', {kind: SpanKind.SERVER, attributes: {'http.route': '/orders/{id}'}}, (root) => {
  const query = tracer.startSpan('SELECT orders', {
    kind: SpanKind.CLIENT,
    attributes: {'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM orders WHERE id = $1', rows: 1, share: 0.5, tags: ['a', 'b']},
  });
  query.addEvent('fetched', {rows: 1});
  query.recordException(new Error('late'));
  query.setStatus({code: SpanStatusCode.ERROR, message: 'late'});
  query.end();
  root.end();
  return root.spanContext().traceId;
});
await sdk.shutdown();
console.log(id);
