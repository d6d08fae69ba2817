#include "text/address_head.hpp"

#include <algorithm>
#include <span>

namespace zhili::text::detail {
namespace {

using Id = DivisionTable::Id;

/// What makes 东方, 中山 or 长安 the beginning of a name that is no division.
constexpr std::array<std::u32string_view, 46> kNameGoesOn = {
    U"大学", U"大厦", U"医院", U"公司", U"银行", U"饭店", U"酒店", U"宾馆", U"广场", U"花园", U"公寓", U"小区",
    U"商城", U"新村", U"新城", U"国际", U"中心", U"大桥", U"机场", U"车站", U"火车", U"公园", U"学院", U"中学",
    U"小学", U"集团", U"工业", U"科技", U"大楼", U"名城", U"商厦", U"商场", U"市场", U"城",   U"里",   U"村",
    U"苑",   U"园",   U"湾",   U"桥",   U"港",   U"楼",   U"门",   U"站",   U"馆",   U"府"};

constexpr size_t kLongestRoad = 8;
constexpr size_t kLongestZone = 14;

struct Match {
  size_t length = 0;
  NameFit fit = NameFit::kBare;

  bool operator==(const Match&) const = default;
};

bool better(const Match& a, const Match& b) {
  const bool a_bare = a.fit == NameFit::kBare;
  const bool b_bare = b.fit == NameFit::kBare;
  if (a_bare != b_bare) return !a_bare;
  if (a.length != b.length) return a.length > b.length;
  return a.fit < b.fit;
}

/// A road's whole name stands at the beginning of `text`, at least two characters and the word for a road.
bool road_follows(std::u32string_view text) {
  for (size_t i = 0; i < std::min(text.size(), kLongestRoad); ++i) {
    const char32_t c = text[i];
    if (c == U'路' || c == U'街') return i >= 2 && !leads_to_road(text);
    if (c == ',' || (c >= '0' && c <= '9') || c == U'区' || c == U'园' || c == U'城' || c == U'厦') return false;
  }
  return false;
}

class Finder {
 public:
  Finder(std::u32string_view text, const DivisionTable& table) : text_(text), table_(table) {}

  DivisionHead run() {
    for (;;) {
      while (at_ < text_.size() && text_[at_] == ',') ++at_;
      const std::u32string_view here = text_.substr(at_);
      if (here.starts_with(U"市辖区") && head_.size > 0) {
        at_ += 3;
        continue;
      }
      if (!step(here) && !skip_zone(here)) break;
    }
    if (head_.size == 0) head_.end = 0;
    return head_;
  }

 private:
  bool beneath(Id id) const {
    if (head_.size == 0) return true;
    return std::any_of(head_.ids.begin(), head_.ids.begin() + static_cast<std::ptrdiff_t>(head_.size),
                       [&](Id above) { return id != above && table_.is_under(id, above); });
  }
  /// A division that is already known, written again: itself or one above it.
  bool repeated(Id id) const {
    return std::any_of(head_.ids.begin(), head_.ids.begin() + static_cast<std::ptrdiff_t>(head_.size),
                       [&](Id known) { return table_.is_under(known, id); });
  }

  /// 朝阳 is a prefecture of one province and a county elsewhere: bare and in front it tells neither.
  bool shares_name(Id id, std::u32string_view name) const {
    if (table_.level(id) != DivisionLevel::kCity) return false;
    bool shared = false;
    table_.each_prefix(name, [&](Id other, size_t length, NameFit) {
      shared |= length == name.size() && table_.level(other) == DivisionLevel::kCounty &&
                table_.withdrawn(other) == 0 && !table_.is_under(other, id);
    });
    return shared;
  }

  bool direct_parent_known(Id id) const {
    const auto end = head_.ids.begin() + static_cast<std::ptrdiff_t>(head_.size);
    return std::find(head_.ids.begin(), end, table_.parent(id)) != end;
  }

  /// A development zone, which no table of divisions knows, between the divisions: 龙华新区大浪…, 经济开发区宁围镇….
  bool skip_zone(std::u32string_view here) {
    static constexpr std::u32string_view kEnds = U",路街道镇乡村号0123456789";
    if (head_.size == 0 || head_.zone_end > head_.zone_begin) return false;
    for (size_t i = 1; i < std::min(here.size(), kLongestZone); ++i) {
      if (kEnds.find(here[i - 1]) != std::u32string_view::npos) return false;
      if (here[i] != U'区' && here[i] != U'园') continue;
      const size_t before = at_;
      at_ += i + 1;
      if (step(text_.substr(at_))) {
        head_.zone_begin = before;
        head_.zone_end = before + i + 1;
        return true;
      }
      at_ = before;
    }
    return false;
  }

  /// Takes one division at `here`; whether there was one.
  bool step(std::u32string_view here) {
    found_size_ = 0;
    table_.each_prefix(here, [&](Id id, size_t length, NameFit fit) {
      if (found_size_ < found_.size()) found_[found_size_++] = {id, {length, fit}};
    });
    Match best;
    for (const Found& found : all_found()) {
      if ((best.length == 0 || better(found.match, best)) && admitted(found.id, here, found.match)) best = found.match;
    }
    if (best.length == 0) return false;
    take(here, best);
    return true;
  }

  bool admitted(Id id, std::u32string_view here, const Match& match) const {
    const std::u32string_view after = here.substr(match.length);
    const bool named =
        match.fit != NameFit::kBare && (!begins_road(here.substr(0, match.length), after) || child_follows(id, after));
    if (head_.size > 0 && repeated(id)) {
      return match.fit == NameFit::kBare ? table_.level(id) < DivisionLevel::kStreet && plain_bare(after) : named;
    }
    if (!beneath(id)) return false;
    const DivisionLevel level = table_.level(id);
    if (match.fit == NameFit::kFull) return named;
    if (head_.size == 0 && level >= DivisionLevel::kStreet) return false;
    if (match.fit == NameFit::kVariant) return named;
    if (level >= DivisionLevel::kStreet) return direct_parent_known(id) && road_follows(after);
    if (child_follows(id, after)) return true;
    if (head_.size == 0 && (level == DivisionLevel::kCounty || shares_name(id, here.substr(0, match.length)))) {
      return false;
    }
    return plain_bare(after);
  }

  /// 九龙东路, 朝阳区路: the name of a road begins like a division's full name.
  static bool begins_road(std::u32string_view name, std::u32string_view after) {
    static constexpr std::u32string_view kKinds = U"省市区县旗盟州镇乡";
    if (kKinds.find(name.back()) == std::u32string_view::npos && !name.ends_with(U"街道")) return leads_to_road(after);
    if (after.empty() || after.starts_with(U"街道")) return false;
    return after[0] == U'路' || after[0] == U'街' || after[0] == U'巷' || after.starts_with(U"大道") ||
           after.starts_with(U"大街");
  }

  static bool plain_bare(std::u32string_view after) {
    return !leads_to_road(after) &&
           std::ranges::none_of(kNameGoesOn, [&](std::u32string_view word) { return after.starts_with(word); });
  }

  /// A division beneath `id` follows, in its full name or followed by one that is.
  bool child_follows(Id id, std::u32string_view after) const {
    bool found = false;
    table_.each_prefix(after, [&](Id child, size_t length, NameFit fit) {
      if (found || child == id || !table_.is_under(child, id)) return;
      const std::u32string_view behind = after.substr(length);
      if (leads_to_road(behind)) return;
      found = fit == NameFit::kFull || (table_.level(child) <= DivisionLevel::kCounty && plain_bare(behind));
    });
    return found;
  }

  void take(std::u32string_view here, const Match& best) {
    std::array<Id, DivisionHead::kMost> ids;
    size_t size = 0;
    bool repeat = false;
    bool in_force = false;
    int latest = 0;
    DivisionLevel highest = DivisionLevel::kCommunity;
    // Only what is as good as the best and admitted counts from here on.
    size_t kept = 0;
    for (const Found& found : all_found()) {
      if (found.match == best && admitted(found.id, here, best)) found_[kept++] = found;
    }
    found_size_ = kept;
    for (const auto& [id, match] : all_found()) {
      repeat |= head_.size > 0 && repeated(id);
      in_force |= table_.withdrawn(id) == 0;
      latest = std::max(latest, table_.withdrawn(id));
      highest = std::min(highest, table_.level(id));
    }
    if (repeat) {
      // 甲区乙市: what stands above comes second and says which one is meant.
      narrow(best);
      return;
    }
    for (const auto& [id, match] : all_found()) {
      // What is in force goes before what is withdrawn, and that before what was withdrawn earlier.
      if (in_force ? table_.withdrawn(id) != 0 : table_.withdrawn(id) != latest) continue;
      // A street of some county far away shares its name with a county: the county is meant.
      if (highest <= DivisionLevel::kCounty && table_.level(id) > DivisionLevel::kCounty) continue;
      const auto end = ids.begin() + static_cast<std::ptrdiff_t>(size);
      if (size < ids.size() && std::find(ids.begin(), end, id) == end) ids[size++] = id;
    }
    drop_lower(ids, size);
    head_.ids = ids;
    head_.size = size;
    head_.name_begin = at_;
    at_ += best.length;
    head_.name_end = at_;
    head_.end = at_;
  }

  /// A bare name that a prefecture shares with a county in it means the prefecture.
  void drop_lower(std::array<Id, DivisionHead::kMost>& ids, size_t& size) const {
    const auto all = ids;
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(size);
    size_t kept = 0;
    for (size_t i = 0; i < size; ++i) {
      const bool lower =
          std::any_of(all.begin(), end, [&](Id above) { return above != all[i] && table_.is_under(all[i], above); });
      if (!lower) ids[kept++] = all[i];
    }
    size = kept;
  }

  void narrow(const Match& best) {
    size_t kept = 0;
    for (size_t i = 0; i < head_.size; ++i) {
      const bool under =
          std::ranges::any_of(all_found(), [&](const Found& f) { return table_.is_under(head_.ids[i], f.id); });
      if (under) head_.ids[kept++] = head_.ids[i];
    }
    head_.size = kept;
    at_ += best.length;
    head_.end = at_;
  }

  struct Found {
    Id id;
    Match match;
  };
  std::span<const Found> all_found() const { return {found_.data(), found_size_}; }

  std::u32string_view text_;
  const DivisionTable& table_;
  size_t at_ = 0;
  DivisionHead head_;
  std::array<Found, 256> found_;
  size_t found_size_ = 0;
};

}  // namespace

bool leads_to_road(std::u32string_view text) {
  static constexpr std::u32string_view kBetween = U"东西南北中大小一二三四五六七八九十环支横前后内外上下新老直正";
  for (size_t i = 0; i < std::min<size_t>(text.size(), 4); ++i) {
    const char32_t c = text[i];
    if (c == U'路' || c == U'街' || c == U'巷' || c == U'弄') {
      // 东城区街道… is no road.
      return !(text.substr(i).starts_with(U"街道") || text.substr(i).starts_with(U"街办"));
    }
    if (c == U'道') return i > 0;
    if (kBetween.find(c) == std::u32string_view::npos) return false;
  }
  return false;
}

DivisionHead find_divisions(std::u32string_view text, const DivisionTable& table) { return Finder(text, table).run(); }

}  // namespace zhili::text::detail
