#include "text/address_body.hpp"

#include <algorithm>
#include <span>

#include "text/address_head.hpp"
#include "text/utf8.hpp"

namespace zhili::text::detail {
namespace {

enum class Word : uint8_t { kNone, kGate, kLane, kBuilding, kUnit, kRoom, kFloor, kGroup, kName };

struct Kind {
  std::u32string_view text;
  Word word;
};

/// Words behind a number, longer ones before those that begin them. kName ones make number and word part of a name.
constexpr std::array<Kind, 58> kWords = {
    {{U"号楼", Word::kBuilding}, {U"号栋", Word::kBuilding}, {U"号幢", Word::kBuilding},  {U"号座", Word::kBuilding},
     {U"号大院", Word::kGate},   {U"号院", Word::kGate},     {U"号室", Word::kRoom},      {U"号房", Word::kRoom},
     {U"号单元", Word::kUnit},   {U"号门", Word::kUnit},     {U"号弄", Word::kLane},      {U"号路", Word::kName},
     {U"号街", Word::kName},     {U"号大街", Word::kName},   {U"号大道", Word::kName},    {U"号线", Word::kName},
     {U"号桥", Word::kName},     {U"号公路", Word::kName},   {U"号地", Word::kName},      {U"号高", Word::kName},
     {U"号铺", Word::kRoom},     {U"号支路", Word::kName},   {U"号", Word::kGate},        {U"支弄", Word::kLane},
     {U"弄", Word::kLane},       {U"巷", Word::kLane},       {U"幢楼", Word::kBuilding},  {U"幢", Word::kBuilding},
     {U"栋楼", Word::kBuilding}, {U"栋", Word::kBuilding},   {U"座楼", Word::kBuilding},  {U"座", Word::kBuilding},
     {U"#楼", Word::kBuilding},  {U"#", Word::kBuilding},    {U"单元", Word::kUnit},      {U"单位", Word::kName},
     {U"梯", Word::kUnit},       {U"室", Word::kRoom},       {U"房间", Word::kRoom},      {U"房", Word::kRoom},
     {U"户", Word::kRoom},       {U"层楼", Word::kFloor},    {U"层", Word::kFloor},       {U"楼层", Word::kFloor},
     {U"楼村", Word::kName},     {U"楼", Word::kFloor},      {U"村民小组", Word::kGroup}, {U"小组", Word::kGroup},
     {U"组团", Word::kName},     {U"组", Word::kGroup},      {U"队", Word::kGroup},       {U"国道", Word::kName},
     {U"省道", Word::kName},     {U"县道", Word::kName},     {U"门", Word::kUnit},        {U"里", Word::kName},
     {U"村", Word::kName},       {U"区", Word::kName}}};

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_letter(char32_t c) { return c >= 'a' && c <= 'z'; }
bool is_numeral(char32_t c) {
  return std::u32string_view(U"〇零一二三四五六七八九十两").find(c) != std::u32string_view::npos;
}
bool is_direction(char32_t c) { return c == U'东' || c == U'西' || c == U'南' || c == U'北' || c == U'中'; }

/// 厚街大道, 四平路东街: the name of the road goes on behind its first 路 or 街.
bool longer_road(std::u32string_view behind) {
  for (size_t i = 0; i < std::min<size_t>(behind.size(), 3); ++i) {
    const char32_t c = behind[i];
    if (c == U'路' || c == U'街') return !behind.substr(i).starts_with(U"街道");
    if (c == U'道') return i > 0 && behind[i - 1] == U'大';
    if (!is_direction(c) && !is_numeral(c) && c != U'大' && c != U'支' && c != U'横') return false;
  }
  return false;
}

std::string utf8(std::u32string_view chars) {
  std::string out;
  for (const char32_t c : chars) append(out, c);
  return out;
}

class Body {
 public:
  Body(std::u32string_view text, Address& out) : text_(text), out_(out) {}

  void run() {
    while (at_ < text_.size()) {
      if (text_[at_] == ',') {
        end_piece(at_);
        piece_ = ++at_;
        last_ = Word::kNone;
      } else if (!take_number() && !take_place()) {
        ++at_;
      }
    }
    end_piece(at_);
    finish_floor();
  }

 private:
  std::u32string_view piece() const { return text_.substr(piece_, at_ - piece_); }
  std::u32string_view ahead(size_t n = 0) const { return text_.substr(std::min(text_.size(), at_ + n)); }

  /// What stands between the last part and `end` and is none: a name.
  void end_piece(size_t end) {
    size_t begin = piece_;
    while (begin < end && text_[begin] == '-') ++begin;
    while (end > begin && text_[end - 1] == '-') --end;
    add_rest(text_.substr(begin, end - begin));
  }
  void add_rest(std::u32string_view chars) {
    if (chars.empty()) return;
    if (!out_.rest.empty()) out_.rest += ',';
    for (const char32_t c : chars) append(out_.rest, c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  /// The part that was read ends at `end`; what stood before it in the piece has been dealt with.
  void start_piece(size_t end, Word last) {
    at_ = piece_ = end;
    last_ = last;
  }

  bool take_number();
  bool take_bare_number(const AddressNumber& number);
  void put(const AddressNumber& number, Word word, std::u32string_view unit);
  void put_gate(const AddressNumber& number);
  void put_rooms(const AddressNumber& number, size_t from);
  void put_floor(const AddressNumber& number);
  void skip_run(size_t length);
  void add_gate_suffix();

  bool take_place();
  bool take_road();
  bool take_lane();
  bool take_town();
  bool take_community();
  void split_road(std::u32string_view name);
  void finish_floor();

  static std::string joined(const AddressNumber& number, size_t from, size_t to) {
    std::string out;
    for (size_t i = from; i < to; ++i) {
      if (!out.empty()) out += '-';
      out += number.parts[i].view();
    }
    return out;
  }

  std::u32string_view text_;
  Address& out_;
  size_t at_ = 0;
  size_t piece_ = 0;  ///< Where the text begins that belongs to no part yet.
  Word last_ = Word::kNone;
  bool after_road_ = false;  ///< The last part was the road, lane, town or community: a bare number is the gate's.
  std::string floor_;
};

void Body::skip_run(size_t length) { at_ += length; }

/// A number and the word behind it, or a number that stands alone. False where it belongs to a name.
bool Body::take_number() {
  const char32_t c = text_[at_];
  const bool marked = c == U'第' || c == U'甲' || c == U'乙' || c == U'丙' || c == U'丁' || c == U'附';
  if (!is_digit(c) && !is_letter(c) && !is_numeral(c) && !marked) return false;
  const AddressNumber number = read_number(ahead());
  if (number.length == 0 || number.size == 0) {
    // A long run of letters or numerals is a name; don't look again inside it.
    size_t n = 1;
    const auto same = [&](char32_t d) {
      return is_letter(c) || is_digit(c) ? is_letter(d) || is_digit(d) : is_numeral(d);
    };
    while (!marked && at_ + n < text_.size() && same(text_[at_ + n])) ++n;
    skip_run(n);
    return true;
  }
  std::u32string_view behind = ahead(number.length);
  // 3f, 12f: the letter is the word for a floor.
  for (const Kind& kind : kWords) {
    if (!behind.starts_with(kind.text)) continue;
    if (kind.word == Word::kName) break;
    if (number.letters && kind.word != Word::kBuilding && kind.word != Word::kUnit && kind.word != Word::kRoom) break;
    // 八一楼, 五四村: numerals that name; a number of more than one digit is written with tens.
    if (kind.word == Word::kUnit && kind.text == U"门" && out_.building.empty() && out_.number.empty()) break;
    if (kind.word == Word::kLane && kind.text == U"巷" && number.numerals) break;
    end_piece(at_);
    put(number, kind.word, kind.text);
    return true;
  }
  // 五栋三零一: numerals alone are a room only behind a building.
  const bool digits = !number.numerals || last_ == Word::kBuilding || last_ == Word::kUnit;
  if (!number.letters && digits && number.prefix == 0 && take_bare_number(number)) return true;
  skip_run(number.length);
  return true;
}

/// 3-2-501, 501, 文三路300: what the number is follows from its shape and its place.
bool Body::take_bare_number(const AddressNumber& number) {
  const std::u32string_view behind = ahead(number.length);
  const bool ends = behind.empty() || behind[0] == ',' || behind[0] == '-';
  const AddressNumber::Part& last = number.parts[number.size - 1];
  const bool first = piece_ == at_;
  if (number.size == 1 && last.size > 1 && last.chars[last.size - 1u] == 'F' && last.digits() == last.size - 1u) {
    end_piece(at_);
    floor_.assign(last.chars.data(), last.size - 1u);
    start_piece(at_ + number.length, Word::kFloor);
    return true;
  }
  if (!ends && !(first && (after_road_ || (last_ != Word::kNone && last.digits() >= 3)))) return false;
  if (number.size == 1) {
    if (first && after_road_ && out_.number.empty()) {
      end_piece(at_);
      out_.number = joined(number, 0, 1);
      start_piece(at_ + number.length, Word::kGate);
      after_road_ = false;
      return true;
    }
    if (out_.room.empty() && last.digits() >= 3) {
      end_piece(at_);
      out_.room = joined(number, 0, 1);
      start_piece(at_ + number.length, Word::kRoom);
      return true;
    }
    return false;
  }
  end_piece(at_);
  if (first && after_road_ && out_.number.empty()) {
    // 义安门52-3 is a gate with its second door, 曹杨路300-501 a gate and a room.
    const bool room = last.digits() >= 3 && number.parts[0].digits() < 5;
    out_.number = joined(number, 0, room ? 1 : number.size);
    if (room) put_rooms(number, 1);
  } else {
    put_rooms(number, 0);
  }
  after_road_ = false;
  start_piece(at_ + number.length, Word::kRoom);
  return true;
}

/// Parts from `from` on as building, unit and room, as far as these are still open.
void Body::put_rooms(const AddressNumber& number, size_t from) {
  size_t left = number.size - from;
  const bool range = left == 2 && number.parts[from].digits() >= 3 && number.parts[from + 1].digits() >= 3;
  if (left >= 2 && !range && out_.building.empty()) {
    out_.building = joined(number, from, from + 1);
    ++from;
    --left;
  }
  if (left >= 2 && !range && out_.unit.empty()) {
    out_.unit = joined(number, from, from + 1);
    ++from;
    --left;
  }
  if (out_.room.empty()) {
    out_.room = joined(number, from, number.size);
  } else {
    add_rest(decode(joined(number, from, number.size)));
  }
}

void Body::put_gate(const AddressNumber& number) {
  std::string text;
  number.append_to(text);
  const AddressNumber::Part& last = number.parts[number.size - 1];
  const AddressNumber next = read_number(ahead(number.length + 1));
  const bool room_follows = next.size > 0 && next.parts[next.size - 1].digits() >= 3;
  const bool inside = !out_.building.empty() || !out_.unit.empty() || !floor_.empty();
  if (out_.number.empty() && (!inside || !out_.lane.empty() || room_follows)) {
    out_.number = text;
  } else if (out_.building.empty() && out_.unit.empty() && last.digits() <= 2) {
    out_.building = text;
  } else if (out_.room.empty()) {
    put_rooms(number, 0);
  } else {
    add_rest(decode(text + "号"));
  }
}

void Body::put_floor(const AddressNumber& number) {
  if (floor_.empty()) {
    floor_ = joined(number, 0, number.size);
  } else {
    add_rest(decode(joined(number, 0, number.size) + "层"));
  }
}

/// 12号附3, 12号-1, 12号之2: the gate's number goes on.
void Body::add_gate_suffix() {
  const std::u32string_view rest = ahead();
  if (rest.empty() || (rest[0] != U'附' && rest[0] != '-' && rest[0] != U'之')) return;
  const AddressNumber more = read_number(rest.substr(1));
  if (more.size != 1 || more.letters || more.prefix != 0 || more.parts[0].digits() > 2) return;
  const std::u32string_view behind = rest.substr(1 + more.length);
  const bool gate = behind.starts_with(U"号") && !behind.starts_with(U"号楼");
  if (!gate && rest[0] == '-' && !behind.empty() && behind[0] != ',') return;
  out_.number += rest[0] == U'附' ? "附" : "-";
  out_.number += more.parts[0].view();
  start_piece(at_ + 1 + more.length + (gate ? 1 : 0), Word::kGate);
}

void Body::put(const AddressNumber& number, Word word, std::u32string_view unit) {
  std::string text;
  number.append_to(text);
  const size_t end = at_ + number.length + unit.size();
  const auto set_or_rest = [&](std::string& part) {
    if (part.empty()) {
      part = text;
    } else {
      add_rest(text_.substr(at_, end - at_));
    }
  };
  bool gate = false;
  switch (word) {
    case Word::kGate:
      gate = out_.number.empty();
      put_gate(number);
      gate = gate && !out_.number.empty();
      break;
    case Word::kLane:
      out_.lane += text + (unit == U"巷" ? "巷" : unit == U"支弄" ? "支弄" : "弄");
      break;
    case Word::kGroup:
      out_.lane += text + (unit == U"队" ? "队" : "组");
      break;
    case Word::kBuilding:
      if (number.size == 2 && number.parts[1].digits() >= 3) {
        put_rooms(number, 0);
      } else if (number.letters && !out_.building.empty() && out_.building.back() <= '9') {
        out_.building += text;  // 1号楼A座
      } else {
        set_or_rest(out_.building);
      }
      break;
    case Word::kUnit:
      set_or_rest(out_.unit);
      break;
    case Word::kRoom:
      put_rooms(number, 0);
      break;
    case Word::kFloor:
      put_floor(number);
      break;
    default:
      break;
  }
  start_piece(end, word);
  after_road_ = word == Word::kLane || word == Word::kGroup;
  if (gate) add_gate_suffix();
}

/// A road, lane, town or community whose name ends at the present character.
bool Body::take_place() { return take_road() || take_lane() || take_town() || take_community(); }

/// Parts a road's name from a zone's in front of it: 经济开发区中央路.
void Body::split_road(std::u32string_view name) {
  size_t cut = 0;
  for (size_t i = 1; i + 3 <= name.size(); ++i) {
    const std::u32string_view head = name.substr(0, i + 1);
    const bool zone = name[i] == U'区' || head.ends_with(U"业园") || head.ends_with(U"技园") ||
                      head.ends_with(U"工业城") || head.ends_with(U"广场") || head.ends_with(U"大厦") ||
                      head.ends_with(U"街道");
    if (zone && !leads_to_road(name.substr(i + 1))) cut = i + 1;
  }
  add_rest(name.substr(0, cut));
  out_.road = utf8(name.substr(cut));
}

bool Body::take_road() {
  const char32_t c = text_[at_];
  if (c != U'路' && c != U'街' && c != U'道') return false;
  const std::u32string_view name = text_.substr(piece_, at_ + 1 - piece_);
  std::u32string_view behind = ahead(1);
  const char32_t next = behind.empty() ? U',' : behind[0];
  if (name.size() < 2 || !out_.road.empty()) return false;
  if (c == U'路' && (next == U'口' || next == U'桥' || next == U'站' || next == U'边' || next == U'由')) return false;
  if (c == U'街' && (next == U'道' || next == U'办' || next == U'坊' || next == U'区')) return false;
  if (c == U'道') {
    const bool plain = name.size() >= 3 && (next == ',' || is_digit(next));
    static constexpr std::u32string_view kNot = U"街河隧通管轨渠赤频铁";
    if (kNot.find(name[name.size() - 2]) != std::u32string_view::npos) return false;
    if (!name.ends_with(U"大道") && !name.ends_with(U"国道") && !name.ends_with(U"省道") && !plain) return false;
  }
  // 四平路街区: the name goes on to a longer road.
  if (longer_road(behind)) return false;
  size_t extra = 0;
  if (behind.size() >= 2 && behind[1] == U'段' && (is_direction(next) || is_numeral(next) || is_digit(next))) {
    extra = 2;
  } else if (is_direction(next) && behind.size() >= 2 && (is_digit(behind[1]) || behind[1] == U'段')) {
    extra = 1;
  }
  split_road(text_.substr(piece_, at_ + 1 + extra - piece_));
  start_piece(at_ + 1 + extra, Word::kNone);
  after_road_ = true;
  return true;
}

bool Body::take_lane() {
  const std::u32string_view name = text_.substr(piece_, at_ + 1 - piece_);
  const bool lane = name.ends_with(U"胡同") || name.ends_with(U"巷");
  if (!lane || name.size() < 2 || !out_.lane.empty()) return false;
  if (const auto behind = ahead(1);
      !behind.empty() && std::u32string_view(U"路街口社居").find(behind[0]) != std::u32string_view::npos) {
    return false;
  }
  out_.lane = utf8(name);
  start_piece(at_ + 1, Word::kNone);
  after_road_ = true;
  return true;
}

/// A town that the table lacks. Not behind a road or a number.
bool Body::take_town() {
  if (!out_.street.empty() || !out_.road.empty() || !out_.number.empty()) return false;
  const std::u32string_view name = text_.substr(piece_, at_ + 1 - piece_);
  const bool town = name.ends_with(U"镇") || name.ends_with(U"乡") || name.ends_with(U"街道");
  if (!town || name.size() < 3 || name.size() > 8 || leads_to_road(ahead(1))) return false;
  size_t end = at_ + 1;
  if (text_.substr(end).starts_with(U"办事处")) end += 3;
  out_.street = utf8(name);
  start_piece(end, Word::kNone);
  after_road_ = true;
  return true;
}

bool Body::take_community() {
  if (!out_.community.empty() || !out_.road.empty() || !out_.number.empty()) return false;
  static constexpr std::array<std::u32string_view, 9> kCommittees = {U"社区居民委员会", U"社区居委会", U"社区居委",
                                                                     U"社区",           U"居民委员会", U"居委会",
                                                                     U"居委",           U"村民委员会", U"村委会"};
  const std::u32string_view here = ahead();
  const size_t before = at_ - piece_;
  if (before < 1 || before > 9) return false;
  for (const std::u32string_view word : kCommittees) {
    if (!here.starts_with(word) || leads_to_road(here.substr(word.size()))) continue;
    const bool village = word.starts_with(U"村");
    if (before < 2 && !village) continue;
    out_.community = utf8(piece()) + (village ? "村" : "社区");
    start_piece(at_ + word.size(), Word::kNone);
    after_road_ = true;
    return true;
  }
  if (here[0] != U'村' || text_[at_ - 1] == U'新' || leads_to_road(here.substr(1))) return false;
  if (here.size() > 1 && (here[1] == U'镇' || here[1] == U'乡' || here[1] == U'里')) return false;
  out_.community = utf8(piece()) + "村";
  size_t end = at_ + 1;
  if (text_.substr(end).starts_with(U"委") && !text_.substr(end).starts_with(U"委员")) ++end;
  start_piece(end, Word::kNone);
  after_road_ = true;
  return true;
}

/// A floor adds nothing to a room that names it; a short room needs it; alone it stands for the room.
void Body::finish_floor() {
  if (floor_.empty()) return;
  const auto digits =
      static_cast<size_t>(std::ranges::count_if(out_.room, [](char c) { return c >= '0' && c <= '9'; }));
  const bool floor_is_building = out_.building.empty() && digits >= 3 && !out_.room.starts_with(floor_);
  if (out_.room.empty()) {
    out_.room = floor_ + "层";
  } else if (floor_is_building) {
    out_.building = floor_;
  } else if (digits <= 2 && digits == out_.room.size()) {
    out_.room = floor_ + (digits == 1 ? "0" : "") + out_.room;
  }
}

}  // namespace

void read_body(std::u32string_view text, Address& out) { Body(text, out).run(); }

}  // namespace zhili::text::detail
