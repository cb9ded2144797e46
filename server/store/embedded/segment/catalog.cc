// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/catalog.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/span_codec.h"

#include <limits>
#include <unordered_set>

namespace skua::store::embedded {

std::uint32_t CatalogWriter::field(const FieldKey& key) {
    ByteWriter w(fields_out_);
    w.u8(static_cast<std::uint8_t>(key.special));
    w.u8(static_cast<std::uint8_t>(key.type));
    w.string(key.key);
    return fields_++;
}

std::uint32_t CatalogWriter::scope(std::string_view bytes) {
    ByteWriter(scopes_out_).string(bytes);
    return scopes_++;
}

std::uint32_t CatalogWriter::resource(std::string_view bytes, std::string_view service) {
    ByteWriter w(resources_out_);
    w.string(service);
    w.string(bytes);
    return resources_++;
}

std::uint32_t CatalogWriter::operation(std::string_view service, std::string_view name, const Operation& key,
                                       std::uint32_t scope) {
    ByteWriter w(operations_out_);
    w.string(service);
    w.string(name);
    w.signed_varint(static_cast<std::int32_t>(key.kind));
    w.signed_varint(static_cast<std::int32_t>(key.status));
    w.varint(scope);
    return operations_++;
}

std::uint32_t CatalogWriter::shape(const Shape& shape, const std::vector<Storage>& storages) {
    ByteWriter w(shapes_out_);
    w.varint(shape.operation);
    w.varint(shape.fields.size());
    for (std::size_t i = 0; i < shape.fields.size(); ++i) {
        const ShapeField& f = shape.fields[i];
        w.varint(std::uint64_t{f.field} << 1 | (f.varies ? 1 : 0));
        if (!f.varies && storages[i] != Storage::kNothing)
            w.varint(storages[i] == Storage::kLong ? zigzag(static_cast<std::int64_t>(f.constant)) : f.constant);
    }
    return shapes_++;
}

void CatalogWriter::encode(std::string& out) const {
    ByteWriter w(out);
    const auto part = [&](std::uint32_t count, const std::string& bytes) {
        w.varint(count);
        w.bytes(bytes);
    };
    part(fields_, fields_out_);
    part(scopes_, scopes_out_);
    part(resources_, resources_out_);
    part(operations_, operations_out_);
    part(shapes_, shapes_out_);
}

std::shared_ptr<const Catalog> Catalog::decode(std::string bytes, StringBlocks strings) {
    auto catalog = std::make_shared<Catalog>();
    catalog->text_ = std::move(bytes);
    catalog->strings = std::move(strings);
    if (!catalog->parse()) return nullptr;
    return catalog;
}

bool Catalog::parse() {
    ByteReader in(text_);
    // Every element takes at least a byte.
    fields.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    for (FieldKey& f : fields) {
        const std::uint8_t special = in.u8();
        const std::uint8_t type = in.u8();
        if (special >= kSpecialsCount || type > static_cast<std::uint8_t>(model::ValueType::kOpaque)) return false;
        f = {static_cast<Special>(special), static_cast<model::ValueType>(type), in.string()};
        if (!in.ok()) return false;
    }
    scopes.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    for (model::Scope& s : scopes) {
        if (!decode_scope(in.string(), objects_, s)) return false;
    }
    resources.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    for (CatalogResource& r : resources) {
        r.service = in.string();
        if (!decode_resource(in.string(), objects_, r.resource)) return false;
    }
    operations.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    std::unordered_set<std::string_view> known;
    for (CatalogOperation& o : operations) {
        o.service = in.string();
        if (known.insert(o.service).second) services.push_back(o.service);
        o.name = in.string();
        o.kind = static_cast<model::SpanKind>(static_cast<std::int32_t>(in.signed_varint()));
        o.status = static_cast<model::StatusCode>(static_cast<std::int32_t>(in.signed_varint()));
        o.scope = static_cast<std::uint32_t>(in.varint());
        if (!in.ok() || o.scope >= scopes.size()) return false;
    }
    shapes.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    std::size_t shape_bytes = 0;
    for (Shape& s : shapes) {
        s.operation = static_cast<std::uint32_t>(in.varint());
        s.fields.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
        if (!in.ok() || s.operation >= operations.size()) return false;
        for (ShapeField& f : s.fields) {
            const std::uint64_t tag = in.varint();
            if (!in.ok() || tag >> 1 >= fields.size()) return false;
            f.varies = (tag & 1) != 0;
            f.field = static_cast<std::uint32_t>(tag >> 1);
            const Storage storage = fields[f.field].storage();
            if (fields[f.field].special == Special::kNone) ++s.attributes;
            if (f.varies || storage == Storage::kNothing) continue;
            f.constant = in.varint();
            if (storage == Storage::kLong) f.constant = static_cast<std::uint64_t>(unzigzag(f.constant));
            if (storage == Storage::kText && f.constant >= strings.count) return false;
        }
        shape_bytes += sizeof(Shape) + s.fields.capacity() * sizeof(ShapeField);
    }
    bytes_ = text_.size() + objects_.copied_bytes() + fields.size() * sizeof(FieldKey) +
             scopes.size() * (sizeof(model::Scope) + 256) + resources.size() * (sizeof(CatalogResource) + 1024) +
             operations.size() * sizeof(CatalogOperation) + shape_bytes + strings.blocks.size() * sizeof(StringBlock);
    return in.ok() && in.remaining() == 0;
}

}  // namespace skua::store::embedded
