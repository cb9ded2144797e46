// SPDX-License-Identifier: Apache-2.0
// q.each(n), q.find_in_batches(n, fn): many rows, so many of them in memory.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <skua/orm/query.hpp>

namespace skua::orm {

// q.each(n): an input range of result<T>.
template <class T>
class batches {
public:
    batches(query<T> base, std::size_t size, location at) : base_(std::move(base)), size_(size), at_(at) {}

    class iterator {
    public:
        explicit iterator(batches* of) : of_(of) {}
        result<T>& operator*() const { return of_->present_; }
        iterator& operator++() {
            of_->step();
            return *this;
        }
        [[nodiscard]] bool over() const noexcept { return of_->over_; }
        friend bool operator==(const iterator& i, std::nullptr_t) noexcept { return i.over(); }

    private:
        batches* of_;
    };
    // Once: the range is used up.
    [[nodiscard]] iterator begin() {
        step();
        return iterator(this);
    }
    [[nodiscard]] std::nullptr_t end() const noexcept { return nullptr; }

    // The next batch; empty: no more.
    result<std::vector<T>> next() {
        if (done_) return std::vector<T>();
        ast::query asked;
        SKUA_TRY(detail::next_batch(base_.ast_, cursor_, size_, asked));
        if (asked.limit == 0) return std::vector<T>();
        result<std::vector<T>> out{detail::later()};
        out.came(detail::find_rows(base_.on_, asked, {detail::row_kind_of<T>, out.room()}, "find_in_batches", at_));
        if (!out || out->empty()) return out;
        detail::advance(cursor_, base_.ast_, &out->back(), out->size());
        done_ = out->size() < size_ || cursor_.left == 0;
        return out;
    }

private:
    void step() {
        if (rows_.size() == used_) {
            used_ = 0;
            rows_.clear();
            auto more = failed_ ? result<std::vector<T>>(std::vector<T>()) : next();
            if (!more) {
                failed_ = true;
                present_ = std::move(more.error());
                return;
            }
            rows_ = std::move(*more);
            over_ = rows_.empty();
            if (over_) return;
        }
        present_ = std::move(rows_[used_++]);
    }
    query<T> base_;
    std::size_t size_;
    location at_;
    detail::batch_cursor cursor_;
    std::vector<T> rows_;
    std::size_t used_ = 0;
    result<T> present_{detail::in_place()};
    bool over_ = false, failed_ = false, done_ = false;
};

template <class T>
template <class F>
result<done> query<T>::find_in_batches(std::size_t batch, F&& fn, location at) const {
    batches<T> all = each(batch, at);
    done total;
    for (;;) {
        auto rows = all.next();
        if (!rows) return std::move(rows.error());
        if (rows->empty()) return total;
        total.rows_affected += static_cast<std::int64_t>(rows->size());
        SKUA_TRY(fn(*rows));
    }
}

}  // namespace skua::orm
