// SPDX-License-Identifier: Apache-2.0
//
// The tables of the journal: made, recognized, brought up to date. SCHEMA.md describes them; a test
// compares the two.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "store/sqlite_database.h"

namespace hookhost::store {

inline constexpr std::int64_t kApplicationId = 0x484b4a31;  // "HKJ1": file(1) can tell it
inline constexpr std::int64_t kSchemaVersion = 1;

// What is due behind a place of the index: next_ms, event, run, at most how many. The condition on
// state stands as in the index, or it would not be used.
inline constexpr std::string_view kDuePageSql =
    "SELECT next_ms, event_id, run FROM delivery WHERE state IN (0,1)"
    " AND (next_ms, event_id, run) > (?1, ?2, ?3) ORDER BY next_ms, event_id, run LIMIT ?4";

// true: our tables are in it; false: it is empty. Changes nothing. kInvalid: it is not a journal,
// damaged, or of a newer version. what names it in errors.
Result<bool> recognize_schema(Database& database, std::string_view what);

// Makes the tables of an empty database, all of them or none.
Status make_schema(Database& database, std::string_view what);

}  // namespace hookhost::store
