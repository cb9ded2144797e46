// SPDX-License-Identifier: Apache-2.0
// Port 16686: the query APIs and the web UI behind one router.
#pragma once

#include "api/http.h"
#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"

#include <memory>
#include <string>

namespace skua::store {
class SpanReader;
}

namespace skua::app {

class QueryDoor {
public:
    // `reader` and `clock` outlive the door. Fails when the UI's config file cannot be used.
    static base::Result<std::unique_ptr<QueryDoor>> make(const Config& config, const store::SpanReader& reader,
                                                         const base::Clock& clock, std::string version_json);
    ~QueryDoor();
    QueryDoor(const QueryDoor&) = delete;
    QueryDoor& operator=(const QueryDoor&) = delete;

    // The door outlives the handler.
    [[nodiscard]] api::HttpHandler handler() const;

    struct Parts;

private:
    explicit QueryDoor(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace skua::app
