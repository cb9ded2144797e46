// SPDX-License-Identifier: Apache-2.0
#include "query/json_input.h"

#include "query/go_syntax.h"

#include <algorithm>
#include <optional>

#include <fmt/core.h>
#include <simdjson.h>

namespace skua::query {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using store::Field;
using store::FieldType;
using store::Filter;
using store::Level;
using store::Literal;
using store::Op;
using store::Reference;

constexpr std::size_t kMaxBytes = std::size_t{256} << 10;
constexpr int kMaxDepth = 32;

base::Error invalid(std::string message) {
    return {base::Code::kInvalidArgument, std::move(message)};
}

// Go's names of JSON's kinds in its "cannot unmarshal" errors.
std::string_view kind_of(const element& value) {
    switch (value.type()) {
        case element_type::ARRAY:
            return "array";
        case element_type::OBJECT:
            return "object";
        case element_type::STRING:
            return "string";
        case element_type::BOOL:
            return "bool";
        case element_type::NULL_VALUE:
            return "null";
        default:
            return "number";
    }
}

// Go's words where the first character says it all, the parser's otherwise.
base::Error syntax_error(std::string_view json, simdjson::error_code code) {
    const std::size_t first = json.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return invalid("unexpected end of JSON input");
    const char c = json[first];
    constexpr std::string_view kStarts = "{[\"-0123456789tfn";
    if (kStarts.find(c) == std::string_view::npos) {
        return invalid(fmt::format("invalid character '{}' looking for beginning of value", c));
    }
    const bool cut = code == simdjson::UNCLOSED_STRING ||
                     ((c == '{' || c == '[') && json.find_last_of("}]") == std::string_view::npos);
    return invalid(cut ? "unexpected end of JSON input" : simdjson::error_message(code));
}

base::Result<element> parse(simdjson::dom::parser& parser, std::string_view json) {
    if (json.size() > kMaxBytes)
        return invalid(fmt::format("JSON of {} bytes; want at most {}", json.size(), kMaxBytes));
    element root;
    const auto code = parser.parse(simdjson::padded_string(json)).get(root);
    if (code != simdjson::SUCCESS) return syntax_error(json, code);
    return root;
}

class FilterReader {
public:
    static base::Result<Filter> call(const element& json, int depth) {
        if (depth > kMaxDepth)
            return invalid(fmt::format("filter is nested too deep; want at most {} levels", kMaxDepth));
        SKUA_RETURN_IF_ERROR(only(json, "call", {"op", "args"}));
        SKUA_ASSIGN_OR_RETURN(const std::string name, string_of(json, "op"));
        const Op* op = store::op_from(name);
        if (op == nullptr) return invalid(fmt::format("filter has an unknown op; got '{}'", name));
        std::vector<element> args;
        element list;
        if (json["args"].get(list) == simdjson::SUCCESS) {
            if (!list.is_array()) return invalid(fmt::format("filter call '{}' has args that are no list", name));
            for (const element arg : list.get_array()) args.push_back(arg);
        }
        switch (*op) {
            case Op::kAnd:
            case Op::kOr:
            case Op::kNot:
                return tree(*op, args, depth);
            case Op::kSome:
                return some(args, depth);
            default:
                return leaf(*op, args);
        }
    }

private:
    // One member of an operand's oneof, and what it holds.
    struct Operand {
        std::string_view kind;  // "attr" "field" "nested" "scalar" "list" "call"
        element body;
    };

    static base::Result<Operand> operand(const element& json) {
        if (!json.is_object())
            return invalid(fmt::format("filter has an operand that is no object; got {}", kind_of(json)));
        std::optional<Operand> found;
        for (const auto field : json.get_object()) {
            constexpr std::string_view kKinds[] = {"attr", "field", "nested", "scalar", "list", "call"};
            const auto* known = std::find(std::begin(kKinds), std::end(kKinds), field.key);
            if (known == std::end(kKinds))
                return invalid(fmt::format("filter has an unknown operand; got '{}'", field.key));
            if (found)
                return invalid(fmt::format("filter has an operand that is both '{}' and '{}'", found->kind, *known));
            if (!field.value.is_object()) return invalid(fmt::format("filter operand '{}' is no object", *known));
            found = Operand{*known, field.value};
        }
        if (!found) return invalid("filter has an empty operand");
        return *found;
    }

    // Refuses names that are not ours: a misspelt "lvel" must not widen a search.
    static base::Status only(const element& json, std::string_view what,
                             std::initializer_list<std::string_view> names) {
        if (!json.is_object()) return invalid(fmt::format("filter {} is no object; got {}", what, kind_of(json)));
        for (const auto field : json.get_object()) {
            if (std::find(names.begin(), names.end(), field.key) == names.end()) {
                return invalid(fmt::format("filter {} has an unknown field; got '{}'", what, field.key));
            }
        }
        return {};
    }

    // "" when absent, as proto3 has it.
    static base::Result<std::string> string_of(const element& json, std::string_view name) {
        element value;
        if (json[name].get(value) != simdjson::SUCCESS) return std::string();
        std::string_view text;
        if (value.get(text) != simdjson::SUCCESS)
            return invalid(fmt::format("filter field '{}' is no string; got {}", name, kind_of(value)));
        return std::string(text);
    }

    static base::Result<Level> level_of(const element& json) {
        SKUA_ASSIGN_OR_RETURN(const std::string name, string_of(json, "level"));
        const Level* level = store::level_from(name);
        if (level == nullptr) return invalid(fmt::format("filter names an unknown level; got '{}'", name));
        return *level;
    }

    static base::Result<Filter> child(const element& json, int depth) {
        SKUA_ASSIGN_OR_RETURN(const Operand arg, operand(json));
        if (arg.kind != "call") return invalid(fmt::format("filter wants a predicate; got '{}'", arg.kind));
        return call(arg.body, depth + 1);
    }

    static base::Result<Filter> tree(Op op, const std::vector<element>& args, int depth) {
        Filter filter;
        filter.op = op;
        if (args.empty()) return invalid(fmt::format("filter call '{}' has no predicates", store::to_string(op)));
        for (const element& arg : args) {
            SKUA_ASSIGN_OR_RETURN(Filter made, child(arg, depth));
            filter.children.push_back(std::move(made));
        }
        return filter;
    }

    static base::Result<Filter> some(const std::vector<element>& args, int depth) {
        if (args.size() != 2) return invalid("filter call 'some' takes one collection and one predicate");
        SKUA_ASSIGN_OR_RETURN(const Operand collection, operand(args[0]));
        if (collection.kind != "nested") return invalid("filter call 'some' takes the collection event or link");
        SKUA_RETURN_IF_ERROR(only(collection.body, "operand 'nested'", {"level"}));
        SKUA_ASSIGN_OR_RETURN(const Level level, level_of(collection.body));
        SKUA_ASSIGN_OR_RETURN(Filter predicate, child(args[1], depth));
        return Filter::some(level, std::move(predicate));
    }

    static base::Result<Reference> reference(const Operand& arg) {
        if (arg.kind == "attr") {
            SKUA_RETURN_IF_ERROR(only(arg.body, "operand 'attr'", {"key", "level"}));
            SKUA_ASSIGN_OR_RETURN(const Level level, level_of(arg.body));
            SKUA_ASSIGN_OR_RETURN(std::string key, string_of(arg.body, "key"));
            return store::attribute(level, std::move(key));
        }
        SKUA_RETURN_IF_ERROR(only(arg.body, "operand 'field'", {"name", "level"}));
        SKUA_ASSIGN_OR_RETURN(const Level level, level_of(arg.body));
        SKUA_ASSIGN_OR_RETURN(const std::string name, string_of(arg.body, "name"));
        SKUA_ASSIGN_OR_RETURN(const Field field, store::field_from(level, name));
        return store::field(level, field);
    }

    // The type comes from the field where there is one, from the hint otherwise.
    static base::Result<Literal> literal(const Reference& ref, const std::string& value, const std::string& type) {
        if (ref.field != Field::kAttribute && store::field_type(ref.field) == FieldType::kNanos) {
            if (!type.empty() && type != "string") {
                return invalid(fmt::format("filter compares field '{}' with a scalar of type '{}'",
                                           store::to_string(ref.field), type));
            }
            if (ref.field == Field::kDuration || ref.field == Field::kTimeSinceStart) {
                SKUA_ASSIGN_OR_RETURN(const std::int64_t ns, parse_duration(value));
                return store::nanos(ns);
            }
            SKUA_ASSIGN_OR_RETURN(const std::uint64_t ns, parse_rfc3339(value));
            return store::nanos(static_cast<std::int64_t>(std::min<std::uint64_t>(ns, INT64_MAX)));
        }
        if (type.empty()) return store::untyped(value);
        if (type == "string") return store::text(value);
        if (type == "int") {
            SKUA_ASSIGN_OR_RETURN(const std::int64_t number, parse_int(value));
            return store::integer(number);
        }
        if (type == "double") {
            SKUA_ASSIGN_OR_RETURN(const double number, parse_float(value));
            return store::number(number);
        }
        if (type == "bool") {
            SKUA_ASSIGN_OR_RETURN(const bool flag, parse_bool(value));
            return store::boolean(flag);
        }
        return invalid(fmt::format("filter has a scalar of unknown type; got '{}'", type));
    }

    static Op mirrored(Op op) {
        switch (op) {
            case Op::kGt:
                return Op::kLt;
            case Op::kLt:
                return Op::kGt;
            case Op::kGte:
                return Op::kLte;
            case Op::kLte:
                return Op::kGte;
            default:
                return op;
        }
    }

    static bool is_reference(const Operand& arg) { return arg.kind == "attr" || arg.kind == "field"; }

    static base::Result<Filter> leaf(Op op, const std::vector<element>& args) {
        const std::string_view name = store::to_string(op);
        const bool list = op == Op::kIn || op == Op::kNotIn;
        if (args.size() != (op == Op::kExists ? 1U : 2U)) {
            return invalid(fmt::format("filter call '{}' takes {}", name,
                                       op == Op::kExists ? "a reference only"
                                       : list            ? "a reference and a list"
                                                         : "a reference and one value"));
        }
        SKUA_ASSIGN_OR_RETURN(Operand left, operand(args[0]));
        Filter filter;
        filter.op = op;
        if (op == Op::kExists) {
            if (!is_reference(left)) return invalid("filter call 'exists' takes a reference only");
            SKUA_ASSIGN_OR_RETURN(filter.reference, reference(left));
            return filter;
        }
        SKUA_ASSIGN_OR_RETURN(Operand right, operand(args[1]));
        if (!is_reference(left) && is_reference(right) && op != Op::kRegex && !list) {
            std::swap(left, right);
            filter.op = mirrored(op);
        }
        if (!is_reference(left) || right.kind != (list ? "list" : "scalar")) {
            return invalid(fmt::format("filter call '{}' compares a reference with a {}; got '{}' and '{}'", name,
                                       list ? "list" : "scalar", left.kind, right.kind));
        }
        SKUA_ASSIGN_OR_RETURN(filter.reference, reference(left));
        SKUA_RETURN_IF_ERROR(
            only(right.body, list ? "operand 'list'" : "operand 'scalar'", {list ? "values" : "value", "type"}));
        SKUA_ASSIGN_OR_RETURN(const std::string type, string_of(right.body, "type"));
        if (!list) {
            SKUA_ASSIGN_OR_RETURN(const std::string value, string_of(right.body, "value"));
            SKUA_ASSIGN_OR_RETURN(Literal made, literal(filter.reference, value, type));
            filter.literals.push_back(std::move(made));
            return filter;
        }
        element values;
        if (right.body["values"].get(values) != simdjson::SUCCESS) return filter;
        if (!values.is_array()) return invalid("filter field 'values' is no list");
        for (const element value : values.get_array()) {
            std::string_view text;
            if (value.get(text) != simdjson::SUCCESS)
                return invalid(fmt::format("filter field 'values' holds a {}; want strings", kind_of(value)));
            SKUA_ASSIGN_OR_RETURN(Literal made, literal(filter.reference, std::string(text), type));
            filter.literals.push_back(std::move(made));
        }
        return filter;
    }
};

}  // namespace

base::Result<std::vector<std::pair<std::string, std::string>>> parse_string_map(std::string_view json) {
    simdjson::dom::parser parser;
    SKUA_ASSIGN_OR_RETURN(const element root, parse(parser, json));
    std::vector<std::pair<std::string, std::string>> map;
    if (root.is_null()) return map;
    if (!root.is_object())
        return invalid(fmt::format("json: cannot unmarshal {} into Go value of type map[string]string", kind_of(root)));
    for (const auto field : root.get_object()) {
        std::string_view text;
        if (!field.value.is_null() && field.value.get(text) != simdjson::SUCCESS) {
            return invalid(fmt::format("json: cannot unmarshal {} into Go value of type string", kind_of(field.value)));
        }
        map.emplace_back(field.key, text);
    }
    return map;
}

base::Result<store::Filter> parse_filter(std::string_view json) {
    simdjson::dom::parser parser;
    SKUA_ASSIGN_OR_RETURN(const element root, parse(parser, json));
    SKUA_ASSIGN_OR_RETURN(Filter filter, FilterReader::call(root, 1));
    SKUA_RETURN_IF_ERROR(store::validate(filter));
    return filter;
}

}  // namespace skua::query
