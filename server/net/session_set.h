// SPDX-License-Identifier: Apache-2.0
// Internal to net/: the live connections of a door, and the wait for their end. Session has finish() (ends when idle)
// and cut() (ends now), both for any thread, is held by shared_ptr, and calls remove(this) in its destructor.
// Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace skua::net {

template <typename Session>
class SessionSet {
public:
    enum class Room : unsigned char { kTaken, kFull, kStopping };

    // `make` returns the session as shared_ptr, or is not called.
    template <typename Make>
    Room add(std::size_t sessions_max, const Make& make, std::shared_ptr<Session>& made) {
        const std::lock_guard lock(mutex_);
        if (is_stopping_) return Room::kStopping;
        if (sessions_.size() >= sessions_max) return Room::kFull;
        made = make();
        sessions_.insert(made.get());
        return Room::kTaken;
    }
    void remove(Session* session) {
        const std::lock_guard lock(mutex_);
        sessions_.erase(session);
        // Under the lock: whoever waits may go as soon as it sees the set empty.
        if (sessions_.empty()) all_gone_.notify_all();
    }
    // Takes no more, asks all to finish, waits; cuts the rest after `grace` and returns false then.
    bool stop(std::chrono::milliseconds grace) {
        {
            const std::lock_guard lock(mutex_);
            is_stopping_ = true;
        }
        for (const auto& session : alive()) session->finish();
        {
            std::unique_lock lock(mutex_);
            if (all_gone_.wait_for(lock, grace, [this] { return sessions_.empty(); })) return true;
        }
        for (const auto& session : alive()) session->cut();
        return false;
    }
    void wait() {
        std::unique_lock lock(mutex_);
        all_gone_.wait(lock, [this] { return sessions_.empty(); });
    }

private:
    std::vector<std::shared_ptr<Session>> alive() {
        std::vector<std::shared_ptr<Session>> out;
        const std::lock_guard lock(mutex_);
        for (Session* session : sessions_) {
            if (auto held = session->weak_from_this().lock()) out.push_back(std::move(held));
        }
        return out;
    }

    std::mutex mutex_;
    std::condition_variable all_gone_;
    bool is_stopping_ = false;
    std::unordered_set<Session*> sessions_;
};

}  // namespace skua::net
