// SPDX-License-Identifier: Apache-2.0
#include "app/store_metrics.h"

#include "store/embedded/store.h"

namespace skua::app {
namespace {

using store::embedded::EngineStats;

void counter(api::MetricsText& out, std::string_view name, std::string_view help, std::uint64_t value) {
    out.counter(name, help);
    out.sample({}, value);
}

void gauge(api::MetricsText& out, std::string_view name, std::string_view help, std::uint64_t value) {
    out.gauge(name, help);
    out.sample({}, value);
}

void seconds(api::MetricsText& out, std::string_view name, std::string_view help, std::int64_t ns) {
    out.counter(name, help);
    out.sample({}, static_cast<double>(ns) * 1e-9);
}

void write_contents(api::MetricsText& out, const store::StoreStats& stats) {
    gauge(out, "skua_store_spans", "Spans kept", stats.spans);
    gauge(out, "skua_store_traces", "Traces kept; one in several segments counts in each", stats.traces);
    gauge(out, "skua_store_bytes", "Bytes of the spans kept, in memory and in segments", stats.bytes);
    counter(out, "skua_store_evicted_traces_total", "Traces that went by age or to make room", stats.evicted_traces);
    counter(out, "skua_store_duplicate_spans_total", "Spans that were there already", stats.duplicate_spans);
}

void write_wal(api::MetricsText& out, const store::embedded::WalStats& wal) {
    counter(out, "skua_store_wal_commits_total", "Groups made durable", wal.commits);
    counter(out, "skua_store_wal_records_total", "Requests in them", wal.records);
    counter(out, "skua_store_wal_payload_bytes_total", "Bytes of those requests", wal.payload_bytes);
    counter(out, "skua_store_wal_refused_groups_total", "Groups the disk did not take", wal.refused_groups);
    counter(out, "skua_store_wal_file_failures_total", "Write or sync errors, each of which ends a file",
            wal.file_failures);
    seconds(out, "skua_store_wal_commit_cpu_seconds_total", "Processor time of the commits", wal.commit_cpu_ns);
    gauge(out, "skua_store_wal_queued_bytes", "Bytes waiting for a commit", wal.queued_bytes);
    gauge(out, "skua_store_wal_files", "Files with requests not yet in a segment", wal.live_files);
    gauge(out, "skua_store_wal_spare_files", "Files kept ready", wal.spare_files);
}

}  // namespace

void write_store_metrics(api::MetricsText& out, const store::embedded::EmbeddedStore& store) {
    if (const auto stats = store.stats({})) write_contents(out, *stats);
    const EngineStats engine = store.engine_stats();
    gauge(out, "skua_store_segments", "Segments", engine.segments);
    gauge(out, "skua_store_segment_bytes", "Bytes of their files", engine.segment_bytes);
    gauge(out, "skua_store_memory_bytes", "Memory as accounted: heads, caches, requests waiting", engine.memory_bytes);
    counter(out, "skua_store_seals_total", "Heads written as segments", engine.seals);
    counter(out, "skua_store_seal_failures_total", "Seals that failed and are tried again", engine.seal_failures);
    seconds(out, "skua_store_seal_seconds_total", "Time of the seals", engine.seal_ns);
    counter(out, "skua_store_compactions_total", "Merges of segments", engine.compactions);
    seconds(out, "skua_store_compaction_seconds_total", "Time of the merges", engine.compaction_ns);
    gauge(out, "skua_store_set_aside_segments", "Damaged segments that are left out of merges",
          engine.set_aside_segments);
    counter(out, "skua_store_dropped_segments_total", "Segments that went by age or to make room",
            engine.dropped_segments);
    counter(out, "skua_store_refused_requests_total", "Requests not taken", engine.refused);
    gauge(out, "skua_store_read_only", "1: the disk failed, nothing more is taken", engine.is_read_only ? 1 : 0);
    write_wal(out, engine.wal);
}

}  // namespace skua::app
