// SPDX-License-Identifier: Apache-2.0
//
// Own reader instead of a library: Boost.DLL's library_info throws a bare iostream error on a bad
// file and reads no notes. Layout: ELF-64 object file format, generic ABI chapters 4 and 5.
#include "plugin/elf_reader.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/encoding.h"
#include "base/text.h"

namespace hookhost::plugin {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
constexpr std::string_view kMachineName = "x86-64";
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
constexpr std::string_view kMachineName = "aarch64";
#else
#error "plugins are loaded on x86-64 and aarch64 only"
#endif

constexpr std::size_t kProgramHeadersMax = 256;   // linkers write about ten
constexpr std::size_t kNameBytesMax = 64 * 1024;  // keeps a hostile table from costing its square
constexpr std::size_t kBuildIdBytesMax = 64;      // a SHA-512, should somebody want one
constexpr std::string_view kEntryPrefix = "hookhost_entry_v";
constexpr std::string_view kManifestNoteOwner = "HOOKHOST";
constexpr std::uint32_t kManifestNoteType = 0x484B4831;  // "HKH1"
// What gcc and clang call to register the destructor of a thread_local; the second is glibc's own,
// for a library with its C++ runtime inside.
constexpr std::string_view kThreadExits[] = {"__cxa_thread_atexit", "__cxa_thread_atexit_impl"};

Error refuse(std::string message, std::string fix = {}) {
  return {ErrorCode::kInvalid, std::move(message), std::move(fix)};
}

Error incomplete(std::string_view what, std::uint64_t end, std::size_t size) {
  return refuse(
      fmt::format("the file is not complete: {} ends at byte {}, the file has {}", what, end, size),
      "copy it again, and rename it into the folder only when it is whole");
}

std::string_view machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64: return "x86-64";
    case EM_AARCH64: return "aarch64";
    case EM_386: return "i386";
    case EM_ARM: return "arm";
    case EM_RISCV: return "risc-v";
    default: return "another machine";
  }
}

// The file, read in whole values. Nothing is read that lies outside.
class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> file) : file_(file) {}
  std::size_t size() const { return file_.size(); }

  bool holds(std::uint64_t offset, std::uint64_t bytes) const {
    return offset <= file_.size() && bytes <= file_.size() - offset;
  }
  template <class T>
  std::optional<T> at(std::uint64_t offset) const {
    if (!holds(offset, sizeof(T))) return std::nullopt;
    T value;
    std::memcpy(&value, file_.data() + offset, sizeof(T));
    return value;
  }
  std::span<const std::byte> part(std::uint64_t offset, std::uint64_t bytes) const {
    return holds(offset, bytes) ? file_.subspan(offset, bytes) : std::span<const std::byte>{};
  }

 private:
  std::span<const std::byte> file_;
};

// What the dynamic section points to, as virtual addresses.
struct Dynamic {
  std::uint64_t symbols = 0, strings = 0, string_bytes = 0, hash = 0, gnu_hash = 0;
  std::uint64_t symbol_entry_bytes = sizeof(Elf64_Sym);
  // Offsets into the strings; 0, which is the empty text: none.
  std::uint64_t soname = 0, rpath = 0, runpath = 0;
  std::vector<std::uint64_t> needed;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> file) : bytes_(file) {}

  Result<ElfReport> read() {
    for (const auto step : {&Reader::read_header, &Reader::read_sections, &Reader::read_segments,
                            &Reader::read_dynamic, &Reader::read_strings, &Reader::read_symbols}) {
      if (Status status = (this->*step)(); !status) return std::move(status).error();
    }
    read_notes();
    return std::move(report_);
  }

 private:
  Status read_header() {
    const auto header = bytes_.at<Elf64_Ehdr>(0);
    if (bytes_.size() < SELFMAG ||
        std::memcmp(bytes_.part(0, SELFMAG).data(), ELFMAG, SELFMAG) != 0)
      return refuse("not an ELF file: it does not begin with \\x7fELF",
                    "put shared libraries (*.so) into the folder, and nothing else");
    if (!header) return incomplete("the ELF header", sizeof(Elf64_Ehdr), bytes_.size());
    header_ = *header;
    if (header_.e_ident[EI_CLASS] != ELFCLASS64)
      return refuse(fmt::format("EI_CLASS is {}, needed is {} (64 bits)", header_.e_ident[EI_CLASS],
                                ELFCLASS64),
                    "build it for a 64-bit target");
    if (header_.e_ident[EI_DATA] != ELFDATA2LSB)
      return refuse(fmt::format("EI_DATA is {}, needed is {} (little endian)",
                                header_.e_ident[EI_DATA], ELFDATA2LSB));
    if (header_.e_machine != kMachine)
      return refuse(fmt::format("e_machine is {} ({}), needed is {} ({})", header_.e_machine,
                                machine_name(header_.e_machine), kMachine, kMachineName),
                    fmt::format("build it for {}", kMachineName));
    report_.machine = kMachineName;
    if (header_.e_type != ET_DYN)
      return refuse(
          fmt::format("e_type is {}, needed is {} (a shared library)", header_.e_type, ET_DYN),
          "link it with -shared");
    if (header_.e_version != EV_CURRENT)
      return refuse(fmt::format("e_version is {}, needed is {}", header_.e_version, EV_CURRENT));
    return {};
  }

  // Linkers put the section headers last, so in practice this test alone finds every truncation.
  Status read_sections() {
    if (header_.e_shoff == 0) return {};  // stripped of them: the segments are checked anyway
    if (header_.e_shentsize != sizeof(Elf64_Shdr))
      return refuse(
          fmt::format("e_shentsize is {}, needed is {}", header_.e_shentsize, sizeof(Elf64_Shdr)));
    const auto first = bytes_.at<Elf64_Shdr>(header_.e_shoff);
    if (!first)
      return incomplete("the first section header", header_.e_shoff + sizeof(Elf64_Shdr),
                        bytes_.size());
    // Numbers that do not fit 16 bits stand in the first header.
    const std::uint64_t count = header_.e_shnum != 0 ? header_.e_shnum : first->sh_size;
    const std::uint64_t names =
        header_.e_shstrndx != SHN_XINDEX ? header_.e_shstrndx : first->sh_link;
    if (count > bytes_.size() / sizeof(Elf64_Shdr) ||
        !bytes_.holds(header_.e_shoff, count * sizeof(Elf64_Shdr)))
      return incomplete(fmt::format("the table of {} section headers", count),
                        header_.e_shoff + count * sizeof(Elf64_Shdr), bytes_.size());
    for (std::uint64_t i = 1; i < count; ++i) {
      const auto section = *bytes_.at<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr));
      if (i == names && section.sh_type != SHT_STRTAB)
        return refuse(
            fmt::format("section {} (e_shstrndx) has type {}, needed is {}: the end of "
                        "the file is damaged",
                        i, section.sh_type, SHT_STRTAB));
      if (section.sh_type == SHT_NOBITS || section.sh_type == SHT_NULL) continue;
      if (!bytes_.holds(section.sh_offset, section.sh_size))
        return incomplete(fmt::format("section {}", i), section.sh_offset + section.sh_size,
                          bytes_.size());
    }
    return {};
  }

  Status read_segments() {
    if (header_.e_phentsize != sizeof(Elf64_Phdr))
      return refuse(
          fmt::format("e_phentsize is {}, needed is {}", header_.e_phentsize, sizeof(Elf64_Phdr)));
    if (header_.e_phnum > kProgramHeadersMax)
      return refuse(
          fmt::format("e_phnum is {}, at most {} are read", header_.e_phnum, kProgramHeadersMax));
    if (!bytes_.holds(header_.e_phoff, header_.e_phnum * sizeof(Elf64_Phdr)))
      return incomplete(fmt::format("the table of {} program headers", header_.e_phnum),
                        header_.e_phoff + header_.e_phnum * sizeof(Elf64_Phdr), bytes_.size());
    report_.has_executable_stack = true;  // what glibc assumes without a PT_GNU_STACK
    for (std::uint64_t i = 0; i < header_.e_phnum; ++i) {
      const auto segment = *bytes_.at<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
      if (segment.p_type == PT_LOAD) {
        if (Status status = add_load(i, segment); !status) return status;
      } else if (segment.p_type == PT_DYNAMIC) {
        dynamic_ = segment;
      } else if (segment.p_type == PT_NOTE) {
        notes_.push_back(segment);
      } else if (segment.p_type == PT_GNU_STACK) {
        report_.has_executable_stack = (segment.p_flags & PF_X) != 0;
      }
    }
    if (loads_.empty()) return refuse("no PT_LOAD program header: there is nothing to load");
    return {};
  }

  Status add_load(std::uint64_t i, const Elf64_Phdr& segment) {
    if (!bytes_.holds(segment.p_offset, segment.p_filesz))
      return incomplete(fmt::format("program header {} (PT_LOAD)", i),
                        segment.p_offset + segment.p_filesz, bytes_.size());
    if (segment.p_filesz > segment.p_memsz)
      return refuse(fmt::format("program header {}: p_filesz is {}, needed is at most p_memsz, {}",
                                i, segment.p_filesz, segment.p_memsz));
    const std::uint64_t end = segment.p_vaddr + segment.p_memsz;
    constexpr std::uint64_t kAddressMax = std::uint64_t{1} << 40;  // no library is a terabyte
    if (end < segment.p_vaddr || end > kAddressMax)
      return refuse(
          fmt::format("program header {}: p_vaddr {:#x} and p_memsz {:#x} are beyond any "
                      "library",
                      i, segment.p_vaddr, segment.p_memsz));
    if (!loads_.empty() && segment.p_vaddr < loads_.back().p_vaddr + loads_.back().p_memsz)
      return refuse(fmt::format("program header {}: p_vaddr {:#x} overlaps the segment before it",
                                i, segment.p_vaddr));
    const std::uint64_t align = std::max<std::uint64_t>(segment.p_align, 1);
    if ((align & (align - 1)) != 0 || (segment.p_vaddr - segment.p_offset) % align != 0)
      return refuse(
          fmt::format("program header {}: p_align is {:#x}, p_vaddr {:#x} and p_offset "
                      "{:#x} do not agree with it",
                      i, segment.p_align, segment.p_vaddr, segment.p_offset));
    loads_.push_back(segment);
    return {};
  }

  // Where [address, address + bytes) lies in the file.
  std::optional<std::uint64_t> offset_of(std::uint64_t address, std::uint64_t bytes) const {
    for (const Elf64_Phdr& load : loads_) {
      if (address < load.p_vaddr) continue;
      const std::uint64_t within = address - load.p_vaddr;
      if (within <= load.p_filesz && bytes <= load.p_filesz - within) return load.p_offset + within;
    }
    return std::nullopt;
  }

  // From an address to the end of its segment in the file.
  std::span<const std::byte> rest_from(std::uint64_t address) const {
    for (const Elf64_Phdr& load : loads_) {
      if (address >= load.p_vaddr && address - load.p_vaddr < load.p_filesz) {
        const std::uint64_t within = address - load.p_vaddr;
        return bytes_.part(load.p_offset + within, load.p_filesz - within);
      }
    }
    return {};
  }

  Status read_dynamic() {
    if (!dynamic_)
      return refuse("no PT_DYNAMIC program header: it exports nothing", "link it with -shared");
    const auto start = offset_of(dynamic_->p_vaddr, dynamic_->p_filesz);
    if (!start)
      return refuse(fmt::format("PT_DYNAMIC at {:#x} with {} bytes is outside every PT_LOAD",
                                dynamic_->p_vaddr, dynamic_->p_filesz));
    const std::uint64_t count = dynamic_->p_filesz / sizeof(Elf64_Dyn);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto entry = *bytes_.at<Elf64_Dyn>(*start + i * sizeof(Elf64_Dyn));
      if (entry.d_tag == DT_NULL) return {};
      take(entry);
    }
    return refuse("the dynamic section has no DT_NULL at its end");
  }

  void take(const Elf64_Dyn& entry) {
    const std::uint64_t value = entry.d_un.d_val;
    switch (entry.d_tag) {
      case DT_SYMTAB: tables_.symbols = value; break;
      case DT_STRTAB: tables_.strings = value; break;
      case DT_STRSZ: tables_.string_bytes = value; break;
      case DT_SYMENT: tables_.symbol_entry_bytes = value; break;
      case DT_HASH: tables_.hash = value; break;
      case DT_GNU_HASH: tables_.gnu_hash = value; break;
      case DT_SONAME: tables_.soname = value; break;
      case DT_RPATH: tables_.rpath = value; break;
      case DT_RUNPATH: tables_.runpath = value; break;
      case DT_TEXTREL: report_.has_text_relocations = true; break;
      case DT_FLAGS:
        if ((value & DF_TEXTREL) != 0) report_.has_text_relocations = true;
        break;
      case DT_FLAGS_1:
        if ((value & DF_1_NODELETE) != 0) report_.is_nodelete = true;
        break;
      case DT_NEEDED:
        if (tables_.needed.size() < kNeededMax) tables_.needed.push_back(value);
        break;
      default: break;
    }
  }

  Status read_strings() {
    const auto start = offset_of(tables_.strings, tables_.string_bytes);
    if (!start || tables_.string_bytes == 0)
      return refuse(fmt::format("DT_STRTAB at {:#x} with {} bytes is outside every PT_LOAD",
                                tables_.strings, tables_.string_bytes));
    strings_ = bytes_.part(*start, tables_.string_bytes);
    for (const std::uint64_t offset : tables_.needed) {
      std::string& name = report_.needed.emplace_back();
      if (Status status = take_string("DT_NEEDED", offset, name); !status) return status;
    }
    if (Status status = take_string("DT_SONAME", tables_.soname, report_.soname); !status)
      return status;
    // The loader does not look at DT_RPATH when there is a DT_RUNPATH.
    return tables_.runpath != 0 ? take_string("DT_RUNPATH", tables_.runpath, report_.search_path)
                                : take_string("DT_RPATH", tables_.rpath, report_.search_path);
  }

  Status take_string(std::string_view tag, std::uint64_t offset, std::string& out) const {
    const auto text = string_at(offset);
    if (!text)
      return refuse(
          fmt::format("{} {} is outside the {} bytes of DT_STRTAB", tag, offset, strings_.size()));
    out = printable(*text);
    return {};
  }

  // Terminated within the strings, or nothing. Longer than kNameBytesMax: cut.
  std::optional<std::string_view> string_at(std::uint64_t offset) const {
    if (offset >= strings_.size()) return std::nullopt;
    const auto* begin = reinterpret_cast<const char*>(strings_.data()) + offset;
    const std::size_t room = strings_.size() - offset;
    const void* end = std::memchr(begin, 0, std::min(room, kNameBytesMax));
    if (end != nullptr) return std::string_view(begin, static_cast<const char*>(end));
    if (room <= kNameBytesMax) return std::nullopt;
    return std::string_view(begin, kNameBytesMax);
  }

  Status read_symbols() {
    if (tables_.symbol_entry_bytes != sizeof(Elf64_Sym))
      return refuse(fmt::format("DT_SYMENT is {}, needed is {}", tables_.symbol_entry_bytes,
                                sizeof(Elf64_Sym)));
    const auto count = symbol_count();
    if (!count) return refuse("DT_GNU_HASH or DT_HASH is damaged, or neither is there");
    const auto symbols = rest_from(tables_.symbols);
    if (symbols.size() / sizeof(Elf64_Sym) < *count)
      return refuse(fmt::format("DT_SYMTAB at {:#x} has no room for its {} symbols",
                                tables_.symbols, *count));
    for (std::uint64_t i = 1; i < *count; ++i) {
      Elf64_Sym symbol;
      std::memcpy(&symbol, symbols.data() + i * sizeof(Elf64_Sym), sizeof(Elf64_Sym));
      const auto name = string_at(symbol.st_name);
      if (!name)
        return refuse(fmt::format("symbol {}: st_name {} is outside the {} bytes of DT_STRTAB", i,
                                  symbol.st_name, strings_.size()));
      if (symbol.st_shndx != SHN_UNDEF) {
        add_defined(symbol, *name);
      } else {
        add_undefined(symbol, *name);
      }
    }
    return {};
  }

  void add_undefined(const Elf64_Sym& symbol, std::string_view name) {
    if (ELF64_ST_BIND(symbol.st_info) != STB_WEAK) ++report_.undefined_count;
    if (std::find(std::begin(kThreadExits), std::end(kThreadExits), name) != std::end(kThreadExits))
      report_.has_thread_local_destructor = true;
  }

  void add_defined(const Elf64_Sym& symbol, std::string_view name) {
    if (ELF64_ST_BIND(symbol.st_info) == STB_GNU_UNIQUE) {
      ++report_.unique_count;
      if (report_.unique_symbols.size() < kUniqueSymbolsShownMax)
        report_.unique_symbols.push_back(printable(name, 256));
    }
    if (name.starts_with(kEntryPrefix) && report_.entry_symbols.size() < kEntrySymbolsMax)
      report_.entry_symbols.push_back(printable(name, 64));
  }

  // The dynamic section does not say how many symbols there are; the hash tables know.
  std::optional<std::uint64_t> symbol_count() const {
    if (tables_.gnu_hash != 0) return count_by_gnu_hash();
    if (tables_.hash == 0) return std::nullopt;
    const Bytes table(rest_from(tables_.hash));
    const auto chains = table.at<std::uint32_t>(4);  // one chain entry per symbol
    return chains ? std::optional<std::uint64_t>(*chains) : std::nullopt;
  }

  std::optional<std::uint64_t> count_by_gnu_hash() const {
    struct Head {
      std::uint32_t buckets, first_symbol, bloom_words, bloom_shift;
    };
    const Bytes table(rest_from(tables_.gnu_hash));
    const auto head = table.at<Head>(0);
    if (!head) return std::nullopt;
    const std::uint64_t buckets = sizeof(Head) + std::uint64_t{head->bloom_words} * 8;
    const std::uint64_t chains = buckets + std::uint64_t{head->buckets} * 4;
    if (!table.holds(buckets, chains - buckets)) return std::nullopt;
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < head->buckets; ++i)
      last = std::max<std::uint64_t>(last, *table.at<std::uint32_t>(buckets + i * 4));
    if (last == 0) return head->first_symbol;  // nothing is exported
    if (last < head->first_symbol) return std::nullopt;
    for (;; ++last) {  // the chain of the last bucket ends at the last symbol: lowest bit set
      const auto link = table.at<std::uint32_t>(chains + (last - head->first_symbol) * 4);
      if (!link) return std::nullopt;
      if ((*link & 1) != 0) return last + 1;
    }
  }

  // The GNU build id. A note that makes no sense ends its segment: it only names the build.
  static bool is_manifest_owner(std::span<const std::byte> owner) {
    // With its final NUL, as every owner.
    return owner.size() == kManifestNoteOwner.size() + 1 &&
           std::memcmp(owner.data(), kManifestNoteOwner.data(), owner.size()) == 0;
  }

  void read_notes() {
    for (const Elf64_Phdr& segment : notes_) {
      const Bytes notes(bytes_.part(segment.p_offset, segment.p_filesz));
      const std::uint64_t align = segment.p_align == 8 ? 8 : 4;
      const auto padded = [align](std::uint64_t n) { return (n + align - 1) / align * align; };
      std::uint64_t at = 0;
      while (const auto note = notes.at<Elf64_Nhdr>(at)) {
        const std::uint64_t name = at + sizeof(Elf64_Nhdr);
        const std::uint64_t content = name + padded(note->n_namesz);
        if (!notes.holds(name, note->n_namesz) || !notes.holds(content, note->n_descsz)) break;
        const auto owner = notes.part(name, note->n_namesz);
        if (note->n_type == NT_GNU_BUILD_ID && owner.size() == sizeof(ELF_NOTE_GNU) &&
            std::memcmp(owner.data(), ELF_NOTE_GNU, owner.size()) == 0 &&
            note->n_descsz <= kBuildIdBytesMax)
          report_.build_id = hex_encode(notes.part(content, note->n_descsz));
        if (note->n_type == kManifestNoteType && is_manifest_owner(owner)) {
          const auto text =
              notes.part(content, std::min<std::uint64_t>(note->n_descsz, kManifestNoteBytesMax));
          report_.manifest_note.assign(reinterpret_cast<const char*>(text.data()), text.size());
        }
        at = content + padded(note->n_descsz);
      }
    }
  }

  Bytes bytes_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> loads_;  // ascending, disjoint
  std::vector<Elf64_Phdr> notes_;
  std::optional<Elf64_Phdr> dynamic_;
  Dynamic tables_;
  std::span<const std::byte> strings_;
  ElfReport report_;
};

}  // namespace

Result<ElfReport> read_elf(std::span<const std::byte> file) { return Reader(file).read(); }

Status check_elf(const ElfReport& report, unsigned abi_major, unsigned abi_minor) {
  const std::string wanted = fmt::format("{}{}", kEntryPrefix, abi_major);
  const auto& entries = report.entry_symbols;
  if (std::find(entries.begin(), entries.end(), wanted) == entries.end()) {
    if (entries.empty())
      return refuse(fmt::format("it exports no symbol {}: it is not a hookhost plugin", wanted),
                    "include <hookhost/hookhost.hpp>, write HOOKHOST_PLUGIN(...) and build it with "
                    "hookhost_add_plugin");
    return refuse(fmt::format("needs ABI {}, this host speaks {}.{}",
                              entries.back().substr(kEntryPrefix.size()), abi_major, abi_minor),
                  "install a host that speaks it, or build the plugin with the SDK of this host");
  }
  if (report.has_text_relocations)
    return refuse("it has text relocations (DT_TEXTREL): its code would have to be writable",
                  "compile it with -fPIC");
  if (report.has_executable_stack)
    return refuse("it asks for an executable stack (PT_GNU_STACK)",
                  "link it with -Wl,-z,noexecstack");
  return {};
}

}  // namespace hookhost::plugin
