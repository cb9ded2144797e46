// SPDX-License-Identifier: Apache-2.0
#include "net/handler_pool.h"

#include "base/log.h"
#include "net/http_response.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <pthread.h>

namespace skua::net {
namespace {

// nginx's number for a client that closed before the answer; nobody reads it.
constexpr int kClientClosedRequest = 499;

struct Job {
    std::shared_ptr<const api::HttpHandler> handler;
    const api::HttpRequest* request;  // lives until `respond` was called
    api::Respond respond;
};

}  // namespace

struct HandlerPool::State {
    std::string name;
    std::size_t waiting_max;
    std::mutex mutex;
    std::condition_variable has_work;
    std::deque<Job> waiting;
    bool is_stopping = false;
    std::vector<std::jthread> threads;

    bool add(Job& job) {
        {
            const std::lock_guard lock(mutex);
            if (waiting.size() >= waiting_max || is_stopping) return false;
            waiting.push_back(std::move(job));
        }
        has_work.notify_one();
        return true;
    }

    void work() {
        for (;;) {
            Job job;
            {
                std::unique_lock lock(mutex);
                has_work.wait(lock, [&] { return is_stopping || !waiting.empty(); });
                if (waiting.empty()) return;
                job = std::move(waiting.front());
                waiting.pop_front();
            }
            run(job);
        }
    }

    void run(Job& job) const {
        if (job.request->context.cancel.stop_requested()) {
            return job.respond(text_response(kClientClosedRequest, "the client has left"));
        }
        // The description is made first: the request is gone once it was answered.
        const std::string what = job.request->method + " " + job.request->path;
        try {
            (*job.handler)(*job.request, job.respond);
        } catch (const std::exception& e) {
            base::log(base::Level::kError, "net", "cannot handle {} on {}: {}", what, name, e.what());
            job.respond(text_response(500, "internal error"));
        }
    }
};

HandlerPool::HandlerPool(std::string name, unsigned threads, std::size_t waiting_max)
    : state_(std::make_unique<State>()) {
    state_->name = std::move(name);
    state_->waiting_max = waiting_max;
    for (unsigned i = 0; i < threads; ++i) {
        state_->threads.emplace_back([state = state_.get()] { state->work(); });
        ::pthread_setname_np(state_->threads.back().native_handle(), state_->name.substr(0, 15).c_str());
    }
}

HandlerPool::~HandlerPool() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->is_stopping = true;
    }
    state_->has_work.notify_all();
}

api::HttpHandler HandlerPool::wrap(api::HttpHandler handler) {
    return [state = state_.get(), shared = std::make_shared<const api::HttpHandler>(std::move(handler))](
               const api::HttpRequest& request, api::Respond respond) {
        Job job{shared, &request, std::move(respond)};
        if (state->add(job)) return;
        api::HttpResponse busy = text_response(503, "cannot take the request: too many are waiting");
        busy.headers.emplace_back("Retry-After", "1");
        job.respond(std::move(busy));
    };
}

}  // namespace skua::net
