// SPDX-License-Identifier: Apache-2.0
//
// CrashRecord: which kept events are with a handler, in a small file that is mapped and shared, so
// that it is there after the process was killed by one of them; no sync is needed for that. A place
// that is still taken at the next start belongs to a suspect: it runs alone then, and one that the
// process has ended under twice is not run again. Owner's thread.
//
//   free --begin()--> running --end()--> free
//                        | the process ended
//                     suspect --begin()--> running ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/result.h"
#include "model/journal_id.h"

namespace hookhost::intake {

class CrashRecord {
 public:
  // As many attempts at once; more are not written down.
  static constexpr std::size_t kPlaces = 64;
  // So often the process may end under an event before it is taken for the cause.
  static constexpr std::uint32_t kCrashesMax = 2;

  // Keeps nothing: of a journal in memory, which ends with the process.
  CrashRecord() = default;
  // The file is made where it is missing; one of another size or form begins anew. kUnavailable: it
  // cannot be opened or mapped.
  static Result<CrashRecord> open(const std::filesystem::path& file);
  ~CrashRecord();
  CrashRecord(CrashRecord&& other) noexcept;
  CrashRecord& operator=(CrashRecord&& other) noexcept;

  // How often the process has ended under it; 0: it is no suspect.
  std::uint32_t crashes(EventId id, std::uint32_t run) const noexcept;
  bool has_suspects() const noexcept;

  void begin(EventId id, std::uint32_t run) noexcept;
  // It is over, or was never begun: no suspect any more.
  void end(EventId id, std::uint32_t run) noexcept;

 private:
  struct Place;
  struct File;
  explicit CrashRecord(File* file) noexcept : file_(file) {}
  std::span<Place> places() const noexcept;
  Place* find(EventId id, std::uint32_t run) const noexcept;

  File* file_ = nullptr;
};

}  // namespace hookhost::intake
