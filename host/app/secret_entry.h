// SPDX-License-Identifier: Apache-2.0
//
// How the configuration names secrets: a file, or a table {file|env|credential = ..., not_before =
// ..., not_after = ...}. Sources only; nothing is read here. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config_node.h"
#include "app/config_value.h"
#include "app/secret_source.h"

namespace hookhost::app {

Complaint read_secret_file(const ConfigNode& node, std::optional<SecretSource>& out);
Complaint read_secret_entry(const ConfigNode& node, SecretSource& out);
Complaint read_secret_list(const ConfigNode& node, std::vector<SecretSource>& out);

// As TOML that says the same again; sources only, never a text.
std::string show_secret(const std::optional<SecretSource>& file);
std::string show_secret_entry(const SecretSource& source);
std::string show_secrets(const std::vector<SecretSource>& sources);

}  // namespace hookhost::app
