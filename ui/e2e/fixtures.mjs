// SPDX-License-Identifier: Apache-2.0
// Hand-made traces for the tests of the UI: a small shop with an N+1 and an error, a broken trace, and one as large as wanted.

const ms = (value) => BigInt(Math.round(value * 1e6));
const attribute = (key, value) => ({
  key,
  value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
});
const attributesOf = (values) => Object.entries(values).map(([key, value]) => attribute(key, value));

class TraceMaker {
  constructor(traceId, startMs) {
    this.traceId = traceId;
    this.start = BigInt(startMs) * 1_000_000n;
    this.byService = new Map();
    this.count = 0;
  }

  /** @param at, length ms relative to the trace; returns the span id */
  add(service, parentSpanId, kind, name, at, length, more = {}) {
    const spanId = more.spanId ?? (++this.count).toString(16).padStart(16, 'a');
    const span = {
      traceId: this.traceId,
      spanId,
      parentSpanId: parentSpanId ?? '',
      name,
      kind,
      startTimeUnixNano: String(this.start + ms(at)),
      endTimeUnixNano: String(this.start + ms(at + length)),
      attributes: attributesOf(more.attributes ?? {}),
      status: more.error ? { code: 2, message: more.error } : {},
    };
    if (more.events) {
      span.events = more.events.map(({ at: time, name: eventName, attributes }) => ({
        timeUnixNano: String(this.start + ms(time)),
        name: eventName,
        attributes: attributesOf(attributes ?? {}),
      }));
    }
    if (more.links) span.links = more.links;
    if (!this.byService.has(service)) this.byService.set(service, []);
    this.byService.get(service).push(span);
    return spanId;
  }

  resourceSpans() {
    return [...this.byService].map(([service, spans]) => ({
      resource: {
        attributes: attributesOf({
          'service.name': service,
          'service.version': '2.4.1',
          'host.name': `${service}-7c9f`,
        }),
      },
      scopeSpans: [{ scope: { name: 'skua::otel', version: '0.1.0' }, spans }],
    }));
  }
}

const database = (system, text, more = {}) => ({
  attributes: {
    'db.system.name': system,
    'db.namespace': 'shop',
    'db.query.text': text,
    'server.address': 'pg-1.shop.svc',
    'server.port': 5432,
    'code.function.name': 'load_order',
    'thread.id': 14,
    ...more,
  },
});

const [internal, server, client] = [1, 2, 3];

/** GET /orders/{id}: 163 spans, 137 of them one query in a loop, one error. */
export function shopTrace(traceId, startMs) {
  const trace = new TraceMaker(traceId, startMs);
  const root = trace.add('frontend', null, server, 'GET /orders/{id}', 0, 412, {
    attributes: { 'http.request.method': 'GET', 'http.route': '/orders/{id}', 'http.response.status_code': 200 },
  });
  const call = trace.add('frontend', root, client, 'GET shop-api', 14, 384);
  const order = trace.add('shop-api', call, server, '/orders/{id}', 19, 374);
  const pg = (parent, name, text, at, length, more) =>
    trace.add('shop-api', parent, client, name, at, length, { ...database('postgresql', text), ...more });
  pg(order, 'SELECT orders', 'SELECT * FROM orders WHERE id = ? LIMIT 1', 31, 6.2);
  pg(order, 'SELECT order_items', 'SELECT * FROM order_items WHERE order_id = ?', 40, 9.4);
  for (let item = 0; item < 137; item++) {
    const text = 'SELECT id, name, price, weight FROM products WHERE id = $1';
    pg(order, 'SELECT products', text, 52 + item * 1.56, 1.1 + (item % 7) * 0.06);
  }
  trace.add('shop-api', order, client, 'GET price', 268, 1.1, database('redis', 'GET price:{sku}'));
  const inventory = trace.add('shop-api', order, client, 'POST inventory', 271, 58);
  const reserve = trace.add('inventory', inventory, server, '/reserve', 274, 52);
  const inStock = (name, text, at, length, more) =>
    trace.add('inventory', reserve, client, name, at, length, { ...database('postgresql', text), ...more });
  inStock('BEGIN', 'BEGIN', 278, 1);
  inStock('UPDATE stock', 'UPDATE stock SET reserved = reserved + ? WHERE sku = ?', 280, 31);
  inStock('INSERT reservation', "INSERT INTO reservation (order_id, sku, n) VALUES (?, ?, 'x')", 312, 4, {
    error: 'duplicate key value violates unique constraint "reservation_pkey"',
    events: [
      {
        at: 315,
        name: 'exception',
        attributes: {
          'exception.type': 'unique_violation',
          'exception.message': 'duplicate key',
          'exception.stacktrace': 'reserve() at stock.cpp:31\nhandle() at server.cpp:77',
        },
      },
    ],
  });
  inStock('ROLLBACK', 'ROLLBACK', 317, 1.4);
  const payments = trace.add('shop-api', order, client, 'POST payments', 331, 33);
  trace.add('payments', payments, server, '/charge', 334, 28, {
    links: [{ traceId: 'b'.repeat(32), spanId: 'c'.repeat(16), attributes: [] }],
    events: [
      { at: 340, name: 'card checked', attributes: { provider: 'test' } },
      { at: 350, name: 'charged', attributes: { amount: 1999 } },
    ],
  });
  trace.add('frontend', root, internal, 'render', 398, 11);
  const recommend = trace.add('frontend', root, client, 'GET recommendations', 20, 90);
  const rec = trace.add('shop-api', recommend, server, '/recommendations', 24, 82);
  trace.add('shop-api', rec, client, 'MGET rec', 30, 2.2, database('redis', 'MGET rec:{user}'));
  const ranked = 'SELECT id, name FROM products WHERE category = ? ORDER BY rank LIMIT 12';
  pg(rec, 'SELECT products', ranked, 34, 18);
  return trace.resourceSpans();
}

/** A trace whose child arrives before its parent. */
export function lateTrace(traceId, startMs) {
  const [parent, child] = ['1'.repeat(16), '2'.repeat(16)];
  const trace = new TraceMaker(traceId, startMs);
  trace.add('early', parent, client, 'arrives first', 10, 20, { spanId: child });
  const late = new TraceMaker(traceId, startMs);
  late.add('late', null, server, 'arrives later', 0, 50, { spanId: parent });
  return { early: trace.resourceSpans(), late: late.resourceSpans() };
}

/** Orphans, two roots, a circle, an id used twice, an end before the start, rows that are no spans, odd values. */
export function brokenTrace(traceId, startMs) {
  const trace = new TraceMaker(traceId, startMs);
  const first = trace.add('left', null, server, 'first root', 0, 50);
  trace.add('left', first, internal, 'twin', 5, 10, { spanId: 'd'.repeat(16) });
  trace.add('left', first, internal, 'twin again', 20, 10, { spanId: 'd'.repeat(16) });
  trace.add('right', null, server, 'second root', 60, 40);
  trace.add('right', 'e'.repeat(16), internal, 'orphan', 70, 5);
  trace.add('right', 'f1'.repeat(8), internal, 'circle a', 80, 5, { spanId: 'f2'.repeat(8) });
  trace.add('right', 'f2'.repeat(8), internal, 'circle b', 81, 3, { spanId: 'f1'.repeat(8) });
  trace.add('right', null, internal, 'backwards', 90, -20);
  const groups = trace.resourceSpans();
  groups[0].scopeSpans[0].spans.push({ name: 'no id' }, 'text', null, { spanId: 'ab', startTimeUnixNano: 'soon' });
  groups[1].scopeSpans[0].spans[0].attributes = 'none';
  groups.push(null, { resource: 7, scopeSpans: [{ spans: {} }] });
  return groups;
}

/** A wide and deep tree of `size` spans in 12 services. */
export function bigTrace(traceId, startMs, size) {
  const trace = new TraceMaker(traceId, startMs);
  const total = size / 50;
  const open = [{ id: trace.add('service-0', null, server, 'big batch', 0, total), at: 0, length: total, depth: 0 }];
  let seed = 7;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  for (let made = 1; made < size; made++) {
    const parent = open[Math.floor(random() * open.length)];
    const at = parent.at + parent.length * random() * 0.9;
    const length = Math.max(0.001, (parent.length - (at - parent.at)) * random() * 0.7);
    const service = `service-${Math.floor(random() * 12)}`;
    const isQuery = made % 3 === 0;
    const more = isQuery
      ? database('postgresql', `SELECT * FROM table_${made % 40} WHERE id = ${made}`)
      : { attributes: { 'http.request.method': 'GET', 'http.route': `/r/${made % 100}`, 'item.number': made } };
    const id = trace.add(
      service,
      parent.id,
      isQuery ? client : internal,
      isQuery ? 'SELECT' : `step ${made % 90}`,
      at,
      length,
      {
        ...more,
        error: made % 997 === 0 ? 'failed' : undefined,
      },
    );
    if (!isQuery && parent.depth < 30) open.push({ id, at, length, depth: parent.depth + 1 });
    if (open.length > 400) open.splice(1, 200);
  }
  return trace.resourceSpans();
}

export function summaryOf(traceId, resourceSpans) {
  const spans = resourceSpans
    .flatMap((group) => group?.scopeSpans?.[0]?.spans ?? [])
    .filter((span) => span?.startTimeUnixNano > '0');
  const root = spans.find((span) => span.parentSpanId === '') ?? spans[0];
  const nameOf = (group) => group.resource.attributes[0].value.stringValue;
  const good = resourceSpans.filter((group) => Array.isArray(group?.scopeSpans?.[0]?.spans));
  const isError = (span) => span?.status?.code === 2;
  return {
    traceId,
    rootServiceName: nameOf(good.find((group) => group.scopeSpans[0].spans.includes(root))),
    rootOperationName: root.name,
    minStartTimeUnixNano: spans.map((span) => span.startTimeUnixNano).sort()[0],
    maxEndTimeUnixNano: spans
      .map((span) => span.endTimeUnixNano ?? '0')
      .sort()
      .at(-1),
    spanCount: spans.length,
    errorSpanCount: spans.filter(isError).length,
    services: good.map((group) => ({
      name: nameOf(group),
      spanCount: group.scopeSpans[0].spans.length,
      errorSpanCount: group.scopeSpans[0].spans.filter(isError).length,
    })),
  };
}
