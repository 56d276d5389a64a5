// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "app/compiler_process.h"
#include "app/source_builder.h"
#include "base/text.h"
#include "base/thread.h"

namespace hookhost::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPatienceMax = 3'600'000;  // milliseconds of one poll, which is repeated

// "handler.so" of "src/handler.cpp", "bot.so" of "bot/" or of "." in it.
std::string library_name(const fs::path& source) {
  fs::path path = fs::absolute(source).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return (fs::is_directory(path) ? path.filename() : path.stem()).native() + ".so";
}

Status check_sdk(const Sdk& sdk) {
  for (const fs::path& file : {sdk.include / "hookhost/hookhost.hpp", sdk.map}) {
    std::error_code ignored;
    if (fs::exists(file, ignored)) continue;
    return Error{ErrorCode::kNotFound,
                 fmt::format("the SDK is not installed beside hookhost: there is no {}",
                             printable(file.native())),
                 "install the component sdk under the same prefix"};
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<SourceBuilder>> SourceBuilder::open(SourceBuilderOptions options,
                                                           const Environment& environment,
                                                           telemetry::Log& log,
                                                           const Clock& clock) {
  auto folder = plugin::StageFolder::create(options.stage);
  if (!folder) return std::move(folder).error();
  std::unique_ptr<SourceBuilder> builder(
      new SourceBuilder(std::move(options), *std::move(folder), environment, log, clock));
  if (!builder->stop_event_)
    return Error{ErrorCode::kUnavailable, "there is no descriptor to have", {}};
  if (Status found = check_sdk(builder->sdk_); !found) return std::move(found).error();
  if (auto commands = builder->commands(); !commands) return std::move(commands).error();
  if (Status watched = builder->watch(); !watched) return std::move(watched).error();
  return builder;
}

SourceBuilder::SourceBuilder(SourceBuilderOptions options, plugin::StageFolder folder,
                             const Environment& environment, telemetry::Log& log,
                             const Clock& clock)
    : options_(std::move(options)),
      environment_(environment),
      log_(log),
      clock_(clock),
      working_folder_(fs::current_path()),
      sdk_(sdk_of(fs::read_symlink("/proc/self/exe"))),
      folder_(std::move(folder)),
      library_(folder_.path() / library_name(options_.source)),
      stop_event_(::eventfd(0, EFD_CLOEXEC)) {}

SourceBuilder::~SourceBuilder() { stop(); }

Status SourceBuilder::watch() {
  if (!options_.is_watching) return {};
  const fs::path source = working_folder_ / options_.source;
  const bool is_folder = fs::is_directory(source);
  const auto counts = [only = is_folder ? "" : source.filename().native()](std::string_view name) {
    return is_header(name) || (only.empty() ? language_of(name).has_value() : name == only);
  };
  auto opened = plugin::FolderWatch::open(is_folder ? source : source.parent_path(),
                                          {.settle = options_.settle, .counts = counts}, clock_);
  if (!opened) return std::move(opened).error();
  watch_ = *std::move(opened);
  return {};
}

// As the user calls them, since the compiler names them so. In order, so that an unchanged folder
// gives the same library.
std::vector<fs::path> SourceBuilder::sources() const {
  if (!fs::is_directory(working_folder_ / options_.source)) return {options_.source};
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(working_folder_ / options_.source, error)) {
    const fs::path name = entry.path().filename();
    if (language_of(name.native())) files.push_back(options_.source / name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<const Compiler*> SourceBuilder::compiler_for(Language language) {
  std::optional<Compiler>& compiler = compilers_[static_cast<std::size_t>(language)];
  if (!compiler) {
    auto found = find_compiler(language, environment_);
    if (!found) return std::move(found).error();
    compiler = *std::move(found);
    if (language == Language::kCxx) precompiled_.emplace(*compiler, sdk_, environment_);
  }
  return &*compiler;
}

// Of one build: each source to its object, and these to a library.
Result<std::vector<CommandLine>> SourceBuilder::commands() {
  std::vector<CommandLine> commands;
  std::vector<fs::path> objects;
  Language linked_as = Language::kC;
  for (const fs::path& source : sources()) {
    const Language language = language_of(source.filename().native()).value_or(Language::kCxx);
    auto compiler = compiler_for(language);
    if (!compiler) return std::move(compiler).error();
    objects.push_back(folder_.path() / fmt::format("{}.o", objects.size()));
    commands.push_back(compile_command(
        **compiler, language, sdk_,
        language == Language::kCxx ? precompiled_->folder() : fs::path(), source, objects.back()));
    if (language == Language::kCxx) linked_as = language;
  }
  if (objects.empty()) {
    return Error{
        ErrorCode::kNotFound,
        fmt::format("{} holds no source (.cpp .cc .cxx .c)", printable(options_.source.native())),
        {}};
  }
  commands.push_back(
      link_command(**compiler_for(linked_as), sdk_, objects, folder_.path() / "linked"));
  return commands;
}

SourceBuilder::FirstBuild SourceBuilder::build(int interrupt) {
  interrupt_ = interrupt;
  for (;;) {
    Build build;
    const Event event = compile(build);
    if (event == Event::kStop) return FirstBuild::kInterrupted;
    if (event == Event::kChange) continue;
    const bool is_good = build.is_good;
    tell(is_good ? BuildLine::Kind::kBuilt : BuildLine::Kind::kFailed, std::move(build), 0);
    return is_good ? FirstBuild::kBuilt : FirstBuild::kFailed;
  }
}

void SourceBuilder::follow(std::function<std::uint64_t()> live_generation) {
  if (!watch_) return;
  live_generation_ = std::move(live_generation);
  interrupt_ = stop_event_.get();
  thread_ = std::thread([this] {
    name_this_thread("builder", 0);
    try {
      work();
    } catch (const std::exception& error) {
      log_.write(telemetry::Level::kError, "sources are not watched any more",
                 {{"reason", error.what()}});
    }
  });
}

void SourceBuilder::stop() noexcept {
  if (!thread_.joinable()) return;
  ::eventfd_write(stop_event_.get(), 1);
  thread_.join();
}

void SourceBuilder::work() {
  for (bool is_due = false;;) {
    const bool is_idle = !precompiled_ || !precompiled_->is_wanted();
    const Event event = is_due ? rebuild() : is_idle ? wait(nullptr) : precompile();
    if (event == Event::kStop) return;
    is_due = event == Event::kChange;
  }
}

SourceBuilder::Event SourceBuilder::rebuild() {
  Build build;
  const Event event = compile(build);
  if (event != Event::kEnd) return event;
  if (!build.is_good)
    tell(BuildLine::Kind::kFailed, std::move(build), live_generation_());
  else if (!build.output.empty())
    tell(BuildLine::Kind::kWarned, std::move(build), 0);
  return event;
}

SourceBuilder::Event SourceBuilder::precompile() {
  const auto command = precompiled_->begin();
  if (!command) return Event::kEnd;
  Build build;
  const Event event = run(*command, build);
  if (event == Event::kEnd) precompiled_->end(build.is_good);
  return event;
}

SourceBuilder::Event SourceBuilder::compile(Build& build) {
  const MonotonicTime began = clock_.monotonic_now();
  const auto commands_due = commands();
  if (!commands_due) {
    build = {false, commands_due.error().message};
    return Event::kEnd;
  }
  for (const CommandLine& command : *commands_due) {
    const Event event = run(command, build);
    if (event != Event::kEnd || !build.is_good) return event;
  }
  std::error_code error;
  // A library that a group may write, as some umasks have it, would be refused.
  fs::permissions(folder_.path() / "linked", fs::perms::owner_all, error);
  if (!error) fs::rename(folder_.path() / "linked", library_, error);
  if (error) build = {false, error.message()};
  build.took = clock_.monotonic_now() - began;
  return Event::kEnd;
}

SourceBuilder::Event SourceBuilder::run(const CommandLine& command, Build& build) {
  auto compiler = CompilerProcess::start(command, working_folder_);
  if (!compiler) {
    build = {false, compiler.error().message};
    return Event::kEnd;
  }
  const Event event = wait(&*compiler);
  if (event != Event::kEnd) return event;  // kills it
  build.is_good = compiler->wait();
  build.output += compiler->output();
  return event;
}

// compiler: whose end is kEnd; nullptr: there is none.
SourceBuilder::Event SourceBuilder::wait(CompilerProcess* compiler) {
  for (;;) {
    pollfd ends[] = {{interrupt_, POLLIN, 0},
                     {watch_ ? watch_->fd() : -1, POLLIN, 0},
                     {compiler != nullptr ? compiler->output_fd() : -1, POLLIN, 0},
                     {compiler != nullptr ? compiler->process_fd() : -1, POLLIN, 0}};
    const MonotonicTime until = watch_ ? watch_->next() : MonotonicTime::max();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock_.monotonic_now());
    const auto patience = std::clamp<std::int64_t>(left.count(), 0, kPatienceMax);
    if (::poll(ends, 4, static_cast<int>(patience)) < 0) continue;  // EINTR
    if (ends[0].revents != 0) return Event::kStop;
    if (compiler != nullptr) compiler->read();
    if (has_change()) return Event::kChange;
    if (ends[3].revents != 0) return Event::kEnd;
  }
}

bool SourceBuilder::has_change() {
  if (!watch_) return false;
  const std::vector<plugin::FolderChange> changes = watch_->tend();
  return std::any_of(changes.begin(), changes.end(), [](const plugin::FolderChange& change) {
    return change.kind != plugin::FolderChange::Kind::kRestless;
  });
}

void SourceBuilder::tell(BuildLine::Kind kind, Build build, std::uint64_t generation) const {
  log_build({.kind = kind,
             .plugin = library_.filename().native(),
             .generation = generation,
             .took = build.took,
             .output = std::move(build.output)},
            log_, clock_.now());
}

}  // namespace hookhost::app
