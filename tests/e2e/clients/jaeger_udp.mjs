// SPDX-License-Identifier: Apache-2.0
// The Jaeger client for node over UDP (Thrift binary, 6832). jaeger_udp.mjs HOST PORT → prints the trace id.
import {createRequire} from 'node:module';
const require = createRequire(new URL('../js/package.json', import.meta.url));
const {initTracer} = require('jaeger-client');

const [agentHost, agentPort] = process.argv.slice(2);
const tracer = initTracer(
  {serviceName: 'node-jaeger', sampler: {type: 'const', param: 1}, reporter: {agentHost, agentPort: Number(agentPort), flushIntervalMs: 50}},
  {tags: {'team': 'shop'}},
);
const root = tracer.startSpan('GET /cart');
root.setTag('span.kind', 'server');
const child = tracer.startSpan('SELECT carts', {childOf: root});
child.setTag('error', true);
child.log({event: 'retry', attempt: 2});
child.finish();
root.finish();
const id = root.context().traceIdStr;
tracer.close(() => console.log(id));
