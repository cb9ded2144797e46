// SPDX-License-Identifier: Apache-2.0
// A segment file of any bytes, opened and asked everything a reader asks. Checksums are all the same here, so answers
// may be nonsense; they must come, or be refused with a message.
#include "base/clock.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/read/view_reader.h"
#include "store/embedded/segment/span_data.h"

#include <cstdlib>

using namespace skua;
using namespace skua::store;
using namespace skua::store::embedded;

namespace {

struct Reader final : TraceSink {
    bool take(const model::TraceId& /*id*/, model::SpanBatch chunk) override {
        for (const model::Span& span : chunk.spans()) bytes += span.name.size() + span.attributes.size();
        return ++chunks < 1000;
    }
    std::size_t bytes = 0;
    std::size_t chunks = 0;
};

void ask(const ViewReader& reader) {
    std::vector<model::TraceId> ids = {{0, 1}, {0xABCD, 0x9E3779B97F4A7C15ULL}};
    const auto services = reader.services({});
    if (services.ok() && !services->empty()) (void)reader.operations({}, services->front(), std::nullopt);
    const auto key =
        Predicate::compile(Filter::compare(Op::kEq, attribute(Level::kEverywhere, "key.1"), text("text-3")));
    const auto name = Predicate::compile(Filter::compare(Op::kRegex, field(Level::kSpan, Field::kName), text("op.*1")));
    for (const Predicate* predicate : std::initializer_list<const Predicate*>{nullptr, &*key, &*name}) {
        SearchRequest request;
        request.predicate = predicate;
        request.limit = 5;
        const auto page = reader.search({}, request);
        if (!page.ok()) continue;
        for (const SearchKey& one : page->traces) ids.push_back(one.trace_id);
    }
    Reader sink;
    (void)reader.traces({}, ids, sink);
    (void)reader.summaries({}, ids);
    (void)reader.dependencies({}, {});
    (void)reader.stats({});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    MemDisk disk(std::uint64_t{64} << 20);
    const std::string name = "seg/0000000000000001.seg";
    if (!disk.make_dir("seg").ok()) std::abort();
    if (!write_whole(disk, name, {reinterpret_cast<const char*>(data), size}).ok()) std::abort();
    SpanData store(SpanDataOptions{{}, 1 << 20});
    const auto described = store.describe(disk, name, StoreId{});
    if (!described.ok() || !described->has_value()) return 0;
    const SegmentEntry& entry = **described;
    (void)store.verify(disk, entry);
    const auto segment = store.open(disk, entry);
    if (!segment.ok()) return 0;
    auto view = std::make_shared<View>();
    view->segments = std::make_shared<const Segments>(Segments{*segment});
    ask(ViewReader(view, base::system_clock()));
    return 0;
}
