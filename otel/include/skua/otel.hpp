// SPDX-License-Identifier: Apache-2.0
// OpenTelemetry for skua::orm. <skua/otel/provider.hpp>, the set-up of an SDK, is a component of its own.
#pragma once

#include <skua/otel/options.hpp>
#include <skua/otel/tracing.hpp>
