// SPDX-License-Identifier: Apache-2.0
// For tests of the data half: random spans with everything OTLP carries, and a decoder that hands out ready spans.
#pragma once

#include "model/ingest.h"
#include "model/span_batch.h"
#include "store/embedded/engine/data_half.h"

#include <cstdint>
#include <functional>
#include <random>
#include <string>

namespace skua::store::embedded {

// Passes spans to a sink, grouped by resource and scope as they come. Bodies name what to pass: RawBody::bytes is a
// pointer to a SpanBatch (see body_of).
class BatchDecoder final : public model::Decoder {
public:
    base::Result<model::DecodeCounts> decode(const model::RawBody& body, model::SpanSink& sink) const override;
};
// Valid as long as the batch stays where it is.
model::RawBody body_of(const model::SpanBatch& batch);

struct RandomSpans {
    std::uint64_t seed = 1;
    std::size_t traces = 20;  // spans belong to that many different ones
    std::size_t services = 5;
    std::size_t names = 8;
    std::uint64_t start_ns = 1'700'000'000'000'000'000;
    std::uint64_t spread_ns = 10'000'000'000;
    bool plain = false;  // only what ordinary programs send: no odd kinds, no unknown fields
};

class SpanMaker {
public:
    explicit SpanMaker(const RandomSpans& options) : options_(options), random_(options.seed) {}
    // Some spans of one or two resources and scopes.
    model::SpanBatch batch(std::size_t spans);

private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    std::string text(std::size_t variants);
    std::string bytes();
    model::Attributes attributes(model::SpanBatch& into, std::size_t max);
    model::Span span(model::SpanBatch& into);

    RandomSpans options_;
    std::mt19937_64 random_;
    std::uint64_t next_id_ = 1;
};

// Files of seals on a disk, without the engine's ceremony.
class DiskFiles final : public SegmentFiles {
public:
    explicit DiskFiles(Disk& disk) : disk_(disk) { (void)disk_.make_dir("seg").ok(); }
    std::uint64_t new_id() override { return ++id_; }
    base::Result<Created> create(std::uint64_t id, std::string_view suffix) override;

private:
    Disk& disk_;
    std::uint64_t id_ = 0;
    std::vector<std::unique_ptr<File>> files_;
};

}  // namespace skua::store::embedded
