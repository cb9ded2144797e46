// SPDX-License-Identifier: Apache-2.0
// Names of the semantic conventions we emit, version 1.44.0. opentelemetry-cpp 1.19 knows none of the stable database
// ones.
#pragma once

namespace skua::otel::semconv {

inline constexpr char schema_url[] = "https://opentelemetry.io/schemas/1.44.0";

inline constexpr char db_system_name[] = "db.system.name";
inline constexpr char db_namespace[] = "db.namespace";
inline constexpr char db_collection_name[] = "db.collection.name";
inline constexpr char db_operation_name[] = "db.operation.name";
inline constexpr char db_operation_batch_size[] = "db.operation.batch.size";
inline constexpr char db_query_summary[] = "db.query.summary";
inline constexpr char db_query_text[] = "db.query.text";
inline constexpr char db_query_parameter[] = "db.query.parameter.";  // prefix
inline constexpr char db_response_status_code[] = "db.response.status_code";
inline constexpr char db_response_returned_rows[] = "db.response.returned_rows";
inline constexpr char server_address[] = "server.address";
inline constexpr char server_port[] = "server.port";
inline constexpr char error_type[] = "error.type";
inline constexpr char code_function_name[] = "code.function.name";
inline constexpr char code_file_path[] = "code.file.path";
inline constexpr char code_line_number[] = "code.line.number";
inline constexpr char exception_type[] = "exception.type";
inline constexpr char exception_message[] = "exception.message";
inline constexpr char exception_stacktrace[] = "exception.stacktrace";

inline constexpr char client_operation_duration[] = "db.client.operation.duration";
inline constexpr char connection_count[] = "db.client.connection.count";
inline constexpr char connection_idle_max[] = "db.client.connection.idle.max";
inline constexpr char connection_idle_min[] = "db.client.connection.idle.min";
inline constexpr char connection_max[] = "db.client.connection.max";
inline constexpr char connection_pending_requests[] = "db.client.connection.pending_requests";
inline constexpr char connection_timeouts[] = "db.client.connection.timeouts";
inline constexpr char connection_create_time[] = "db.client.connection.create_time";
inline constexpr char connection_wait_time[] = "db.client.connection.wait_time";
inline constexpr char connection_use_time[] = "db.client.connection.use_time";
inline constexpr char connection_pool_name[] = "db.client.connection.pool.name";
inline constexpr char connection_state[] = "db.client.connection.state";

// Ours.
inline constexpr char scope_name[] = "skua.otel";
inline constexpr char parameters_hash[] = "skua.db.parameters.hash";
inline constexpr char orm_operation[] = "skua.orm.operation";
inline constexpr char orm_model[] = "skua.orm.model";
// gorm's plugin's.
inline constexpr char db_rows_affected[] = "db.rows_affected";

}  // namespace skua::otel::semconv
