// SPDX-License-Identifier: Apache-2.0
#include "net/io_threads.h"

#include "base/log.h"
#include "net/io_context.h"

#include <exception>

#include <pthread.h>

namespace skua::net {
namespace {

void run(boost::asio::io_context& context, const std::string& name) {
    ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
    for (;;) {
        try {
            context.run();
            return;
        } catch (const std::exception& e) {  // a bug of ours: the connection is lost, the others go on
            base::log(base::Level::kError, "net", "cannot finish an I/O step: {}", e.what());
        }
    }
}

}  // namespace

IoThreads::IoThreads(const std::string& name, unsigned count) : impl_(std::make_unique<Impl>(count)) {
    for (unsigned i = 0; i < count; ++i) {
        impl_->threads.emplace_back(
            [this, thread_name = name + "-" + std::to_string(i)] { run(impl_->context, thread_name); });
    }
}

IoThreads::~IoThreads() {
    impl_->work.reset();
    impl_->context.stop();
    impl_->threads.clear();  // joins
}

}  // namespace skua::net
