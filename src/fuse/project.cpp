#include "fuse/project.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/parallel.hpp"
#include "text/address.hpp"
#include "text/person_name.hpp"
#include "text/phonetic.hpp"
#include "text/pinyin.hpp"
#include "text/utf8.hpp"

namespace zhili::fuse {
namespace {

std::string first_characters(std::string_view value, size_t n) {
  const char* const begin = value.begin();
  const char* const end = value.end();
  const char* p = begin;
  size_t taken = 0;
  for (; p < end && taken < n; ++taken) text::next_char(p, end);
  return taken < n ? std::string() : std::string(begin, p);
}

std::string last_characters(std::string_view value, size_t n) {
  const auto chars = text::decode(value);
  return chars.size() < n ? std::string() : text::encode(std::u32string_view(chars).substr(chars.size() - n));
}

/// A part of a date YYYYMMDD in which '?' stands for unknown.
std::string date_part(std::string_view digits, size_t at, size_t n) {
  if (digits.size() < at + n) return {};
  const auto part = digits.substr(at, n);
  return part.find('?') == std::string_view::npos ? std::string(part) : std::string();
}

std::string initials(const Attribute& attribute, std::string_view value) {
  if (attribute.type != SemanticType::kChineseName) return first_characters(value, 1);
  std::string out;
  bool start = true;
  for (const char c : text::name_pinyin(value)) {
    if (start && c != ' ') out += c;
    start = c == ' ';
  }
  return out;
}

std::string sorted_words(std::string_view value) {
  std::vector<std::string_view> words;
  while (!value.empty()) {
    const size_t space = value.find(' ');
    if (space != 0) words.push_back(value.substr(0, space));
    if (space == std::string_view::npos) break;
    value.remove_prefix(space + 1);
  }
  std::ranges::sort(words);
  std::string out;
  for (const auto word : words) out += (out.empty() ? "" : " ") + std::string(word);
  return out;
}

std::string cell_of(std::string_view value, uint32_t digits) {
  double number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return fmt::format("{:.0f}", std::floor(number * std::pow(10, digits)));
}

std::string of_chinese_name(KeyTransform transform, std::string_view value) {
  const auto name = text::parse_chinese_name(value);
  return transform == KeyTransform::kSurname ? name.surname : name.given;
}

/// The address down to a part, as text; empty when the address lacks that part or says nothing of where it lies.
std::string down_to(const text::Address& address, std::string_view part) {
  std::string out;
  const auto add = [&](const std::string& component) {
    out += component;
    out += '|';
  };
  add(address.county);
  if (part == "county") return address.county.empty() ? std::string() : out;
  if (part == "street") return address.street.empty() ? std::string() : out + address.street;
  if (part == "community") return address.community.empty() ? std::string() : out + address.community;
  // "青宁巷28弄" is found by itself, "28弄" and "11组" only where the road or the village is told.
  const bool named_lane = !address.lane.empty() && (address.lane[0] < '0' || address.lane[0] > '9');
  if (address.road.empty() && address.community.empty() && !named_lane) return {};
  out = address.road.empty() && !named_lane ? address.community + "|" : address.road + "|";
  add(address.lane);
  if (part == "road") return out;
  if (part == "number") return address.number.empty() ? std::string() : out + address.number;
  add(address.number);
  if (part == "building") return address.building.empty() ? std::string() : out + address.building;
  add(address.building);
  if (part == "unit") return address.unit.empty() ? std::string() : out + address.unit;
  return address.room.empty() ? std::string() : out + address.room;
}

/// The name of a housing estate, a building or a firm in the address: the first piece of what no part took that has no
/// number in it. Empty where there is none.
std::string_view estate_of(const text::Address& address) {
  std::string_view rest = address.rest;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    const auto piece = rest.substr(0, comma);
    if (piece.size() >= 6 && piece.find_first_of("0123456789") == std::string_view::npos) return piece;
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return {};
}

/// As `down_to` for building, unit and room, but from the estate's name instead of the road: "嘉盛花园3号楼" says where
/// it is as well as "和光街102号3号楼" does, and people write the one or the other.
std::string down_to_in_estate(const text::Address& address, std::string_view part) {
  const auto estate = estate_of(address);
  if (estate.empty() || address.building.empty()) return {};
  auto out = fmt::format("{}|{}|", estate, address.building);
  if (part == "building") return out;
  if (part == "unit") return address.unit.empty() ? std::string() : out + address.unit;
  if (part == "room" && !address.room.empty()) return fmt::format("{}{}|{}", out, address.unit, address.room);
  return {};
}

std::string of_address(KeyTransform transform, std::string_view value, const text::DivisionTable& divisions) {
  const auto address = text::parse_address(value, divisions);
  switch (transform) {
    case KeyTransform::kRoad:
      return down_to(address, "road");
    case KeyTransform::kBuilding:
      return down_to(address, "building");
    case KeyTransform::kRoom:
      return down_to(address, "room");
    default:
      return down_to(address, "county");
  }
}

}  // namespace

std::string project(const Attribute& attribute, KeyTransform transform, uint32_t n, std::string_view value,
                    const text::DivisionTable& divisions) {
  switch (transform) {
    case KeyTransform::kExact:
      return std::string(value);
    case KeyTransform::kPrefix:
      return attribute.type == SemanticType::kDate ? date_part(value, 0, n) : first_characters(value, n);
    case KeyTransform::kSuffix:
      return last_characters(value, n);
    case KeyTransform::kLast4:
      return last_characters(value, 4);
    case KeyTransform::kPinyin:
      return text::name_pinyin(value);
    case KeyTransform::kSurname:
    case KeyTransform::kGiven:
      return of_chinese_name(transform, value);
    case KeyTransform::kInitial:
      return initials(attribute, value);
    case KeyTransform::kSoundex:
      return text::soundex(value);
    case KeyTransform::kMetaphone:
      return text::metaphone(value);
    case KeyTransform::kYear:
      return date_part(value, 0, 4);
    case KeyTransform::kDecade:
      return date_part(value, 0, 3);
    case KeyTransform::kYearMonth:
      return date_part(value, 0, 6);
    case KeyTransform::kMonthDay:
      return date_part(value, 4, 4);
    case KeyTransform::kDay:
      return date_part(value, 6, 2);
    case KeyTransform::kRoad:
    case KeyTransform::kBuilding:
    case KeyTransform::kRoom:
    case KeyTransform::kDivision:
      return of_address(transform, value, divisions);
    case KeyTransform::kTokens:
      return std::string(value);
    case KeyTransform::kSortedTokens:
      return sorted_words(value);
    case KeyTransform::kBirth:
      return value.size() == 18 ? std::string(value.substr(6, 8)) : std::string();
    case KeyTransform::kCell:
      return cell_of(value, n);
  }
  return {};
}

const Projection& Projections::get(uint32_t attribute, KeyTransform transform, uint32_t n) {
  auto& made = made_[{attribute, transform, n}];
  if (!made) made = std::make_unique<Projection>(make(attribute, transform, n));
  return *made;
}

uint64_t Projections::hash_of(uint32_t attribute, KeyTransform transform, uint32_t n, std::string_view value) const {
  if (transform == KeyTransform::kExact) return hash_bytes(value) | 1;
  const auto part = project(config_.attributes[attribute], transform, n, value, divisions_);
  return part.empty() ? 0 : hash_bytes(part) | 1;
}

Projection Projections::make(uint32_t attribute, KeyTransform transform, uint32_t n) const {
  const auto& values = records_.column(attribute).values;
  Projection out(values.size(), 0);
  parallel_for(values.size(), 4096, threads_, [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t v = std::max<uint64_t>(begin, 1); v < end; ++v) {
      out[v] = hash_of(attribute, transform, n, values[static_cast<uint32_t>(v)]);
    }
  });
  return out;
}

/// Adds the words of the next value, each once, in their order; counts them for so many records.
void Projections::add_words(Words& words, std::string_view value, uint32_t records) {
  const size_t first = words.hashes.size();
  while (!value.empty()) {
    const size_t space = value.find(' ');
    if (space != 0) {
      const uint64_t hash = hash_bytes(value.substr(0, space)) | 1;
      if (std::find(words.hashes.begin() + static_cast<ptrdiff_t>(first), words.hashes.end(), hash) ==
          words.hashes.end()) {
        words.hashes.push_back(hash);
        if (records > 0) words.counts.records_with[hash] += records;
      }
    }
    if (space == std::string_view::npos) break;
    value.remove_prefix(space + 1);
  }
  words.starts.push_back(static_cast<uint32_t>(words.hashes.size()));
}

/// Sorts and weighs the words of the values from this one on.
void Projections::weigh_words(Words& words, uint32_t from) {
  const auto& counts = words.counts;
  words.weights.resize(words.hashes.size());
  words.key_ends.resize(words.starts.size() - 1, 0);
  for (uint32_t v = from; v < words.key_ends.size(); ++v) {
    const auto begin = words.hashes.begin() + words.starts[v];
    const auto end = words.hashes.begin() + words.starts[v + 1];
    std::sort(begin, end, [&](uint64_t a, uint64_t b) {
      const auto fa = counts.of(a);
      const auto fb = counts.of(b);
      return fa != fb ? fa < fb : a < b;
    });
    for (uint32_t i = words.starts[v]; i < words.starts[v + 1]; ++i) {
      const auto records = static_cast<double>(counts.of(words.hashes[i]));
      words.weights[i] = static_cast<float>(std::log(std::max(counts.present, 1.0) / records) + 1);
    }
    words.key_ends[v] = words.starts[v] + std::min(kKeysOfRecord, words.starts[v + 1] - words.starts[v]);
  }
}

const Words& Projections::words(uint32_t attribute) {
  auto& made = words_[attribute];
  if (made) return *made;
  made = std::make_unique<Words>();
  auto& out = *made;
  const auto& column = records_.column(attribute);
  const auto given = given_counts_.find(attribute);
  const bool counted = given != given_counts_.end();
  out.counts.present = static_cast<double>(records_.size() - column.frequency[0]);
  if (counted) out.counts = given->second;
  out.starts = {0, 0};
  for (uint32_t v = 1; v < column.values.size(); ++v) {
    add_words(out, column.values[v], counted ? 0 : column.frequency[v]);
  }
  weigh_words(out, 1);
  return out;
}

std::map<uint32_t, WordCounts> Projections::word_counts() const {
  std::map<uint32_t, WordCounts> out;
  for (const auto& [attribute, made] : words_) {
    auto& counts = out[attribute] = made->counts;
    std::erase_if(counts.records_with, [](const auto& entry) { return entry.second <= 1; });
  }
  return out;
}

bool Projections::restore(size_t table, std::string_view bytes) {
  if (table >= made_.size()) return false;
  auto& hashes = *std::next(made_.begin(), static_cast<ptrdiff_t>(table))->second;
  const size_t before = hashes.size();
  hashes.resize(before + bytes.size() / sizeof(uint64_t));
  std::memcpy(hashes.data() + before, bytes.data(), (hashes.size() - before) * sizeof(uint64_t));
  return true;
}

void Projections::extend() {
  for (auto& [key, made] : made_) {
    const auto& [attribute, transform, n] = key;
    const auto& values = records_.column(attribute).values;
    while (made->size() < values.size()) {
      made->push_back(hash_of(attribute, transform, n, values[static_cast<uint32_t>(made->size())]));
    }
  }
  for (auto& [attribute, made] : words_) {
    const auto& values = records_.column(attribute).values;
    const auto from = static_cast<uint32_t>(made->starts.size() - 1);
    for (uint32_t v = from; v < values.size(); ++v) add_words(*made, values[v], 0);
    weigh_words(*made, from);
  }
}

void Projections::address_hashes(std::string_view value, std::span<uint64_t> hashes) const {
  const auto address = text::parse_address(value, divisions_);
  const auto names = address_part_names();
  for (size_t p = 0; p < names.size(); ++p) {
    const auto by_road = down_to(address, names[p]);
    const auto by_estate = down_to_in_estate(address, names[p]);
    hashes[2 * p] = by_road.empty() ? 0 : hash_bytes(by_road) | 1;
    hashes[2 * p + 1] = by_estate.empty() ? 0 : hash_bytes(by_estate) | 1;
  }
}

const Projection& Projections::address_part(uint32_t attribute, std::string_view part, AddressAnchor anchor) {
  const auto names = address_part_names();
  auto& parts = address_parts_[attribute];
  if (parts.empty()) {
    const auto& values = records_.column(attribute).values;
    parts.assign(2 * names.size(), Projection(values.size(), 0));
    parallel_for(values.size(), 1024, threads_, [&](uint64_t begin, uint64_t end, unsigned) {
      std::vector<uint64_t> hashes(2 * names.size());
      for (uint64_t v = std::max<uint64_t>(begin, 1); v < end; ++v) {
        address_hashes(values[static_cast<uint32_t>(v)], hashes);
        for (size_t p = 0; p < hashes.size(); ++p) parts[p][v] = hashes[p];
      }
    });
  }
  const auto at = static_cast<size_t>(std::ranges::find(names, part) - names.begin());
  return parts[2 * at + (anchor == AddressAnchor::kEstate ? 1 : 0)];
}

double Projections::number_of(uint32_t attribute, std::string_view value) const {
  double number = std::numeric_limits<double>::quiet_NaN();
  if (config_.attributes[attribute].type != SemanticType::kDate) {
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
  }
  if (value.find('?') != std::string_view::npos || value.size() != 8) return number;
  const int ymd = std::atoi(std::string(value).c_str());
  // A day number from the civil date; impossible dates (month 86) still give a number near their neighbours.
  const int year = ymd / 10000;
  const int month = ymd / 100 % 100;
  const int day = ymd % 100;
  return year * 365.2425 + month * 30.436875 + day;
}

std::vector<double> Projections::numbers(uint32_t attribute) const {
  const auto& values = records_.column(attribute).values;
  std::vector<double> out(values.size(), std::numeric_limits<double>::quiet_NaN());
  for (uint32_t v = 1; v < values.size(); ++v) out[v] = number_of(attribute, values[v]);
  return out;
}

std::string Projections::text(const KeyPart& part, uint64_t record) const {
  const auto& column = records_.column(part.attribute);
  return project(config_.attributes[part.attribute], part.transform, part.n, column.values[column.value(record)],
                 divisions_);
}

}  // namespace zhili::fuse
