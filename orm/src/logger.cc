// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <ctime>
#include <string>

#include <skua/orm/logger.hpp>
#include <skua/orm/time.hpp>

namespace skua::orm {
namespace {

class silent_logger final : public logger {
public:
    [[nodiscard]] level threshold() const noexcept override { return level::silent; }
    void write(const log_record&) noexcept override {}
};

class line_logger final : public logger {
public:
    explicit line_logger(level threshold) noexcept : threshold_(threshold) {}
    [[nodiscard]] level threshold() const noexcept override { return threshold_; }
    void write(const log_record& r) noexcept override {
        try {
            const std::string line = format(r);
            std::fwrite(line.data(), 1, line.size(), stderr);  // one call: lines of several threads do not mix
        } catch (...) {
            std::fputs("orm: no memory for a log line\n", stderr);
        }
    }

private:
    static std::string format(const log_record& r) {
        static constexpr const char* words[] = {"", "error", "warn", "info"};
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        char text[time_text_max];
        const std::size_t size =
            format_time(text, std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec / 1'000'000 * 1'000'000);
        std::string line(text, size - 6);
        line += std::string("Z ") + words[static_cast<std::size_t>(r.severity)] + " orm: ";
        if (!r.message.empty()) line += r.message;
        if (r.failure) line += r.failure->to_string() + ": ";
        if (r.slow) line += "slow query, ";
        if (!r.sql.empty()) {
            line += std::to_string(r.duration_ns / 1'000'000) + " ms, ";
            if (r.rows >= 0) line += std::to_string(r.rows) + " rows: ";
            line += r.sql;
        }
        if (r.at.line) line += std::string(" (") + r.at.file + ":" + std::to_string(r.at.line) + ")";
        return line + "\n";
    }
    level threshold_;
};

}  // namespace

std::shared_ptr<logger> silent() {
    return std::make_shared<silent_logger>();
}
std::shared_ptr<logger> stderr_logger(level threshold) {
    return std::make_shared<line_logger>(threshold);
}

}  // namespace skua::orm
