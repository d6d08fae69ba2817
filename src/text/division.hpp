#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// Administrative divisions: province, prefecture, county, street or township, community or village.
namespace zhili::text {

enum class DivisionLevel : uint8_t { kProvince = 1, kCity, kCounty, kStreet, kCommunity };

/// How text at some place names a division.
enum class NameFit : uint8_t {
  kFull,     ///< Its name, or a usual short form that can't be anything else (恩施州).
  kVariant,  ///< Its name with the word of another kind: X镇 for X街道, which it may have been.
  kBare,     ///< Without the word for its kind: 朝阳 for 朝阳区, 张江 for 张江镇. Common words look like this too.
};

/// An immutable table, safe for any number of readers.
class DivisionTable {
 public:
  using Id = uint32_t;
  static constexpr Id kNone = ~Id{0};

  /// A table without rows.
  DivisionTable() = default;

  /// China: what is in force down to streets and townships, and county codes withdrawn since 1980. Built at the first
  /// call (some 30 ms), lives as long as the program.
  static const DivisionTable& national();

  /// This table and the rows of a CSV file with the heading `code,name,level,parent_code` and perhaps `aliases` (parted
  /// by semicolons). Codes have 6, 9 or 12 digits; level is 1 to 5 or province, city, county, street, community; a
  /// parent must be in this table or on an earlier line, empty for a province. Errors: those of
  /// read_file, kInput with the line.
  Result<DivisionTable> with_file(const std::filesystem::path& path) const;
  /// As `with_file`, from text; `file` names it in errors.
  Result<DivisionTable> with_csv(std::string_view csv, std::string_view file) const;

  size_t size() const { return rows_.size(); }

  /// The division of a code of 2, 4, 6, 9 or 12 digits, trailing zeros given or not; also withdrawn ones. kNone if
  /// unknown.
  Id find(std::string_view code) const;

  /// Divisions that `name` names in full, as a variant or bare (朝阳, 恩施州), beneath `under` at any depth; the
  /// better fit first, then higher levels, then those in force.
  std::vector<Id> all_named(std::string_view name, Id under = kNone) const;
  /// The one of `all_named` that is best alone; kNone where there is none or several are as good.
  Id find_named(std::string_view name, Id under = kNone) const;

  /// 6 digits down to counties, 9 for streets, 12 for communities.
  std::string code(Id id) const;
  std::string_view name(Id id) const { return std::string_view(text_).substr(rows_[id].name_at, rows_[id].name_size); }
  DivisionLevel level(Id id) const { return rows_[id].level; }
  /// kNone for a province.
  Id parent(Id id) const { return rows_[id].parent; }
  /// The division of that level on the way up from `id`, itself included; kNone where the chain has none.
  Id ancestor(Id id, DivisionLevel level) const;
  /// `id` lies beneath `above` or is it. Everything lies beneath kNone.
  bool is_under(Id id, Id above) const;
  /// The last year in which a withdrawn code was listed; 0 where it is in force.
  int withdrawn(Id id) const { return rows_[id].until; }
  /// 市辖区, 县 and 省直辖县级行政区划: levels that exist in codes and not in addresses.
  bool is_placeholder(Id id) const { return rows_[id].placeholder; }

  /// Calls visit(Id, size_t length, NameFit) for each division that the first `length` characters of `text` (folded)
  /// name. A division may come more than once.
  template <class Visit>
  void each_prefix(std::u32string_view text, Visit&& visit) const {
    uint32_t node = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      node = child(node, text[i]);
      if (node == 0) return;
      for (uint32_t e = endings_of(node); e != 0; e = endings_[e].next) report(endings_[e], text, i + 1, visit);
    }
  }

 private:
  /// How the name that ends at a node goes on.
  enum class Tail : uint8_t {
    kNothing,  ///< The name is whole.
    kBare,     ///< The name lacks the word for its kind.
    kTown,     ///< 镇 follows.
    kVillage,  ///< 乡 follows.
    kOffice,   ///< 街道 or one of its forms follows.
  };

  struct Row {
    uint64_t key;  ///< The code, padded to 12 digits.
    uint32_t name_at;
    Id parent;
    uint16_t until;
    uint8_t name_size;
    DivisionLevel level;
    bool placeholder;
  };
  struct Ending {
    Id id;
    uint32_t next;
    Tail tail;
  };
  struct Edge {
    uint64_t key = 0;
    uint32_t node = 0;
  };

  template <class Visit>
  static void report(const Ending& ending, std::u32string_view text, size_t length, Visit& visit) {
    if (ending.tail == Tail::kNothing) return visit(ending.id, length, NameFit::kFull);
    if (ending.tail != Tail::kBare) {
      Tail kind = Tail::kBare;
      const size_t tail = tail_length(text.substr(length), kind);
      if (tail > 0) return visit(ending.id, length + tail, kind == ending.tail ? NameFit::kFull : NameFit::kVariant);
    }
    visit(ending.id, length, NameFit::kBare);
  }
  /// The word for a kind of street or township that `text` begins with.
  static size_t tail_length(std::u32string_view text, Tail& kind);

  uint32_t child(uint32_t node, char32_t c) const;
  uint32_t endings_of(uint32_t node) const { return node < heads_.size() ? heads_[node] : 0; }

  static DivisionTable build_national();
  void add_national_line(std::string_view line, Id (&last)[6]);
  Id add(uint64_t key, std::string_view name, DivisionLevel level, Id parent, uint16_t until);
  void add_names(Id id, std::string_view name);
  void add_name(std::u32string_view name, Id id, Tail tail);
  uint32_t make_child(uint32_t node, char32_t c);
  void grow_edges();
  void sort_codes();

  std::string text_;
  std::vector<Row> rows_;
  std::vector<Id> by_code_;
  // A trie of names, its edges in one open-addressed table: the address parser asks for every prefix of its text.
  std::vector<Edge> edges_;
  std::vector<uint32_t> heads_ = {0};  ///< By node, the first of its endings.
  std::vector<Ending> endings_ = {Ending{kNone, 0, Tail::kNothing}};
};

}  // namespace zhili::text
