#include "text/address.hpp"

#include <algorithm>
#include <array>

#include "text/address_body.hpp"
#include "text/address_head.hpp"
#include "text/fold.hpp"
#include "text/utf8.hpp"

namespace zhili::text {
namespace {

constexpr size_t kMostChars = 200;

using Id = DivisionTable::Id;

/// The folded text without spaces and bracketed remarks, punctuation as commas; notes in square brackets apart.
class Cleaned {
 public:
  explicit Cleaned(std::string_view folded) {
    const char* p = folded.data();
    const char* const end = p + folded.size();
    int depth = 0;
    bool note = false;
    while (p < end && main_.room() && notes_.room()) {
      const char32_t c = next_char(p, end);
      if (c == '[' || c == ']') {
        note = c == '[';
        if (note) notes_.put(',');
      } else if (c == '(' || c == '<' || c == '{') {
        ++depth;
      } else if (c == ')' || c == '>' || c == '}') {
        depth = depth > 0 ? depth - 1 : 0;
      } else if (depth == 0) {
        Piece& piece = note ? notes_ : main_;
        if (!note && ends_address(c, p, end)) break;
        if (!note && c == ':' && piece.drop_label()) continue;
        piece.put(c);
      }
    }
    main_.trim();
    notes_.trim();
  }

  std::u32string_view main() const { return main_.view(); }
  std::u32string_view notes() const { return notes_.view(); }

 private:
  class Piece {
   public:
    std::u32string_view view() const { return {chars_.data(), size_}; }
    size_t size() const { return size_; }
    bool room() const { return size_ < kMostChars; }
    void put(char32_t written) {
      char32_t c = plain(written);
      if (c == ' ') {
        space_ = true;
        return;
      }
      // A space parts numbers and Latin words; between Han characters it is an accident.
      if (space_ && is_word(last()) && is_word(c)) add(',');
      space_ = false;
      // A dash between names parts them.
      if (last() == '-' && is_han(c) && (size_ < 2 || is_han(chars_[size_ - 2]))) chars_[size_ - 1] = ',';
      add(c);
    }
    /// "公司地址:" in front says nothing about the place. Whether it was dropped.
    bool drop_label() {
      if (size_ > kLongestLabel || std::ranges::any_of(view(), [](char32_t c) { return c < 0x80; })) return false;
      size_ = 0;
      return true;
    }
    void trim() {
      while (size_ > 0 && (last() == ',' || last() == '-')) --size_;
    }

   private:
    char32_t last() const { return size_ > 0 ? chars_[size_ - 1] : U'\0'; }
    void add(char32_t c) {
      if ((c == ',' || c == '-') && (size_ == 0 || last() == ',' || last() == c)) return;
      if (c == ',' && last() == '-') --size_;
      if (size_ < chars_.size()) chars_[size_++] = c;
    }

    std::array<char32_t, kMostChars + 2> chars_;
    size_t size_ = 0;
    bool space_ = false;
  };

  static constexpr size_t kFirstAddressChars = 6;
  static constexpr size_t kLongestLabel = 10;

  static bool is_word(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
  static char32_t plain(char32_t c) {
    static constexpr std::u32string_view kParts = U"./\\|:\"'!?*=;";
    if (kParts.find(c) != std::u32string_view::npos) return ',';
    return c == '~' || c == '_' ? U'-' : c;
  }
  /// Another address follows: after a semicolon, or after a slash before a name.
  bool ends_address(char32_t c, const char* p, const char* end) const {
    if (main_.size() < kFirstAddressChars) return false;
    if (c == ';') return true;
    while (p < end && *p == ' ') ++p;
    return c == '/' && p < end && static_cast<unsigned char>(*p) >= 0x80;
  }

  Piece main_;
  Piece notes_;
};

/// 多福巷社区居委会 is written 多福巷社区, 芦城村委会 芦城村.
std::string community_name(std::string_view name) {
  for (const std::string_view word : {"居民委员会", "居委会"}) {
    if (!name.ends_with(word) || name.size() == word.size()) continue;
    name.remove_suffix(word.size());
    return std::string(name) + (name.ends_with("社区") || name.ends_with("村") ? "" : "社区");
  }
  for (const std::string_view word : {"民委员会", "委会"}) {
    if (!name.ends_with(word)) continue;
    const std::string_view village = name.substr(0, name.size() - word.size());
    if (village.ends_with("村")) return std::string(village);
  }
  return std::string(name);
}

/// Names of `id` and of all above it.
void fill_divisions(const DivisionTable& table, Id id, Address& out) {
  out.division_code = table.code(id);
  for (; id != DivisionTable::kNone; id = table.parent(id)) {
    if (table.is_placeholder(id)) continue;
    const std::string_view name = table.name(id);
    switch (table.level(id)) {
      case DivisionLevel::kProvince:
        out.province = name;
        break;
      case DivisionLevel::kCity:
        out.city = name;
        break;
      case DivisionLevel::kCounty:
        out.county = name;
        break;
      case DivisionLevel::kStreet:
        out.street = name;
        break;
      case DivisionLevel::kCommunity:
        out.community = community_name(name);
        break;
    }
  }
  if (out.city.empty() && out.province.ends_with("市")) out.city = out.province;
}

/// The lowest division that all of `head` lie beneath; kNone if they share none.
Id common_ancestor(const DivisionTable& table, const detail::DivisionHead& head) {
  Id common = head.ids[0];
  for (size_t i = 1; i < head.size && common != DivisionTable::kNone; ++i) {
    while (common != DivisionTable::kNone && !table.is_under(head.ids[i], common)) common = table.parent(common);
  }
  return common;
}

void put_divisions(const DivisionTable& table, const detail::DivisionHead& head, std::u32string_view text,
                   Address& out) {
  if (head.size == 0) return;
  const Id common = common_ancestor(table, head);
  if (common != DivisionTable::kNone) fill_divisions(table, common, out);
  if (head.size == 1) return;
  // Several divisions have the name: it stays as written, with what they share above it.
  const std::string written = encode(text.substr(head.name_begin, head.name_end - head.name_begin));
  switch (table.level(head.ids[0])) {
    case DivisionLevel::kProvince:
      out.province = written;
      break;
    case DivisionLevel::kCity:
      out.city = written;
      break;
    case DivisionLevel::kCounty:
      out.county = written;
      break;
    case DivisionLevel::kStreet:
      out.street = written;
      break;
    case DivisionLevel::kCommunity:
      out.community = written;
      break;
  }
}

/// Without the country, or the number of the address in a list ("1、").
std::u32string_view without_beginning(std::u32string_view text) {
  if (text.size() > 2 && text[0] >= '0' && text[0] <= '9' && text[1] == ',') text.remove_prefix(2);
  for (const std::u32string_view country : {U"中华人民共和国", U"中国"}) {
    if (text.starts_with(country)) text.remove_prefix(country.size());
  }
  return text;
}

}  // namespace

Address parse_address(std::string_view text, const DivisionTable& table) {
  std::string folded;
  fold_into(text, folded);
  const Cleaned cleaned(folded);
  const std::u32string_view chars = without_beginning(cleaned.main());
  Address out;
  const detail::DivisionHead head = detail::find_divisions(chars, table);
  put_divisions(table, head, chars, out);
  out.rest = encode(chars.substr(head.zone_begin, head.zone_end - head.zone_begin));
  detail::read_body(chars.substr(head.end), out);
  if (!cleaned.notes().empty()) {
    if (!out.rest.empty()) out.rest += ',';
    for (const char32_t c : cleaned.notes()) append(out.rest, c);
  }
  return out;
}

std::string Address::standard() const {
  std::string out;
  out.reserve(96);
  out += province;
  if (city != province) out += city;
  out += county;
  out += street;
  out += community;
  out += road;
  out += lane;
  const auto put = [&out](const std::string& part, std::string_view word) {
    if (part.empty()) return;
    out += part;
    out += word;
  };
  put(number, "号");
  put(building, "栋");
  put(unit, "单元");
  put(room, room.ends_with("层") ? "" : "室");
  if (!rest.empty()) {
    out += '[';
    out += rest;
    out += ']';
  }
  return out;
}

}  // namespace zhili::text
