// SPDX-License-Identifier: Apache-2.0
#include "api/ui/ui_http.h"

#include "api/http_error.h"
#include "base/log.h"

#include <map>
#include <memory>
#include <mutex>

namespace skua::api {
namespace {

constexpr std::int64_t kConfigIntervalNs = 10'000'000'000;
constexpr std::string_view kNotBuilt =
    "<!doctype html>\n<title>Skua</title>\n<p>This server was built without its web UI. The data is at "
    "<a href=\"api/v3/services\">api/v3/services</a>.</p>\n";

class Ui {
public:
    Ui(UiOptions options, std::span<const Asset> assets, const base::Clock& clock)
        : options_(std::move(options)), clock_(clock) {
        for (const Asset& asset : assets) {
            if (asset.path == "index.html") {
                index_ = asset.bytes;
            } else {
                files_["/" + std::string(asset.path)] = {&asset, std::make_shared<const std::string>(asset.bytes)};
            }
        }
    }

    // Reads the config and makes the page.
    base::Status load() {
        IndexSettings settings;
        settings.version_json = options_.version_json;
        settings.capabilities = options_.capabilities;
        settings.base_path = options_.base_path;
        if (!options_.config_file.empty()) SKUA_RETURN_IF_ERROR(load_ui_config(options_.config_file, settings));
        page_ = std::make_shared<const std::string>(index_.empty() ? std::string(kNotBuilt)
                                                                   : render_index(index_, settings));
        read_at_ns_ = clock_.monotonic_ns();
        return {};
    }

    HttpResponse handle(const HttpRequest& request) {
        if (request.method != "GET" && request.method != "HEAD") {
            HttpResponse response = http_error(405, "Method Not Allowed");
            response.headers.emplace_back("Allow", "GET, HEAD");
            return response;
        }
        const std::string path = below_base(request.path);
        if (const auto file = files_.find(path); file != files_.end()) return serve(request, path, file->second);
        if (path.starts_with("/static/")) return page_not_found();
        HttpResponse response;
        response.content_type = "text/html; charset=utf-8";
        response.shared_body = page();
        response.headers.emplace_back("Cache-Control", "no-cache");
        return response;
    }

private:
    struct File {
        const Asset* asset = nullptr;
        std::shared_ptr<const std::string> bytes;
    };

    [[nodiscard]] std::string below_base(const std::string& path) const {
        if (options_.base_path == "/" || !path.starts_with(options_.base_path)) return path;
        return path.substr(options_.base_path.size());
    }

    [[nodiscard]] static HttpResponse serve(const HttpRequest& request, std::string_view path, const File& file) {
        HttpResponse response;
        response.headers.emplace_back("ETag", std::string(file.asset->etag));
        // Names below static/ carry a hash of the content.
        const bool never_changes = path.starts_with("/static/");
        response.headers.emplace_back("Cache-Control",
                                      never_changes ? "public, max-age=31536000, immutable" : "no-cache");
        const std::string_view known = request.header("if-none-match").value_or("");
        if (known == "*" || known.find(file.asset->etag) != std::string_view::npos) {
            response.status = 304;
            return response;
        }
        response.content_type = file.asset->content_type;
        response.shared_body = file.bytes;
        // net undoes it for the rare client that does not take gzip.
        if (file.asset->is_gzip) response.headers.emplace_back("Content-Encoding", "gzip");
        return response;
    }

    std::shared_ptr<const std::string> page() {
        const std::lock_guard lock(mutex_);
        if (!options_.config_file.empty() && clock_.monotonic_ns() - read_at_ns_ >= kConfigIntervalNs) {
            read_at_ns_ = clock_.monotonic_ns();
            if (const base::Status loaded = load(); !loaded.ok()) {
                base::log(base::Level::kError, "api", "{}; the page stays as it is", loaded.error().message);
            }
        }
        return page_;
    }

    // Constant after construction.
    const UiOptions options_;
    const base::Clock& clock_;
    std::string_view index_;
    std::map<std::string, File> files_;
    // Guarded by mutex_.
    std::mutex mutex_;
    std::shared_ptr<const std::string> page_;
    std::int64_t read_at_ns_ = 0;
};

}  // namespace

base::Result<HttpHandler> ui_handler(UiOptions options, std::span<const Asset> assets, const base::Clock& clock) {
    const auto ui = std::make_shared<Ui>(std::move(options), assets, clock);
    SKUA_RETURN_IF_ERROR(ui->load());
    return HttpHandler([ui](const HttpRequest& request, const Respond& respond) { respond(ui->handle(request)); });
}

}  // namespace skua::api
