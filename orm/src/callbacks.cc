// SPDX-License-Identifier: Apache-2.0
// Orders and runs callbacks. The rules are gorm's, with their oddities: see callbacks.hpp.
#include "chain.h"
#include "core.h"

#include <algorithm>

namespace skua::orm {
namespace detail {
namespace {

struct rule {
    std::string name, before, after;
};

class sorter {
public:
    explicit sorter(std::vector<rule> rules) : rules_(std::move(rules)) {
        // Those that are first or last of all come after the others; by insertion, since the order is not a strict one.
        const auto goes_first = [](const rule& a, const rule& b) {
            return (b.before == "*" && a.before != "*") || (b.after == "*" && a.after != "*");
        };
        for (std::size_t i = 1; i < rules_.size(); ++i)
            for (std::size_t k = i; k > 0 && goes_first(rules_[k], rules_[k - 1]); --k)
                std::swap(rules_[k], rules_[k - 1]);
    }

    result<std::vector<std::string>> run() {
        for (std::size_t i = 0; i < rules_.size(); ++i) SKUA_TRY(place(i));
        return std::move(sorted_);
    }

private:
    static constexpr int npos = -1;
    int sorted_at(const std::string& name) const {
        for (std::size_t i = sorted_.size(); i-- > 0;)
            if (sorted_[i] == name) return static_cast<int>(i);
        return npos;
    }
    int rule_of(const std::string& name) const {
        for (std::size_t i = rules_.size(); i-- > 0;)
            if (rules_[i].name == name) return static_cast<int>(i);
        return npos;
    }
    static status conflict(const rule& r) {
        return fail(errc::conflicting_callbacks, "conflicting callbacks: \"" + r.name + "\" cannot run before \"" +
                                                     r.before + "\" and after \"" + r.after + "\"");
    }

    status place(std::size_t index) {
        // Rules that lead in a circle.
        if (++depth_ > 2 * rules_.size() + 2) return conflict(rules_[index]);
        status s = place_before(index);
        if (s) s = place_after(index);
        --depth_;
        if (s && sorted_at(rules_[index].name) == npos) sorted_.push_back(rules_[index].name);
        return s;
    }
    status place_before(std::size_t index) {
        const rule& r = rules_[index];
        if (r.before.empty()) return ok;
        const int mine = sorted_at(r.name);
        if (r.before == "*" && !sorted_.empty()) {
            if (mine == npos) sorted_.insert(sorted_.begin(), r.name);
            return ok;
        }
        const int other = sorted_at(r.before);
        if (other != npos) {
            if (mine == npos)
                sorted_.insert(sorted_.begin() + other, r.name);
            else if (mine > other)
                return conflict(r);
            return ok;
        }
        const int later = rule_of(r.before);
        if (later != npos) rules_[static_cast<std::size_t>(later)].after = r.name;
        return ok;
    }
    status place_after(std::size_t index) {
        const rule r = rules_[index];
        if (r.after.empty()) return ok;
        const int mine = sorted_at(r.name);
        if (r.after == "*" && !sorted_.empty()) {
            if (mine == npos) sorted_.push_back(r.name);
            return ok;
        }
        const int other = sorted_at(r.after);
        if (other != npos) {
            if (mine == npos)
                sorted_.push_back(r.name);
            else if (mine < other)
                return conflict(r);
            return ok;
        }
        const int first = rule_of(r.after);
        if (first == npos) return ok;
        rule& must_be_first = rules_[static_cast<std::size_t>(first)];
        if (must_be_first.before.empty()) must_be_first.before = r.name;
        SKUA_TRY(place(static_cast<std::size_t>(first)));
        return place(index);
    }

    std::vector<rule> rules_;
    std::vector<std::string> sorted_;
    std::size_t depth_ = 0;
};

result<std::unique_ptr<chain>> compile(const processor_state& state) {
    std::vector<rule> rules;
    for (const registration& r : state.callbacks) rules.push_back({r.name, r.before, r.after});
    auto order = sorter(std::move(rules)).run();
    if (!order) return std::move(order.error());
    auto made = std::make_unique<chain>();
    for (const std::string& name : *order) {
        // The last of a name wins, at the first one's place.
        const auto last = std::find_if(state.callbacks.rbegin(), state.callbacks.rend(),
                                       [&](const auto& r) { return r.name == name; });
        chain_link link{name, last->fn, {}, last->always};
        for (auto a = state.arounds.rbegin(); a != state.arounds.rend(); ++a)
            if (a->which == name) link.arounds.push_back(a->fn);
        made->user = made->user || !last->built_in || !link.arounds.empty();
        made->links.push_back(std::move(link));
        if (last->direct) made->direct.push_back({{}, last->direct, last->always});
    }
    for (auto a = state.arounds.rbegin(); a != state.arounds.rend(); ++a)
        if (a->which == "*") made->whole.arounds.push_back(a->fn);
    made->user = made->user || !made->whole.arounds.empty();
    made->whole.fn = [c = made.get()](statement& run) -> status {
        run_links(*c, run);
        return run.outcome_;
    };
    return made;
}

// REQUIRES: the core's mutex.
status publish(database_core& core, processor_state& state) {
    auto made = compile(state);
    if (!made) return std::move(made.error());
    state.compiled.store(made->get(), std::memory_order_release);
    core.chains.push_back(std::move(*made));
    return ok;
}

registration* find(processor_state& state, const std::string& name) {
    const auto at =
        std::find_if(state.callbacks.rbegin(), state.callbacks.rend(), [&](const auto& r) { return r.name == name; });
    return at == state.callbacks.rend() ? nullptr : &*at;
}

status nothing(statement&) {
    return ok;
}

status unknown(std::string_view name) {
    return fail(errc::invalid_value, "there is no callback named \"" + std::string(name) + "\"");
}

}  // namespace

std::string callback_name(std::string_view name) {
    if (name.starts_with("gorm:")) return "orm:" + std::string(name.substr(5));
    return std::string(name);
}

void run_links(const chain& c, statement& run) {
    for (const chain_link& link : c.links) {
        if (!run.outcome_ && !link.always) continue;
        status s = link.arounds.empty() ? link.fn(run) : next(link, 0)(run);
        if (!s && run.outcome_) run.outcome_ = std::move(s);
    }
}

void run_chain(const chain& c, statement& run) {
    if (!c.user) {
        for (const built_in& b : c.direct) {
            if (!run.outcome_ && !b.always) continue;
            status s = b.fn(run);
            if (!s && run.outcome_) run.outcome_ = std::move(s);
        }
        return;
    }
    if (c.whole.arounds.empty()) return run_links(c, run);
    status s = next(c.whole, 0)(run);
    if (!s && run.outcome_) run.outcome_ = std::move(s);
}

const chain& chain_of(const database_core& core, processor_kind kind) {
    return *core.processors[static_cast<std::size_t>(kind)].compiled.load(std::memory_order_acquire);
}

void register_built_ins(database_core& core) {
    const std::lock_guard lock(core.mutex);
    for (std::size_t kind = 0; kind < 6; ++kind) {
        processor_state& state = core.processors[kind];
        for (const built_in& b : built_ins(static_cast<processor_kind>(kind)))
            state.callbacks.push_back({std::string(b.name), {}, {}, b.fn ? b.fn : nothing, true, b.always, b.fn});
        static_cast<void>(publish(core, state));  // the built-ins have no rules that could contradict
    }
}

}  // namespace detail

status next::operator()(statement& run) const {
    if (depth_ == link_.arounds.size()) return link_.fn(run);
    return link_.arounds[depth_](run, next(link_, depth_ + 1));
}

processor processor::before(std::string_view name) const {
    processor made = *this;
    made.before_ = detail::callback_name(name);
    return made;
}
processor processor::after(std::string_view name) const {
    processor made = *this;
    made.after_ = detail::callback_name(name);
    return made;
}

status processor::add(std::string_view name, callback fn) const {
    const std::lock_guard lock(core_->mutex);
    auto& state = core_->processors[static_cast<std::size_t>(kind_)];
    const bool twice = detail::find(state, detail::callback_name(name));
    state.callbacks.push_back({detail::callback_name(name), before_, after_, std::move(fn), false, false, nullptr});
    status s = detail::publish(*core_, state);
    if (!s) {
        state.callbacks.pop_back();
        return s;
    }
    if (twice && core_->log->threshold() >= level::warn) {
        const std::string text = "callback \"" + std::string(name) + "\" is registered twice; the later one runs";
        log_record record;
        record.severity = level::warn;
        record.message = text;
        core_->log->write(record);
    }
    return ok;
}

status processor::around(std::string_view which, std::string_view name, around_callback fn) const {
    const std::lock_guard lock(core_->mutex);
    auto& state = core_->processors[static_cast<std::size_t>(kind_)];
    const std::string target = detail::callback_name(which);
    if (target != "*" && !detail::find(state, target)) return detail::unknown(which);
    state.arounds.push_back({target, detail::callback_name(name), std::move(fn)});
    return detail::publish(*core_, state);
}

status processor::replace(std::string_view name, callback fn) const {
    const std::lock_guard lock(core_->mutex);
    auto& state = core_->processors[static_cast<std::size_t>(kind_)];
    detail::registration* r = detail::find(state, detail::callback_name(name));
    if (!r) return detail::unknown(name);
    r->fn = std::move(fn);
    r->built_in = false;
    r->direct = nullptr;
    return detail::publish(*core_, state);
}

status processor::erase(std::string_view name) const {
    const std::lock_guard lock(core_->mutex);
    auto& state = core_->processors[static_cast<std::size_t>(kind_)];
    const std::string wanted = detail::callback_name(name);
    const std::size_t gone = std::erase_if(state.callbacks, [&](const auto& r) { return r.name == wanted; }) +
                             std::erase_if(state.arounds, [&](const auto& r) { return r.name == wanted; });
    return gone ? detail::publish(*core_, state) : detail::unknown(name);
}

callback processor::get(std::string_view name) const {
    const std::lock_guard lock(core_->mutex);
    const detail::registration* r =
        detail::find(core_->processors[static_cast<std::size_t>(kind_)], detail::callback_name(name));
    return r ? r->fn : callback();
}

std::vector<std::string> processor::names() const {
    std::vector<std::string> names;
    for (const detail::chain_link& link : detail::chain_of(*core_, kind_).links) names.push_back(link.name);
    return names;
}

}  // namespace skua::orm
