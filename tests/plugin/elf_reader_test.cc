// SPDX-License-Identifier: Apache-2.0
//
// Does the reader find what dlopen would stumble over, and does it stay inside the file whatever
// the file says?
#include "plugin/elf_reader.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>

#include "plugin/test_host.h"

namespace hookhost::plugin {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::byte> library(std::string_view name = "puppet") {
  std::ifstream file(built_plugin(name), std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

// An exact copy on the heap: ASan sees a read of one byte too many.
Result<ElfReport> read_exactly(std::span<const std::byte> bytes) {
  const std::vector<std::byte> copy(bytes.begin(), bytes.end());
  return read_elf(std::span(copy.data(), copy.size()));
}

Elf64_Ehdr& header_of(std::vector<std::byte>& file) {
  return *reinterpret_cast<Elf64_Ehdr*>(file.data());
}
Elf64_Phdr& segment_of(std::vector<std::byte>& file, std::uint32_t type) {
  auto* segments = reinterpret_cast<Elf64_Phdr*>(file.data() + header_of(file).e_phoff);
  for (int i = 0; i < header_of(file).e_phnum; ++i) {
    if (segments[i].p_type == type) return segments[i];
  }
  throw std::logic_error("no such segment");
}
Elf64_Dyn& dynamic_of(std::vector<std::byte>& file, std::int64_t tag) {
  const Elf64_Phdr& dynamic = segment_of(file, PT_DYNAMIC);
  auto* entries = reinterpret_cast<Elf64_Dyn*>(file.data() + dynamic.p_offset);
  while (entries->d_tag != tag) ++entries;
  return *entries;
}

TEST(ElfReader, ReadsAPluginOfOurs) {
  std::vector<std::byte> plugin = library();
  const auto report = read_elf(plugin);

  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->entry_symbols, ElementsAre("hookhost_entry_v1"));
  EXPECT_THAT(report->needed, Contains("libc.so.6"));
  EXPECT_EQ(report->build_id.size(), 40u);  // SHA-1
  EXPECT_EQ(report->machine, header_of(plugin).e_machine == EM_X86_64 ? "x86-64" : "aarch64");
  EXPECT_EQ(report->soname, "");
  EXPECT_EQ(report->search_path, "");
  EXPECT_GT(report->undefined_count, 0u);
  EXPECT_EQ(report->unique_count, 0u);
  EXPECT_FALSE(report->has_thread_local_destructor);
  EXPECT_FALSE(report->is_nodelete);
  EXPECT_FALSE(report->has_text_relocations);
  EXPECT_FALSE(report->has_executable_stack);
  EXPECT_TRUE(check_elf(*report, 1, 0));
}

TEST(ElfReader, RefusesEveryTruncationOfAPlugin) {
  const std::vector<std::byte> whole = library();
  ASSERT_GT(whole.size(), 4096u);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes)
    ASSERT_FALSE(read_exactly(std::span(whole).first(bytes))) << bytes;
}

TEST(ElfReader, RefusesEveryTruncationThatReachesASegmentWithoutSectionHeaders) {
  std::vector<std::byte> whole = library();
  header_of(whole).e_shoff = 0;
  header_of(whole).e_shnum = 0;
  ASSERT_TRUE(read_elf(whole));
  std::size_t end = 0;
  auto* segments = reinterpret_cast<Elf64_Phdr*>(whole.data() + header_of(whole).e_phoff);
  for (int i = 0; i < header_of(whole).e_phnum; ++i) {
    if (segments[i].p_type == PT_LOAD) end = segments[i].p_offset + segments[i].p_filesz;
  }
  for (std::size_t bytes = 0; bytes < end; ++bytes)
    ASSERT_FALSE(read_exactly(std::span(whole).first(bytes))) << bytes;
}

TEST(ElfReader, SurvivesFiveThousandBitFlips) {
  const std::vector<std::byte> whole = library();
  std::mt19937 random(20260901);  // NOLINT: the same flips every time
  std::uniform_int_distribution<std::size_t> place(0, whole.size() * 8 - 1);
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::byte> rotten = whole;
    const std::size_t bit = place(random);
    rotten[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    static_cast<void>(read_exactly(rotten));
  }
}

TEST(ElfReader, SurvivesFlipsInItsTables) {
  const std::vector<std::byte> whole = library();
  std::mt19937 random(7);  // NOLINT: the same flips every time
  // Where a flip matters: the headers at both ends and the dynamic tables behind the first.
  std::uniform_int_distribution<std::size_t> front(0, 2048),
      back(whole.size() - 2048, whole.size() - 1);
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::byte> rotten = whole;
    for (int n = 0; n < 4; ++n) {
      rotten[front(random)] = static_cast<std::byte>(random());
      rotten[back(random)] = static_cast<std::byte>(random());
    }
    static_cast<void>(read_exactly(rotten));
  }
}

TEST(ElfReader, RefusesAZeroedTail) {
  const std::vector<std::byte> whole = library();
  for (const std::size_t bytes : {std::size_t{64}, std::size_t{1024}, whole.size() / 2}) {
    std::vector<std::byte> rotten = whole;
    std::fill(rotten.end() - static_cast<std::ptrdiff_t>(bytes), rotten.end(), std::byte{0});
    EXPECT_FALSE(read_elf(rotten)) << bytes;
  }
}

struct Damage {
  const char* what;
  std::function<void(std::vector<std::byte>&)> make;
  const char* message;
};

TEST(ElfReader, NamesFieldValueAndNeed) {
  const Damage rows[] = {
      {"32 bits", [](auto& f) { header_of(f).e_ident[EI_CLASS] = ELFCLASS32; },
       "EI_CLASS is 1, needed is 2 (64 bits)"},
      {"big endian", [](auto& f) { header_of(f).e_ident[EI_DATA] = ELFDATA2MSB; },
       "EI_DATA is 2, needed is 1 (little endian)"},
      {"another machine", [](auto& f) { header_of(f).e_machine = EM_RISCV; },
       "e_machine is 243 (risc-v), needed is "},
      {"a program", [](auto& f) { header_of(f).e_type = ET_EXEC; },
       "e_type is 2, needed is 3 (a shared library)"},
      {"section headers of another size", [](auto& f) { header_of(f).e_shentsize = 40; },
       "e_shentsize is 40, needed is 64"},
      {"program headers of another size", [](auto& f) { header_of(f).e_phentsize = 32; },
       "e_phentsize is 32, needed is 56"},
      {"program headers beyond the end", [](auto& f) { header_of(f).e_phoff = f.size() - 8; },
       "the file is not complete: the table of "},
      {"a section header table that wraps around",
       [](auto& f) { header_of(f).e_shoff = ~0ULL - 8; },
       "the file is not complete: the first section header"},
      {"a segment beyond the end", [](auto& f) { segment_of(f, PT_LOAD).p_filesz = f.size() + 1; },
       "the file is not complete: program header "},
      {"a segment that wraps around",
       [](auto& f) {
         segment_of(f, PT_LOAD).p_offset = 4096;
         segment_of(f, PT_LOAD).p_filesz = segment_of(f, PT_LOAD).p_memsz = ~0ULL - 100;
       },
       "the file is not complete: program header 0 (PT_LOAD) ends at byte 3995"},
      {"a segment smaller in memory", [](auto& f) { segment_of(f, PT_LOAD).p_memsz = 1; },
       "program header 0: p_filesz is "},
      {"a segment of a terabyte",
       [](auto& f) { segment_of(f, PT_LOAD).p_memsz = std::uint64_t{1} << 41; },
       "program header 0: p_vaddr 0x0 and p_memsz 0x20000000000 are beyond any library"},
      {"an odd alignment", [](auto& f) { segment_of(f, PT_LOAD).p_align = 0x1001; },
       "program header 0: p_align is 0x1001"},
      {"no PT_LOAD",
       [](auto& f) {
         for (int i = 0; i < 8; ++i) {
           try {
             segment_of(f, PT_LOAD).p_type = PT_NULL;
           } catch (const std::logic_error&) {
           }
         }
       },
       "no PT_LOAD program header"},
      {"no PT_DYNAMIC", [](auto& f) { segment_of(f, PT_DYNAMIC).p_type = PT_NULL; },
       "no PT_DYNAMIC program header"},
      {"a dynamic section elsewhere", [](auto& f) { segment_of(f, PT_DYNAMIC).p_vaddr = 1 << 30; },
       "PT_DYNAMIC at 0x40000000"},
      {"a dynamic section without an end",
       [](auto& f) { segment_of(f, PT_DYNAMIC).p_filesz = sizeof(Elf64_Dyn); },
       "the dynamic section has no DT_NULL at its end"},
      {"strings elsewhere", [](auto& f) { dynamic_of(f, DT_STRTAB).d_un.d_val = 1 << 30; },
       "DT_STRTAB at 0x40000000"},
      {"more strings than there are", [](auto& f) { dynamic_of(f, DT_STRSZ).d_un.d_val = ~0ULL; },
       "DT_STRTAB at "},
      {"a needed library without a name",
       [](auto& f) { dynamic_of(f, DT_NEEDED).d_un.d_val = 1 << 30; },
       "DT_NEEDED 1073741824 is outside the "},
      {"symbols of another size", [](auto& f) { dynamic_of(f, DT_SYMENT).d_un.d_val = 16; },
       "DT_SYMENT is 16, needed is 24"},
      {"symbols elsewhere", [](auto& f) { dynamic_of(f, DT_SYMTAB).d_un.d_val = 1 << 30; },
       "DT_SYMTAB at 0x40000000 has no room for its "},
      {"a hash table elsewhere", [](auto& f) { dynamic_of(f, DT_GNU_HASH).d_un.d_val = 1 << 30; },
       "DT_GNU_HASH or DT_HASH is damaged, or neither is there"},
  };
  for (const Damage& row : rows) {
    std::vector<std::byte> file = library();
    row.make(file);
    const auto report = read_exactly(file);
    ASSERT_FALSE(report) << row.what;
    EXPECT_THAT(report.error().message, StartsWith(row.message)) << row.what;
    EXPECT_EQ(report.error().code, ErrorCode::kInvalid);
  }
}

TEST(ElfReader, TellsWhatElseAFileIs) {
  const std::string text = "#!/bin/sh\n";
  std::vector<std::byte> script(text.size());
  std::memcpy(script.data(), text.data(), text.size());

  EXPECT_EQ(read_elf(script).error().message, "not an ELF file: it does not begin with \\x7fELF");
  EXPECT_EQ(read_elf({}).error().message, "not an ELF file: it does not begin with \\x7fELF");
}

TEST(ElfReader, AMissingStackHeaderMeansAnExecutableStack) {
  std::vector<std::byte> file = library();
  segment_of(file, PT_GNU_STACK).p_type = PT_NULL;

  EXPECT_TRUE(read_elf(file)->has_executable_stack);
}

TEST(ElfReader, FlagsOfTheLinkerAreSeen) {
  std::vector<std::byte> file = library();
  dynamic_of(file, DT_FLAGS_1).d_un.d_val |= DF_1_NODELETE;
  dynamic_of(file, DT_FLAGS).d_un.d_val |= DF_TEXTREL;

  const auto report = read_elf(file);

  EXPECT_TRUE(report->is_nodelete);
  EXPECT_THAT(check_elf(*report, 1, 0).error().message, HasSubstr("DT_TEXTREL"));
}

// A tag that names a text: the same entry with another tag.
std::string needed_text_as(std::int64_t tag, std::string ElfReport::*member) {
  std::vector<std::byte> file = library();
  dynamic_of(file, DT_NEEDED).d_tag = tag;
  const auto report = read_elf(file);
  return report ? *report.*member : report.error().message;
}

TEST(ElfReader, ReadsTheTextsOfTheLinker) {
  const std::string needed = read_elf(library())->needed.front();

  EXPECT_EQ(needed_text_as(DT_SONAME, &ElfReport::soname), needed);
  EXPECT_EQ(needed_text_as(DT_RPATH, &ElfReport::search_path), needed);
  EXPECT_EQ(needed_text_as(DT_RUNPATH, &ElfReport::search_path), needed);
}

TEST(ElfReader, TheTextsOfTheLinkerLieInItsStrings) {
  for (const auto& [tag, name] : {std::pair<std::int64_t, std::string>{DT_SONAME, "DT_SONAME"},
                                  {DT_RPATH, "DT_RPATH"},
                                  {DT_RUNPATH, "DT_RUNPATH"}}) {
    std::vector<std::byte> file = library();
    Elf64_Dyn& entry = dynamic_of(file, DT_NEEDED);
    entry = {tag, {1 << 30}};
    EXPECT_THAT(read_exactly(file).error().message,
                StartsWith(name + " 1073741824 is outside the "));
  }
}

TEST(ElfReader, NamesTheNewestAbiThatALibraryNeeds) {
  ElfReport report;
  report.entry_symbols = {"hookhost_entry_v2", "hookhost_entry_v3"};
  EXPECT_EQ(check_elf(report, 1, 4).error().message, "needs ABI 3, this host speaks 1.4");
  report.entry_symbols.emplace_back("hookhost_entry_v1");
  EXPECT_TRUE(check_elf(report, 1, 4));
}

}  // namespace
}  // namespace hookhost::plugin
