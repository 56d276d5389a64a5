// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/unique_fd.h"
#include "intake/crash_record.h"

namespace hookhost::intake {
namespace {

constexpr std::uint64_t kMagic = 0x31'68'73'61'72'63'68'68;  // "hhcrash1"

enum class PlaceState : std::uint32_t { kFree = 0, kRunning = 1, kSuspect = 2 };

}  // namespace

// The bytes of the file, of this machine: it is read by the next process here and nobody else.
struct CrashRecord::Place {
  EventId id;
  std::uint32_t run;
  std::uint32_t crashes;
  PlaceState state;
  std::uint32_t unused;
};
struct CrashRecord::File {
  std::uint64_t magic;
  Place places[kPlaces];
};

Result<CrashRecord> CrashRecord::open(const std::filesystem::path& file) {
  const auto failed = [&](const char* what) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("{}: {}: {}", file.native(), what,
                             std::error_code(errno, std::generic_category()).message()),
                 {}};
  };
  const UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return failed("cannot be opened");
  struct stat facts = {};
  if (::fstat(fd.get(), &facts) != 0 || ::ftruncate(fd.get(), sizeof(File)) != 0)
    return failed("cannot be sized");
  void* memory = ::mmap(nullptr, sizeof(File), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return failed("cannot be mapped");

  auto* record = static_cast<File*>(memory);
  if (record->magic != kMagic || facts.st_size != sizeof(File)) {
    std::memset(memory, 0, sizeof(File));
    record->magic = kMagic;
  }
  for (Place& place : record->places) {
    if (place.state != PlaceState::kRunning) continue;
    place.state = PlaceState::kSuspect;
    ++place.crashes;
  }
  return CrashRecord(record);
}

CrashRecord::~CrashRecord() {
  if (file_ != nullptr) ::munmap(file_, sizeof(File));
}
CrashRecord::CrashRecord(CrashRecord&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)) {}
CrashRecord& CrashRecord::operator=(CrashRecord&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

std::span<CrashRecord::Place> CrashRecord::places() const noexcept {
  return file_ == nullptr ? std::span<Place>() : std::span<Place>(file_->places);
}

CrashRecord::Place* CrashRecord::find(EventId id, std::uint32_t run) const noexcept {
  for (Place& place : places()) {
    if (place.state != PlaceState::kFree && place.id == id && place.run == run) return &place;
  }
  return nullptr;
}

std::uint32_t CrashRecord::crashes(EventId id, std::uint32_t run) const noexcept {
  const Place* place = find(id, run);
  return place == nullptr ? 0 : place->crashes;
}

bool CrashRecord::has_suspects() const noexcept {
  return std::ranges::any_of(
      places(), [](const Place& place) { return place.state == PlaceState::kSuspect; });
}

void CrashRecord::begin(EventId id, std::uint32_t run) noexcept {
  Place* place = find(id, run);
  if (place == nullptr) {
    const auto free = std::ranges::find(places(), PlaceState::kFree, &Place::state);
    if (free == places().end()) return;
    place = &*free;
    *place = {id, run, 0, PlaceState::kFree, 0};
  }
  place->state = PlaceState::kRunning;  // last: a place is whole or free
}

void CrashRecord::end(EventId id, std::uint32_t run) noexcept {
  if (Place* place = find(id, run); place != nullptr) place->state = PlaceState::kFree;
}

}  // namespace hookhost::intake
