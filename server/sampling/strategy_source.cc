// SPDX-License-Identifier: Apache-2.0
#include "sampling/strategy_source.h"

#include "base/log.h"

#include <cerrno>
#include <fstream>

#include <fmt/format.h>

namespace skua::sampling {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;

base::Result<std::string> read_file(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return base::errno_error(fmt::format("cannot open sampling strategies {}", path), errno);
    std::string text(kFileBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return base::errno_error(fmt::format("cannot read sampling strategies {}", path), errno);
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kFileBytesMax) {
        return base::Error{base::Code::kTooLarge,
                           fmt::format("cannot read sampling strategies {}: more than {} bytes", path, kFileBytesMax)};
    }
    return text;
}

base::Result<std::shared_ptr<const Strategies>> load(const StrategyOptions& options) {
    SKUA_ASSIGN_OR_RETURN(const std::string text, read_file(options.file));
    auto parsed = Strategies::parse(text, options.default_rate, [&](std::string_view warning) {
        base::log(base::Level::kWarn, "sampling", "{}: {}", options.file, warning);
    });
    if (!parsed) {
        return base::Error{parsed.error().code, fmt::format("{} (file {})", parsed.error().message, options.file)};
    }
    return std::make_shared<const Strategies>(std::move(parsed).value());
}

}  // namespace

base::Result<std::unique_ptr<StrategySource>> StrategySource::open(StrategyOptions options, const base::Clock& clock) {
    std::shared_ptr<const Strategies> strategies = std::make_shared<const Strategies>(options.default_rate);
    if (!options.file.empty()) {
        SKUA_ASSIGN_OR_RETURN(strategies, load(options));
    }
    auto source = std::unique_ptr<StrategySource>(new StrategySource(std::move(options), clock, std::move(strategies)));
    source->read_at_ns_ = clock.monotonic_ns();
    return source;
}

std::shared_ptr<const Strategies> StrategySource::current() {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = clock_.monotonic_ns();
    if (options_.file.empty() || options_.reload_interval.count() <= 0 ||
        now - read_at_ns_ < options_.reload_interval.count()) {
        return strategies_;
    }
    read_at_ns_ = now;
    auto loaded = load(options_);
    if (loaded) {
        strategies_ = std::move(loaded).value();
    } else {
        base::log(base::Level::kError, "sampling", "{}; the strategies stay as they are", loaded.error().message);
    }
    return strategies_;
}

}  // namespace skua::sampling
