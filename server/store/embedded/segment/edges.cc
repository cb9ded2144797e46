// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/edges.h"

#include "store/embedded/codec/bytes.h"

namespace skua::store::embedded {

std::uint32_t EdgeTableWriter::service(std::string_view name) {
    const auto [at, created] = numbers_.try_emplace(std::string(name), static_cast<std::uint32_t>(numbers_.size()));
    if (created) ByteWriter(services_).string(name);
    return at->second;
}

void EdgeTableWriter::granule(std::span<const Edge> edges) {
    if (edges.size() > kEdgesMax) return unknown_granule();
    ByteWriter w(granules_);
    w.varint(edges.size() + 1);
    for (const Edge& edge : edges) {
        w.varint(edge.parent);
        w.varint(edge.child);
        w.varint(edge.calls);
    }
}

void EdgeTableWriter::unknown_granule() {
    ByteWriter(granules_).varint(0);
}

void EdgeTableWriter::encode(std::string& out) const {
    ByteWriter w(out);
    w.varint(numbers_.size());
    w.bytes(services_);
    w.bytes(granules_);
}

std::shared_ptr<const EdgeTable> EdgeTable::decode(std::string bytes, std::size_t granules) {
    auto table = std::make_shared<EdgeTable>();
    table->text_ = std::move(bytes);
    if (!table->parse(granules)) return nullptr;
    return table;
}

std::size_t EdgeTable::bytes() const {
    return text_.size() + edges_.capacity() * sizeof(Edge) + first_.capacity() * sizeof(std::size_t) +
           services.capacity() * sizeof(std::string_view);
}

bool EdgeTable::parse(std::size_t granules) {
    ByteReader in(text_);
    services.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    for (std::string_view& service : services) service = in.string();
    known_.resize(granules);
    first_.push_back(0);
    for (std::size_t g = 0; g < granules; ++g) {
        const std::uint64_t count = in.bounded(kEdgesMax + 1);
        known_[g] = count != 0;
        for (std::uint64_t i = 1; i < count; ++i) {
            Edge edge;
            edge.parent = static_cast<std::uint32_t>(in.varint());
            edge.child = static_cast<std::uint32_t>(in.varint());
            edge.calls = in.varint();
            if (!in.ok() || edge.parent >= services.size() || edge.child >= services.size()) return false;
            edges_.push_back(edge);
        }
        first_.push_back(edges_.size());
    }
    return in.ok() && in.remaining() == 0;
}

}  // namespace skua::store::embedded
