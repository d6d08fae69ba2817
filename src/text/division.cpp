#include "text/division.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "base/random.hpp"
#include "text/fold.hpp"
#include "text/utf8.hpp"

namespace zhili::text {
namespace {

// Both compilers take string literals far longer than the standard asks of them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "text/division_data.inc"
#pragma GCC diagnostic pop

constexpr size_t kCodeDigits = 12;
constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;
constexpr size_t kFirstEdges = 1024;

constexpr std::array<std::string_view, 12> kPlaceholders = {
    "市辖区",       "县",       "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖行政单位",
    "直辖行政单位", "直辖县级", "省直辖县级行政单位", "自治区直辖县级行政单位", "市辖县",
    "地级行政单位", "市"};

/// Peoples as they stand in the names of autonomous divisions, longer ones first where one ends another.
constexpr std::array<std::u32string_view, 63> kPeoples = {
    U"柯尔克孜族", U"乌孜别克族", U"鄂伦春族", U"鄂温克族", U"达斡尔族", U"塔吉克族", U"塔塔尔族", U"俄罗斯族",
    U"哈萨克族",   U"维吾尔族",   U"布朗族",   U"撒拉族",   U"毛南族",   U"仡佬族",   U"锡伯族",   U"阿昌族",
    U"普米族",     U"德昂族",     U"保安族",   U"裕固族",   U"独龙族",   U"赫哲族",   U"门巴族",   U"珞巴族",
    U"基诺族",     U"高山族",     U"拉祜族",   U"东乡族",   U"纳西族",   U"景颇族",   U"傈僳族",   U"土家族",
    U"哈尼族",     U"朝鲜族",     U"蒙古族",   U"仫佬族",   U"崩龙族",   U"柯尔克孜", U"哈萨克",   U"维吾尔",
    U"塔吉克",     U"蒙古",       U"锡伯",     U"各族",     U"回族",     U"藏族",     U"苗族",     U"彝族",
    U"壮族",       U"满族",       U"侗族",     U"瑶族",     U"白族",     U"傣族",     U"黎族",     U"佤族",
    U"畲族",       U"水族",       U"土族",     U"羌族",     U"怒族",     U"京族",     U"汉族"};

/// The name without the peoples at its end, as far as two characters are left (内蒙古 stays).
std::u32string_view without_peoples(std::u32string_view name) {
  for (bool again = true; again;) {
    again = false;
    for (const std::u32string_view people : kPeoples) {
      if (name.size() >= people.size() + 2 && name.ends_with(people)) {
        name.remove_suffix(people.size());
        again = true;
        break;
      }
    }
  }
  return name;
}

std::optional<uint64_t> code_key(std::string_view code) {
  if (code.size() != 2 && code.size() != 4 && code.size() != 6 && code.size() != 9 && code.size() != kCodeDigits) {
    return std::nullopt;
  }
  uint64_t key = 0;
  for (const char c : code) {
    if (c < '0' || c > '9') return std::nullopt;
    key = key * 10 + static_cast<uint64_t>(c - '0');
  }
  for (size_t i = code.size(); i < kCodeDigits; ++i) key *= 10;
  return key;
}

struct OfficeWord {
  std::u32string_view word;
  int kind;  // 0 town, 1 village, 2 office
};
constexpr std::array<OfficeWord, 9> kOfficeWords = {{{U"街道办事处", 2},
                                                     {U"地区办事处", 2},
                                                     {U"街道办", 2},
                                                     {U"办事处", 2},
                                                     {U"街道", 2},
                                                     {U"街办", 2},
                                                     {U"地区", 2},
                                                     {U"镇", 0},
                                                     {U"乡", 1}}};

/// Words that end the name of a community or village, longer ones first, and those that stand for them.
struct Committee {
  std::u32string_view word;
  std::array<std::u32string_view, 5> others;
};
constexpr std::array<std::u32string_view, 5> kOfCommunity = {U"社区", U"社区居委会", U"社区居民委员会", U"居委会",
                                                             U"居民委员会"};
constexpr std::array<std::u32string_view, 5> kOfVillage = {U"村", U"村委会", U"村民委员会", U"村委", U"村居委会"};
constexpr std::array<Committee, 8> kCommittees = {{{U"社区居民委员会", kOfCommunity},
                                                   {U"社区居委会", kOfCommunity},
                                                   {U"居民委员会", kOfCommunity},
                                                   {U"居委会", kOfCommunity},
                                                   {U"社区", kOfCommunity},
                                                   {U"村民委员会", kOfVillage},
                                                   {U"村委会", kOfVillage},
                                                   {U"村", kOfVillage}}};

std::optional<DivisionLevel> level_of(std::string_view word) {
  static constexpr std::array<std::string_view, 5> kWords = {"province", "city", "county", "street", "community"};
  for (size_t i = 0; i < kWords.size(); ++i) {
    if (word == kWords[i] || (word.size() == 1 && word[0] == static_cast<char>('1' + i))) {
      return static_cast<DivisionLevel>(i + 1);
    }
  }
  return std::nullopt;
}

/// Fields of one CSV line; quotes double inside quotes. False where a quote is left open.
bool split_csv(std::string_view line, std::vector<std::string>& fields) {
  fields.assign(1, {});
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        fields.back() += '"';
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return !quoted;
}

template <class Visit>
void each_part(std::string_view text, char separator, Visit visit) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

size_t DivisionTable::tail_length(std::u32string_view text, Tail& kind) {
  static constexpr std::array<Tail, 3> kKinds = {Tail::kTown, Tail::kVillage, Tail::kOffice};
  for (const OfficeWord& office : kOfficeWords) {
    if (text.starts_with(office.word)) {
      kind = kKinds[static_cast<size_t>(office.kind)];
      return office.word.size();
    }
  }
  return 0;
}

uint32_t DivisionTable::child(uint32_t node, char32_t c) const {
  if (edges_.empty()) return 0;
  const uint64_t key = (uint64_t{node} << 21 | c) + 1;
  for (uint64_t i = mix64(key);; ++i) {
    const Edge& edge = edges_[i & (edges_.size() - 1)];
    if (edge.key == key) return edge.node;
    if (edge.key == 0) return 0;
  }
}

uint32_t DivisionTable::make_child(uint32_t node, char32_t c) {
  if (const uint32_t known = child(node, c); known != 0) return known;
  if (heads_.size() * 2 >= edges_.size()) grow_edges();
  const uint64_t key = (uint64_t{node} << 21 | c) + 1;
  uint64_t i = mix64(key);
  while (edges_[i & (edges_.size() - 1)].key != 0) ++i;
  const auto made = static_cast<uint32_t>(heads_.size());
  edges_[i & (edges_.size() - 1)] = {key, made};
  heads_.push_back(0);
  return made;
}

void DivisionTable::grow_edges() {
  std::vector<Edge> old = std::move(edges_);
  edges_.assign(std::max(kFirstEdges, old.size() * 2), Edge{});
  for (const Edge& edge : old) {
    if (edge.key == 0) continue;
    uint64_t i = mix64(edge.key);
    while (edges_[i & (edges_.size() - 1)].key != 0) ++i;
    edges_[i & (edges_.size() - 1)] = edge;
  }
}

void DivisionTable::add_name(std::u32string_view name, Id id, Tail tail) {
  if (name.empty()) return;
  uint32_t node = 0;
  for (const char32_t c : name) node = make_child(node, c);
  for (uint32_t e = heads_[node]; e != 0; e = endings_[e].next) {
    if (endings_[e].id == id && endings_[e].tail == tail) return;
  }
  endings_.push_back({id, heads_[node], tail});
  heads_[node] = static_cast<uint32_t>(endings_.size() - 1);
}

/// The full name and the forms that are usual beside it.
void DivisionTable::add_names(Id id, std::string_view name) {
  const std::u32string chars = decode(fold(name));
  const std::u32string_view full = chars;
  const auto bare = [&](std::u32string_view base, Tail tail) {
    if (base.size() >= 2) add_name(base, id, tail);
  };
  const auto strip = [&](std::u32string_view suffix) {
    return full.ends_with(suffix) ? full.substr(0, full.size() - suffix.size()) : std::u32string_view{};
  };
  const DivisionLevel level = rows_[id].level;
  if (level == DivisionLevel::kStreet) {
    Tail kind = Tail::kNothing;
    for (const OfficeWord& office : kOfficeWords) {
      std::u32string_view base = strip(office.word);
      if (base.empty()) continue;
      if (office.kind == 1) base = without_peoples(base.ends_with(U"民族") ? base.substr(0, base.size() - 2) : base);
      if (base.size() < 2) break;
      tail_length(office.word, kind);
      add_name(base, id, kind);
      break;
    }
    add_name(full, id, Tail::kNothing);
    return;
  }
  add_name(full, id, Tail::kNothing);
  if (level == DivisionLevel::kCommunity) {
    for (const auto& [word, others] : kCommittees) {
      const std::u32string_view base = strip(word);
      if (base.empty()) continue;
      for (const std::u32string_view other : others) add_name(std::u32string(base).append(other), id, Tail::kNothing);
      break;
    }
    return;
  }
  for (const std::u32string_view kind : {U"自治区", U"自治州", U"自治县", U"自治旗"}) {
    const std::u32string_view base = strip(kind);
    if (base.empty()) continue;
    const std::u32string_view place = without_peoples(base);
    bare(place, Tail::kBare);
    if (kind != U"自治区" && place.size() >= 2) add_name(std::u32string(place) + kind.back(), id, Tail::kNothing);
    return;
  }
  for (const std::u32string_view kind :
       {U"特别行政区", U"地区", U"新区", U"林区", U"矿区", U"省", U"市", U"区", U"县", U"旗", U"盟"}) {
    if (const std::u32string_view base = strip(kind); base.size() >= 2) return bare(base, Tail::kBare);
  }
}

DivisionTable::Id DivisionTable::add(uint64_t key, std::string_view name, DivisionLevel level, Id parent,
                                     uint16_t until) {
  const auto id = static_cast<Id>(rows_.size());
  const bool placeholder = std::ranges::find(kPlaceholders, name) != kPlaceholders.end();
  rows_.push_back(
      {key, static_cast<uint32_t>(text_.size()), parent, until, static_cast<uint8_t>(name.size()), level, placeholder});
  text_ += name;
  if (!placeholder) add_names(id, name);
  return id;
}

void DivisionTable::sort_codes() {
  by_code_.resize(rows_.size());
  for (Id id = 0; id < rows_.size(); ++id) by_code_[id] = id;
  std::ranges::stable_sort(by_code_, {}, [this](Id id) { return rows_[id].key; });
}

void DivisionTable::add_national_line(std::string_view line, Id (&last)[6]) {
  size_t digits = 0;
  while (line[digits] >= '0' && line[digits] <= '9') ++digits;
  const std::string_view code = line.substr(0, digits);
  std::string_view rest = line.substr(digits);
  uint16_t until = 0;
  if (const size_t at = rest.find('@'); at != std::string_view::npos) {
    std::from_chars(rest.data() + at + 1, rest.data() + rest.size(), until);
    rest = rest.substr(0, at);
  }
  const size_t bar = std::min(rest.find('|'), rest.size());
  const std::string_view name = rest.substr(0, bar);
  // Streets give three digits beneath the county, or the prefecture without counties, above them.
  const DivisionLevel level = digits == 2   ? DivisionLevel::kProvince
                              : digits == 4 ? DivisionLevel::kCity
                              : digits == 6 ? DivisionLevel::kCounty
                                            : DivisionLevel::kStreet;
  Id parent = kNone;
  uint64_t key = 0;
  if (level == DivisionLevel::kStreet) {
    parent = last[5];
    std::from_chars(code.data(), code.data() + code.size(), key);
    key = rows_[parent].key + key * 1000;
  } else {
    key = *code_key(code);
    if (level == DivisionLevel::kCity) parent = last[1];
    if (level == DivisionLevel::kCounty) {
      const Id city = last[2];
      const bool same = city != kNone && rows_[city].key / 100'000'000 == key / 100'000'000;
      parent = same ? city : last[1];
    }
  }
  const Id id = add(key, name, level, parent, until);
  if (level != DivisionLevel::kStreet) last[static_cast<size_t>(level)] = last[5] = id;
  if (bar < rest.size()) each_part(rest.substr(bar + 1), '|', [&](std::string_view former) { add_names(id, former); });
}

DivisionTable DivisionTable::build_national() {
  DivisionTable table;
  table.rows_.reserve(50'000);
  constexpr std::string_view kLines(kDivisionLines, sizeof kDivisionLines - 1);
  table.text_.reserve(kLines.size());
  Id last[6] = {kNone, kNone, kNone, kNone, kNone, kNone};
  each_part(kLines, '\n', [&](std::string_view line) { table.add_national_line(line, last); });
  table.sort_codes();
  return table;
}

const DivisionTable& DivisionTable::national() {
  static const DivisionTable table = build_national();
  return table;
}

Result<DivisionTable> DivisionTable::with_file(const std::filesystem::path& path) const {
  ZHILI_ASSIGN(const std::string bytes, read_file(path, kMaxFileBytes));
  return with_csv(bytes, path.string());
}

Result<DivisionTable> DivisionTable::with_csv(std::string_view csv, std::string_view file) const {
  static constexpr std::string_view kHint = "The heading is code,name,level,parent_code and perhaps aliases.";
  DivisionTable table = *this;
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  uint64_t line_number = 0;
  size_t columns = 0;
  std::vector<std::string> fields;
  Status status;
  each_part(csv, '\n', [&](std::string_view line) {
    ++line_number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || !status) return;
    const Place place{std::string(file), line_number, 0};
    const auto refuse = [&](std::string_view what) {
      status = fail(ErrorCode::kInput, place, std::string(kHint), "{}: {}", what, line);
    };
    if (!split_csv(line, fields)) return refuse("a quote is left open");
    if (columns == 0) {
      columns = fields.size();
      const bool right = columns >= 4 && fields[0] == "code" && fields[1] == "name" && fields[2] == "level" &&
                         fields[3] == "parent_code" && (columns == 4 || fields[4] == "aliases");
      if (!right) refuse("not the heading of a division table");
      return;
    }
    if (fields.size() < 4 || fields.size() > 5) return refuse("the line has not 4 or 5 fields");
    const auto key = code_key(fields[0]);
    if (!key) return refuse("the code has not 6, 9 or 12 digits");
    const auto level = level_of(fields[2]);
    if (!level) return refuse("the level is none of 1 to 5 or province, city, county, street, community");
    if (fields[1].empty() || fields[1].size() > 255 || !valid_utf8(fields[1]))
      return refuse("the name is empty, too long or not UTF-8");
    Id parent = kNone;
    if (!fields[3].empty()) {
      const auto parent_key = code_key(fields[3]);
      // Rows of this file come after the sorted ones.
      for (Id id = static_cast<Id>(table.rows_.size()); parent_key && parent == kNone && id-- > size();) {
        if (table.rows_[id].key == *parent_key) parent = id;
      }
      if (parent == kNone) parent = find(fields[3]);
      if (parent == kNone) return refuse("the parent is not known above this line");
      if (table.level(parent) >= *level) return refuse("the parent's level is not above this one");
    }
    const Id id = table.add(*key, fields[1], *level, parent, 0);
    if (fields.size() == 5) each_part(fields[4], ';', [&](std::string_view alias) { table.add_names(id, alias); });
  });
  ZHILI_TRY(status);
  if (columns == 0) return fail(ErrorCode::kInput, {std::string(file), 0, 0}, std::string(kHint), "the table is empty");
  table.sort_codes();
  return table;
}

DivisionTable::Id DivisionTable::find(std::string_view code) const {
  const auto key = code_key(code);
  if (!key) return kNone;
  const auto found = std::ranges::lower_bound(by_code_, *key, {}, [this](Id id) { return rows_[id].key; });
  return found != by_code_.end() && rows_[*found].key == *key ? *found : kNone;
}

std::vector<DivisionTable::Id> DivisionTable::all_named(std::string_view name, Id under) const {
  const std::u32string chars = decode(fold(name));
  struct Hit {
    NameFit fit;
    DivisionLevel level;
    bool withdrawn;
    Id id;
    auto operator<=>(const Hit&) const = default;
  };
  std::vector<Hit> hits;
  each_prefix(chars, [&](Id id, size_t length, NameFit fit) {
    if (length == chars.size() && is_under(id, under)) hits.push_back({fit, level(id), withdrawn(id) != 0, id});
  });
  std::ranges::sort(hits);
  std::vector<Id> out;
  for (const Hit& hit : hits) {
    if (std::ranges::find(out, hit.id) == out.end()) out.push_back(hit.id);
  }
  return out;
}

DivisionTable::Id DivisionTable::find_named(std::string_view name, Id under) const {
  const std::vector<Id> all = all_named(name, under);
  if (all.empty()) return kNone;
  if (all.size() == 1) return all[0];
  // A second one of the same level, in force as the first, leaves it open which is meant.
  const bool same = level(all[0]) == level(all[1]) && (withdrawn(all[0]) != 0) == (withdrawn(all[1]) != 0);
  return same ? kNone : all[0];
}

std::string DivisionTable::code(Id id) const {
  std::string digits = fmt::format("{:012}", rows_[id].key);
  const DivisionLevel level = rows_[id].level;
  digits.resize(level <= DivisionLevel::kCounty ? 6 : level == DivisionLevel::kStreet ? 9 : kCodeDigits);
  return digits;
}

DivisionTable::Id DivisionTable::ancestor(Id id, DivisionLevel level) const {
  while (id != kNone && rows_[id].level > level) id = rows_[id].parent;
  return id != kNone && rows_[id].level == level ? id : kNone;
}

bool DivisionTable::is_under(Id id, Id above) const {
  if (above == kNone) return true;
  while (id != kNone && id != above) id = rows_[id].parent;
  return id == above;
}

}  // namespace zhili::text
