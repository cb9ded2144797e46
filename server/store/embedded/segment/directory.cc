// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/directory.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/span_codec.h"

#include <algorithm>

namespace skua::store::embedded {
namespace {

// The count of granules says how the list is written: all (nothing follows), dense (a bitmap), sparse (distances).
void put_postings(ByteWriter& w, const Postings& granules, std::uint32_t all) {
    w.varint(granules.size());
    if (granules.size() == all) return;
    if (granules.size() > all / 8) {
        std::string bits((all + 7) / 8, '\0');
        for (const std::uint32_t g : granules) bits[g / 8] = static_cast<char>(bits[g / 8] | 1 << g % 8);
        w.bytes(bits);
        return;
    }
    std::uint32_t last = 0;
    for (const std::uint32_t g : granules) {
        w.varint(g - last);
        last = g;
    }
}

void put_operation(ByteWriter& w, OperationGranules& from, std::uint32_t all, std::string& longest) {
    std::sort(from.begin(), from.end(), [](const OperationGranule& a, const OperationGranule& b) {
        return a.granule != b.granule ? a.granule < b.granule : a.longest > b.longest;
    });
    Postings granules;
    for (const OperationGranule& one : from) {
        if (!granules.empty() && granules.back() == one.granule) continue;
        granules.push_back(one.granule);
        longest.push_back(static_cast<char>(one.longest));
    }
    put_postings(w, granules, all);
}

std::uint32_t number_of(std::unordered_map<std::string, std::uint32_t>& numbers, std::vector<std::string>& all,
                        std::string_view bytes) {
    const auto [at, created] = numbers.try_emplace(std::string(bytes), static_cast<std::uint32_t>(all.size()));
    if (created) all.emplace_back(bytes);
    return at->second;
}

}  // namespace

bool PostingsView::read(ByteReader& in, std::uint32_t all) {
    all_ = all;
    count_ = static_cast<std::uint32_t>(in.bounded(all));
    if (!in.ok()) return false;
    if (count_ == all_) return true;
    if (is_dense()) {
        bytes_ = in.bytes((all + 7) / 8);
        std::uint32_t found = 0;
        if (in.ok()) each([&](std::uint32_t) { ++found; });
        return in.ok() && found == count_;
    }
    const std::string_view rest = in.rest();
    std::uint64_t last = 0;
    for (std::uint32_t i = 0; i < count_ && in.ok(); ++i) {
        last += in.bounded(all);
        if (last >= all) return false;
    }
    bytes_ = rest.substr(0, rest.size() - in.remaining());
    return in.ok();
}

std::uint32_t DirectoryWriter::scope(std::string_view bytes) {
    return number_of(scopes_, scope_bytes_, bytes);
}

std::uint32_t DirectoryWriter::operation(const CatalogOperation& operation, std::uint32_t scope) {
    std::string bytes;
    ByteWriter w(bytes);
    w.string(operation.service);
    w.string(operation.name);
    w.signed_varint(static_cast<std::int32_t>(operation.kind));
    w.signed_varint(static_cast<std::int32_t>(operation.status));
    w.varint(scope);
    const std::uint32_t number = number_of(operations_, operation_bytes_, bytes);
    operation_granules_.resize(operation_bytes_.size());
    return number;
}

std::uint32_t DirectoryWriter::resource(std::string_view bytes, std::string_view service) {
    std::string all;
    ByteWriter w(all);
    w.string(service);
    w.string(bytes);
    const std::uint32_t number = number_of(resources_, resource_bytes_, all);
    resource_granules_.resize(resource_bytes_.size());
    return number;
}

void DirectoryWriter::encode(std::uint32_t granules, unsigned value_shift, std::string& out, std::string& longest) {
    ByteWriter w(out);
    w.varint(value_shift);
    w.varint(scope_bytes_.size());
    for (const std::string& bytes : scope_bytes_) w.string(bytes);
    w.varint(operation_bytes_.size());
    for (std::size_t i = 0; i < operation_bytes_.size(); ++i) {
        w.bytes(operation_bytes_[i]);
        put_operation(w, operation_granules_[i], granules, longest);
    }
    w.varint(resource_bytes_.size());
    for (std::size_t i = 0; i < resource_bytes_.size(); ++i) {
        w.bytes(resource_bytes_[i]);
        Postings& in = resource_granules_[i];
        std::sort(in.begin(), in.end());
        in.erase(std::unique(in.begin(), in.end()), in.end());
        put_postings(w, in, granules);
    }
}

std::shared_ptr<const LongestSpans> LongestSpans::decode(std::string bytes, const Directory& of) {
    auto out = std::make_shared<LongestSpans>();
    out->first_.push_back(0);
    for (const auto& entry : of.operations) out->first_.push_back(out->first_.back() + entry.granules.count());
    if (out->first_.back() != bytes.size()) return nullptr;
    out->buckets_ = std::move(bytes);
    return out;
}

std::size_t LongestSpans::bytes() const {
    return sizeof(LongestSpans) + buckets_.capacity() + first_.capacity() * sizeof(std::size_t);
}

std::shared_ptr<Directory> Directory::decode(std::string bytes, std::uint32_t granules) {
    auto directory = std::make_shared<Directory>();
    directory->text_ = std::move(bytes);
    if (!directory->parse(granules)) return nullptr;
    return directory;
}

void Directory::set_values(HashPages pages) {
    values = std::move(pages);
    bytes_ += values.pages.capacity() * sizeof(HashPage);
}

bool Directory::parse(std::uint32_t granules) {
    ByteReader in(text_);
    value_shift = static_cast<unsigned>(in.bounded(31));
    encoded_scopes.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    scopes.resize(encoded_scopes.size());
    for (std::size_t i = 0; i < scopes.size(); ++i) {
        encoded_scopes[i] = in.string();
        if (!decode_scope(encoded_scopes[i], objects_, scopes[i])) return false;
    }
    operations.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    std::size_t total = 0;
    std::unordered_map<std::string_view, std::size_t> known;
    std::uint32_t number = 0;
    for (auto& [operation, postings] : operations) {
        operation.service = in.string();
        operation.name = in.string();
        operation.kind = static_cast<model::SpanKind>(static_cast<std::int32_t>(in.signed_varint()));
        operation.status = static_cast<model::StatusCode>(static_cast<std::int32_t>(in.signed_varint()));
        operation.scope = static_cast<std::uint32_t>(in.varint());
        if (!in.ok() || operation.scope >= scopes.size() || !postings.read(in, granules)) return false;
        const auto [at, created] = known.try_emplace(operation.service, services.size());
        if (created) services.push_back({operation.service, {}});
        services[at->second].operations.push_back(number++);
        total += sizeof(OperationEntry) + 2 * sizeof(std::uint32_t);
    }
    resources.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    for (auto& [resource, encoded, postings] : resources) {
        resource.service = in.string();
        encoded = in.string();
        if (!in.ok() || !decode_resource(encoded, objects_, resource.resource)) return false;
        if (!postings.read(in, granules)) return false;
        total += sizeof(ResourceEntry) + 512;
    }
    bytes_ = text_.size() + objects_.copied_bytes() + total + scopes.size() * (sizeof(model::Scope) + 256);
    return in.ok() && in.remaining() == 0;
}

}  // namespace skua::store::embedded
