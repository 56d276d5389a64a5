// SPDX-License-Identifier: Apache-2.0
#include "plugin/inspect.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "telemetry/units.h"

namespace hookhost::cli {
namespace {

using plugin::ElfReport;
using plugin::Inspection;

std::vector<std::string> notes_of(const Inspection& inspection) {
  std::vector<std::string> notes = plugin::notes_about(inspection.elf);
  if (inspection.elf.has_thread_local_destructor)
    notes.push_back(
        "it has a thread_local with a destructor: its code stays in memory until every thread "
        "that ran it has ended");
  for (const std::string& name : inspection.missing)
    notes.push_back(fmt::format(
        "{} is in none of the places where the linker looks: its own path, LD_LIBRARY_PATH, "
        "the linker's cache, the system's folders",
        name));
  return notes;
}

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void write_facts(JsonWriter& json, const Inspection& inspection) {
  const ElfReport& elf = inspection.elf;
  json.member("bytes", std::uint64_t{inspection.bytes}).member("sha256", inspection.sha256);
  json.member("machine", elf.machine).member("build_id", elf.build_id);
  json.member("soname", elf.soname);
  write_list(json, "entry_symbols", elf.entry_symbols);
  write_list(json, "needed", elf.needed);
  write_list(json, "missing", inspection.missing);
  json.member("undefined_count", std::uint64_t{elf.undefined_count});
  json.member("unique_count", std::uint64_t{elf.unique_count});
  write_list(json, "unique_symbols", elf.unique_symbols);
  json.member("nodelete", elf.is_nodelete).member("text_relocations", elf.has_text_relocations);
  json.member("executable_stack", elf.has_executable_stack);
  json.member("thread_local_destructor", elf.has_thread_local_destructor);
  write_list(json, "notes", notes_of(inspection));
}

std::string report_json(const Inspection* inspection, const Status& verdict) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("ok", verdict.has_value());
  json.member("reason", verdict ? std::string() : verdict.error().message);
  json.member("fix", verdict ? std::string() : verdict.error().fix);
  if (inspection != nullptr) write_facts(json, *inspection);
  json.end_object();
  return text + '\n';
}

std::string joined(const std::vector<std::string>& texts, std::size_t count) {
  std::string text;
  for (const std::string& part : texts) text += (text.empty() ? "" : ", ") + part;
  if (count > texts.size()) text += fmt::format(" and {} more", count - texts.size());
  return text;
}

std::string report_text(const Inspection& inspection, std::string_view name,
                        const telemetry::Console& console) {
  const ElfReport& elf = inspection.elf;
  const struct {
    const char* label;
    std::string text;  // empty: no line
  } rows[] = {
      {"sha256", inspection.sha256},
      {"build id", elf.build_id},
      {"manifest", elf.manifest_note},
      {"soname", elf.soname},
      {"entry", joined(elf.entry_symbols, 0)},
      {"needs", joined(elf.needed, 0)},
      {"imports", elf.undefined_count == 0
                      ? std::string()
                      : fmt::format("{} symbols that these have to define", elf.undefined_count)},
      {"unique", joined(elf.unique_symbols, elf.unique_count)}};
  std::string text = fmt::format("{}   shared library, {}, {}\n", telemetry::shown(console, name),
                                 elf.machine, telemetry::print_bytes(inspection.bytes));
  for (const auto& row : rows) {
    if (!row.text.empty())
      text += fmt::format("{:<8} {}\n", row.label, telemetry::shown(console, row.text, 64 * 1024));
  }
  for (const std::string& note : notes_of(inspection))
    text += fmt::format("note     {}\n", telemetry::shown(console, note));
  return text;
}

ExitCode refuse(World& world, std::string_view name, const Error& error) {
  print_error(world, {error.code, fmt::format("{}: {}", name, error.message), error.fix});
  return ExitCode::kFailed;
}

}  // namespace

ExitCode inspect(const Invocation& invocation, World& world) {
  const std::filesystem::path file = invocation.operands[0];
  const std::string name = file.filename().native();
  const auto inspection =
      plugin::inspect_file(file, variable(world.environment, "LD_LIBRARY_PATH"));
  const Status verdict = inspection ? inspection->verdict : Status(inspection.error());
  if (invocation.has("--json")) {
    world.out << report_json(inspection ? &*inspection : nullptr, verdict);
    return verdict ? ExitCode::kDone : ExitCode::kFailed;
  }
  if (inspection) world.out << report_text(*inspection, name, world.out_console);
  if (!verdict) return refuse(world, name, verdict.error());
  world.out << fmt::format(
      "ok, and nothing of it ran. Routes, settings, required ABI and the file's owner:\n"
      "  hookhost check {}\n",
      telemetry::shown(world.out_console, file.native()));
  return ExitCode::kDone;
}

}  // namespace hookhost::cli
