#include "fuse/compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>

#include "fuse/signature.hpp"
#include "text/confusable.hpp"
#include "text/similar.hpp"
#include "text/utf8.hpp"

namespace zhili::fuse {
namespace {

Level level(Measure measure, double value = 0, std::string part = {}, uint32_t other = kNoAttribute) {
  Level out{measure, value, std::move(part), other, std::string(name_of(measure))};
  if (!out.part.empty())
    out.text += " " + out.part;
  else if (value != 0)
    out.text += fmt::format(" {}", value);
  return out;
}

std::vector<Level> latin_name_levels(const Attribute& attribute) {
  using enum Measure;
  if (attribute.part == NamePart::kFull) {
    return {level(kExact),
            level(kTokenOverlap, 0.99),
            level(kJaroWinkler, 0.93),
            level(kTokenOverlap, 0.6),
            level(kJaroWinkler, 0.85),
            level(kTokenOverlap, 0.25)};
  }
  std::vector<Level> levels{level(kExact), level(kJaroWinkler, 0.92), level(kMetaphone), level(kJaroWinkler, 0.82)};
  if (attribute.partner != kNoAttribute) levels.insert(levels.begin() + 1, level(kSwapped, 0, {}, attribute.partner));
  levels.push_back(level(kPrefix, attribute.part == NamePart::kGiven ? 1 : 2));
  return levels;
}

/// The levels that a type is compared by unless the configuration says otherwise, the strongest first.
std::vector<Level> default_levels(const Attribute& attribute) {
  using enum Measure;
  switch (attribute.type) {
    case SemanticType::kChineseName:
      return {level(kExact),      level(kLookAlike), level(kPinyin),   level(kSoundAlike),
              level(kDamerau, 1), level(kContains),  level(kPrefix, 1)};
    case SemanticType::kLatinName:
      return latin_name_levels(attribute);
    case SemanticType::kIdNumber:
      return {level(kExact), level(kDamerau, 1), level(kDamerau, 2), level(kBirthOfId)};
    case SemanticType::kCreditCode:
      return {level(kExact), level(kDamerau, 1), level(kDamerau, 2)};
    case SemanticType::kDate:
      return {level(kExact),     level(kDamerau, 1), level(kTransposed), level(kSameMonthDay),
              level(kPrefix, 6), level(kDamerau, 2), level(kSameYear)};
    case SemanticType::kPhone:
      return {level(kExact), level(kDamerau, 1), level(kDamerau, 2)};
    case SemanticType::kAddress: {
      std::vector<Level> levels{level(kExact)};
      for (const auto part : address_part_names()) levels.push_back(level(kSamePart, 0, std::string(part)));
      return levels;
    }
    case SemanticType::kCategory:
      return {level(kExact)};
    case SemanticType::kNumber:
      return {level(kExact), level(kDamerau, 1), level(kPercent, 5), level(kPercent, 20)};
    case SemanticType::kLatitude:
    case SemanticType::kLongitude:
      return {level(kExact), level(kKilometres, 0.1, {}, attribute.partner),
              level(kKilometres, 1, {}, attribute.partner), level(kKilometres, 10, {}, attribute.partner)};
    case SemanticType::kText:
      break;
  }
  return {level(kExact),
          level(kDamerau, 1),
          level(kJaroWinkler, 0.92),
          level(kTokenOverlap, 0.5),
          level(kJaroWinkler, 0.8),
          level(kPrefix, 3)};
}

double kilometres(double latitude_a, double longitude_a, double latitude_b, double longitude_b) {
  constexpr double kRadian = std::numbers::pi / 180;
  constexpr double kEarthKm = 6371.0;
  const double s = std::sin((latitude_b - latitude_a) * kRadian / 2);
  const double t = std::sin((longitude_b - longitude_a) * kRadian / 2);
  const double h = s * s + std::cos(latitude_a * kRadian) * std::cos(latitude_b * kRadian) * t * t;
  return 2 * kEarthKm * std::asin(std::min(1.0, std::sqrt(h)));
}

/// One neighbouring pair of characters exchanged, or in a date YYYYMMDD month and day.
bool transposed(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.size() == 8 && a.substr(0, 4) == b.substr(0, 4) && a.substr(4, 2) == b.substr(6, 2) &&
      a.substr(6, 2) == b.substr(4, 2)) {
    return true;
  }
  size_t i = 0;
  while (i < a.size() && a[i] == b[i]) ++i;
  return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] && a.substr(i + 2) == b.substr(i + 2);
}

template <class Alike>
bool same_but_for(std::u32string_view a, std::u32string_view b, Alike&& alike) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && !alike(a[i], b[i])) return false;
  }
  return true;
}

bool subsequence(std::u32string_view small, std::u32string_view large) {
  size_t i = 0;
  for (const char32_t c : large) {
    if (i < small.size() && small[i] == c) ++i;
  }
  return i == small.size();
}

bool words_within(std::string_view small, std::string_view large) {
  while (!small.empty()) {
    const size_t space = small.find(' ');
    const auto word = small.substr(0, space);
    const size_t at = large.find(word);
    if (at == std::string_view::npos) return false;
    const bool begins = at == 0 || large[at - 1] == ' ';
    const bool ends = at + word.size() == large.size() || large[at + word.size()] == ' ';
    if (!begins || !ends) return false;
    if (space == std::string_view::npos) return true;
    small.remove_prefix(space + 1);
  }
  return true;
}

KeyTransform transform_of(Measure measure) {
  switch (measure) {
    case Measure::kPinyin:
      return KeyTransform::kPinyin;
    case Measure::kMetaphone:
      return KeyTransform::kMetaphone;
    case Measure::kPrefix:
      return KeyTransform::kPrefix;
    case Measure::kSameYear:
      return KeyTransform::kYear;
    case Measure::kSameMonthDay:
      return KeyTransform::kMonthDay;
    case Measure::kBirthOfId:
      return KeyTransform::kBirth;
    default:
      return KeyTransform::kExact;
  }
}

bool is_inside_estate(std::string_view part) { return part == "building" || part == "unit" || part == "room"; }

bool needs_text(Measure measure) {
  using enum Measure;
  return measure == kJaroWinkler || measure == kEdit || measure == kDamerau || measure == kLookAlike ||
         measure == kSoundAlike || measure == kContains || measure == kTransposed || measure == kEmbedded;
}

}  // namespace

std::string Comparison::label(LevelNumber number) const {
  if (number == kMissing) return "missing";
  if (number <= levels.size()) return levels[number - 1].text;
  return "else";
}

std::vector<Comparison> declared_comparisons(const Config& config, const Redundancy& redundancy) {
  std::vector<Comparison> out;
  for (uint32_t a = 0; a < config.attributes.size(); ++a) {
    const auto& attribute = config.attributes[a];
    const bool dropped = std::ranges::any_of(redundancy.dropped, [&](const auto& d) { return d.attribute == a; });
    if (!attribute.compare || dropped) continue;
    Comparison comparison;
    comparison.attribute = a;
    comparison.levels = attribute.levels.empty() ? default_levels(attribute) : attribute.levels;
    if (comparison.levels.front().measure != Measure::kExact) {
      comparison.levels.insert(comparison.levels.begin(), level(Measure::kExact));
    }
    if (comparison.levels.size() > kMaxLevels - 2) comparison.levels.resize(kMaxLevels - 2);
    comparison.term_frequency = attribute.term_frequency.value_or(attribute.type != SemanticType::kNumber);
    comparison.identifying = attribute.identifying;
    out.push_back(std::move(comparison));
  }
  return out;
}

namespace {

/// What two values' texts were found to be, so that several levels of one measure look at the texts once.
struct Seen {
  double jaro_winkler = -1;
  int damerau = -1;
};

}  // namespace

struct Comparisons::Step {
  Measure measure = Measure::kExact;
  double value = 0;
  uint32_t feature = 0;     ///< For measures that ask for an equal part: which word of the features it is.
  uint32_t or_feature = 0;  ///< The same part told in another way, of which one is enough; 0 if there is none.
  uint32_t other = 0;       ///< For kSwapped: the other attribute's slot in the row.
  const std::vector<uint32_t>* to_other = nullptr;  ///< For kSwapped: this value's number among the other's values.
  const std::vector<double>* number = nullptr;      ///< For measures of numbers, by value.
  const std::vector<double>* other_number = nullptr;
  std::shared_ptr<const JaroWinklerScreen> screen;

  bool equal_part(const uint32_t* fx, const uint32_t* fy) const {
    return (fx[feature] != 0 && fx[feature] == fy[feature]) ||
           (or_feature != 0 && fx[or_feature] != 0 && fx[or_feature] == fy[or_feature]);
  }
  /// False only where the measure can't be met. Asked so often that the call itself would cost as much.
  [[gnu::always_inline]] bool may_meet(const Signature& a, const Signature& b) const {
    switch (measure) {
      case Measure::kJaroWinkler:
        return screen->may_reach(a, b);
      case Measure::kEdit:
      case Measure::kDamerau:
        return Signature::fewest_edits(a, b) <= static_cast<int>(value);
      case Measure::kTransposed:
        return a.bits == b.bits && a.length == b.length;
      case Measure::kContains:
      case Measure::kEmbedded:
        return Signature::too_long(a, b) || Signature::common(a, b) >= std::min(a.length, b.length);
      default:
        return true;
    }
  }
};

struct Comparisons::Measured {
  /// A part of a value whose hash is one of its features.
  struct Part {
    KeyTransform transform = KeyTransform::kExact;
    uint32_t n = 0;
    std::string_view of_address = {};  ///< Of an address: which part instead.
    AddressAnchor anchor = AddressAnchor::kRoad;
  };
  std::vector<Step> steps;
  std::vector<Part> parts;
  const Dictionary* values = nullptr;
  const Words* words = nullptr;
  // Texts as characters, for values that are not ASCII: value v is [at[v], at[v + 1]).
  std::vector<uint32_t> at;
  std::u32string chars;
  std::vector<bool> wide;
  /// By value: its signature, then hashes of the parts that the steps look at. Together, so that comparing two values
  /// touches one place of memory for each.
  std::vector<uint32_t> features;
  uint32_t stride = Signature::kWords;
  std::vector<const Step*> widest;  ///< Of the steps that look at texts, one of each measure that meets what others do.
  bool crossing = false;            ///< Some step looks beyond the two values.
  bool spelt = false;               ///< Some step looks at characters,
  uint32_t ascii = 1;               ///< and so many values from the first on are known to be ASCII.
  int most_damerau = 0;             ///< Of the steps that ask for an edit distance with exchanges.
  struct Numbers {
    uint32_t attribute;
    std::unique_ptr<std::vector<double>> of_value;
  };
  struct Crossing {
    uint32_t other;
    std::unique_ptr<std::vector<uint32_t>> to_other;
    uint32_t others_seen;
  };
  std::vector<Numbers> numbers;
  std::vector<Crossing> crossings;

  bool is_wide(uint32_t v) const { return !wide.empty() && wide[v]; }
  std::u32string_view characters(uint32_t v) const { return {chars.data() + at[v], at[v + 1] - at[v]}; }
  double overlap(uint32_t x, uint32_t y) const;
  bool text_meets(const Step& step, uint32_t x, uint32_t y, Seen& seen) const;
  bool meets(const Step& step, uint32_t x, uint32_t y, Seen& seen) const;
  bool crosses(const Step& step, const uint32_t* a, const uint32_t* b, uint32_t slot) const;
  bool hopeless(const uint32_t* fx, const uint32_t* fy) const;
  /// `fx` and `fy` are the values' features.
  LevelNumber pure_level(uint32_t x, uint32_t y, const uint32_t* fx, const uint32_t* fy, LevelMemo::Table& memo) const;
  /// By the steps that need only the two values.
  LevelNumber level(uint32_t x, uint32_t y, const uint32_t* fx, const uint32_t* fy, LevelMemo::Table& memo) const {
    return hopeless(fx, fy) ? static_cast<LevelNumber>(steps.size() + 1) : pure_level(x, y, fx, fy, memo);
  }
  LevelNumber crossed(LevelNumber level, const uint32_t* a, const uint32_t* b, uint32_t slot) const;
  void describe(const std::vector<Projection>& hashes);
  void find_widest();
  void extend(uint32_t attribute, const Records& records, const Projections& projections);
  void extend_features(uint32_t attribute, const Projections& projections);
  void extend_crossings(const Records& records);
};

/// Weight of the words in common as a share of the weight of all words, each counted once. A word may also meet one
/// that is a typing error away; that costs a fifth.
double Comparisons::Measured::overlap(uint32_t x, uint32_t y) const {
  const uint32_t x_begin = words->starts[x];
  const uint32_t x_end = words->starts[x + 1];
  const uint32_t y_begin = words->starts[y];
  const uint32_t y_end = words->starts[y + 1];
  double shared = 0;
  double all = 0;
  for (uint32_t i = x_begin; i < x_end; ++i) {
    all += words->weights[i];
    for (uint32_t j = y_begin; j < y_end; ++j) {
      if (words->hashes[i] == words->hashes[j]) {
        shared += words->weights[i];
        break;
      }
    }
  }
  for (uint32_t j = y_begin; j < y_end; ++j) all += words->weights[j];
  all -= shared;
  return all > 0 ? shared / all : 0;
}

bool Comparisons::Measured::text_meets(const Step& step, uint32_t x, uint32_t y, Seen& seen) const {
  const auto by = [&](auto p, auto q) {
    // Some measures look at the first text differently than at the second; a pair has one level all the same.
    if (p.size() == q.size() && q < p) std::swap(p, q);
    switch (step.measure) {
      case Measure::kJaroWinkler:
        if (seen.jaro_winkler < 0) seen.jaro_winkler = text::jaro_winkler(p, q);
        return seen.jaro_winkler >= step.value;
      case Measure::kEdit:
        return text::levenshtein(p, q) <= static_cast<int>(step.value);
      case Measure::kDamerau: {
        // An edit must leave more than it changes: "ab" and "cb" have little in common.
        const auto k = static_cast<int>(step.value);
        if (static_cast<int>(std::min(p.size(), q.size())) <= 2 * k - 1) return false;
        if (seen.damerau < 0) seen.damerau = text::damerau_at_most(p, q, most_damerau);
        return seen.damerau <= k;
      }
      default: {
        const auto& small = p.size() <= q.size() ? p : q;
        const auto& large = p.size() <= q.size() ? q : p;
        return small.size() >= 3 && large.find(small) != std::string_view::npos;
      }
    }
  };
  if (!is_wide(x) && !is_wide(y)) return by((*values)[x], (*values)[y]);
  const std::u32string narrow = is_wide(x) && is_wide(y) ? U"" : text::decode((*values)[is_wide(x) ? y : x]);
  return by(is_wide(x) ? characters(x) : std::u32string_view(narrow),
            is_wide(y) ? characters(y) : std::u32string_view(narrow));
}

bool Comparisons::Measured::meets(const Step& step, uint32_t x, uint32_t y, Seen& seen) const {
  switch (step.measure) {
    case Measure::kJaroWinkler:
    case Measure::kEdit:
    case Measure::kDamerau:
    case Measure::kEmbedded:
      return text_meets(step, x, y, seen);
    case Measure::kLookAlike:
      return is_wide(x) && is_wide(y) && same_but_for(characters(x), characters(y), text::look_alike);
    case Measure::kSoundAlike:
      return is_wide(x) && is_wide(y) && same_but_for(characters(x), characters(y), text::sound_alike_loosely);
    case Measure::kTokenOverlap:
      return overlap(x, y) >= step.value;
    case Measure::kContains: {
      if (is_wide(x) && is_wide(y)) {
        return characters(x).size() < characters(y).size() ? subsequence(characters(x), characters(y))
                                                           : subsequence(characters(y), characters(x));
      }
      const auto p = (*values)[x];
      const auto q = (*values)[y];
      const bool p_first = p.size() != q.size() ? p.size() < q.size() : p < q;
      return p_first ? words_within(p, q) : words_within(q, p);
    }
    case Measure::kTransposed:
      return transposed((*values)[x], (*values)[y]);
    case Measure::kDays:
    case Measure::kAbsolute:
      return std::abs((*step.number)[x] - (*step.number)[y]) <= step.value;
    case Measure::kPercent: {
      const double p = (*step.number)[x];
      const double q = (*step.number)[y];
      return std::abs(p - q) * 100 <= step.value * std::max(std::abs(p), std::abs(q));
    }
    default:
      return false;
  }
}

/// Measures that look at other values of the two records.
bool Comparisons::Measured::crosses(const Step& step, const uint32_t* a, const uint32_t* b, uint32_t slot) const {
  const uint32_t x = a[slot];
  const uint32_t y = b[slot];
  if (step.measure == Measure::kSwapped) {
    return (*step.to_other)[x] != 0 && (*step.to_other)[x] == b[step.other] && (*step.to_other)[y] != 0 &&
           (*step.to_other)[y] == a[step.other];
  }
  return kilometres((*step.number)[x], (*step.other_number)[a[step.other]], (*step.number)[y],
                    (*step.other_number)[b[step.other]]) <= step.value;
}

/// True when the features alone tell that no step can be met, as in most pairs.
inline bool Comparisons::Measured::hopeless(const uint32_t* fx, const uint32_t* fy) const {
  for (uint32_t w = Signature::kWords; w < stride; ++w) {
    if (fx[w] == fy[w] && fx[w] != 0) return false;
  }
  const auto a = Signature::load(fx);
  const auto b = Signature::load(fy);
  return std::ranges::none_of(widest, [&](const Step* step) { return step->may_meet(a, b); });
}

/// What features alone can settle is settled first; a result that took looking at texts is remembered.
LevelNumber Comparisons::Measured::pure_level(uint32_t x, uint32_t y, const uint32_t* fx, const uint32_t* fy,
                                              LevelMemo::Table& memo) const {
  const auto signature_x = Signature::load(fx);
  const auto signature_y = Signature::load(fy);
  uint64_t key = 0;
  uint64_t slot = 0;
  Seen seen;
  auto result = static_cast<LevelNumber>(steps.size() + 1);
  for (size_t k = 1; k < steps.size(); ++k) {
    const Step& step = steps[k];
    if (step.feature != 0) {
      if (!step.equal_part(fx, fy)) continue;
      result = static_cast<LevelNumber>(k + 1);
      break;
    }
    if (step.measure == Measure::kSwapped || step.measure == Measure::kKilometres ||
        !step.may_meet(signature_x, signature_y)) {
      continue;
    }
    if (key == 0 && !memo.off) {
      key = uint64_t{std::min(x, y)} << 32 | std::max(x, y);
      slot = memo.slot(key);
      if (memo.keys[slot] == key) return memo.found(slot);
    }
    if (meets(step, x, y, seen)) {
      result = static_cast<LevelNumber>(k + 1);
      break;
    }
  }
  if (key != 0) memo.remember(slot, key, result);
  return result;
}

/// The level after the steps that look beyond the two values too; `level` is the one without them.
LevelNumber Comparisons::Measured::crossed(LevelNumber level, const uint32_t* a, const uint32_t* b,
                                           uint32_t slot) const {
  for (size_t k = 1; k + 1 < level && k < steps.size(); ++k) {
    if ((steps[k].measure == Measure::kSwapped || steps[k].measure == Measure::kKilometres) &&
        crosses(steps[k], a, b, slot)) {
      return static_cast<LevelNumber>(k + 1);
    }
  }
  return level;
}

void Comparisons::Measured::find_widest() {
  for (const Step& step : steps) {
    const bool of_values = step.feature == 0 && step.measure != Measure::kExact && step.measure != Measure::kSwapped &&
                           step.measure != Measure::kKilometres;
    if (!of_values) continue;
    const auto same = std::ranges::find(widest, step.measure, &Step::measure);
    if (same == widest.end())
      widest.push_back(&step);
    else if (step.measure == Measure::kJaroWinkler ? step.value < (*same)->value : step.value > (*same)->value)
      *same = &step;
  }
}

/// What `describe` and the builder made for the values before, for those that came since.
void Comparisons::Measured::extend_features(uint32_t attribute, const Projections& projections) {
  std::vector<uint64_t> of_address;
  for (auto v = static_cast<uint32_t>(features.size() / stride); v < values->size(); ++v) {
    const auto value = (*values)[v];
    std::array<uint32_t, Signature::kWords> signature{};
    (is_wide(v) ? Signature::of(characters(v)) : Signature::of(value)).store(signature.data());
    features.insert(features.end(), signature.begin(), signature.end());
    of_address.clear();
    for (const auto& part : parts) {
      uint64_t hash = 0;
      if (part.of_address.empty()) {
        hash = projections.hash_of(attribute, part.transform, part.n, value);
      } else {
        const auto names = address_part_names();
        if (of_address.empty()) {
          of_address.resize(2 * names.size());
          projections.address_hashes(value, of_address);
        }
        const auto name = static_cast<size_t>(std::ranges::find(names, part.of_address) - names.begin());
        hash = of_address[2 * name + (part.anchor == AddressAnchor::kEstate ? 1 : 0)];
      }
      features.push_back(static_cast<uint32_t>(hash >> 32));
    }
  }
}

void Comparisons::Measured::extend_crossings(const Records& records) {
  for (auto& made : crossings) {
    const auto& other = records.column(made.other).values;
    auto& to_other = *made.to_other;
    for (auto v = static_cast<uint32_t>(to_other.size()); v < values->size(); ++v) {
      to_other.push_back(other.find((*values)[v]));
    }
    for (; made.others_seen < other.size(); ++made.others_seen) {
      const uint32_t v = values->find(other[made.others_seen]);
      if (v != 0) to_other[v] = made.others_seen;
    }
  }
}

void Comparisons::Measured::describe(const std::vector<Projection>& hashes) {
  stride = Signature::kWords + static_cast<uint32_t>(hashes.size());
  features.assign(size_t{values->size()} * stride, 0);
  for (uint32_t v = 1; v < values->size(); ++v) {
    uint32_t* described = features.data() + size_t{v} * stride;
    (is_wide(v) ? Signature::of(characters(v)) : Signature::of((*values)[v])).store(described);
    for (size_t p = 0; p < hashes.size(); ++p)
      described[Signature::kWords + p] = static_cast<uint32_t>(hashes[p][v] >> 32);
  }
}

namespace {

void spell_out(const Dictionary& values, std::vector<uint32_t>& at, std::u32string& chars, std::vector<bool>& wide,
               uint32_t& ascii) {
  const auto from = static_cast<uint32_t>(wide.size());
  while (from == 0 && ascii < values.size() && text::is_ascii(values[ascii])) ++ascii;
  if (ascii >= values.size()) return;
  wide.resize(values.size(), false);
  at.resize(values.size() + 1, 0);
  std::u32string one;
  for (uint32_t v = from; v < values.size(); ++v) {
    at[v] = static_cast<uint32_t>(chars.size());
    if (text::is_ascii(values[v])) continue;
    wide[v] = true;
    text::decode_into(values[v], one);
    chars += one;
  }
  at[values.size()] = static_cast<uint32_t>(chars.size());
}

}  // namespace

void Comparisons::Measured::extend(uint32_t attribute, const Records& records, const Projections& projections) {
  if (spelt) spell_out(*values, at, chars, wide, ascii);
  if (steps.size() > 1) extend_features(attribute, projections);
  for (auto& made : numbers) {
    const auto& column = records.column(made.attribute).values;
    for (auto v = static_cast<uint32_t>(made.of_value->size()); v < column.size(); ++v) {
      made.of_value->push_back(projections.number_of(made.attribute, column[v]));
    }
  }
  extend_crossings(records);
}

/// Looks up beforehand what the levels of a comparison need.
struct Comparisons::Builder {
  const Records& records;
  Projections& projections;
  std::vector<uint32_t> slots;  // Attributes that a row holds.

  uint32_t slot_of(uint32_t attribute) {
    const auto found = std::ranges::find(slots, attribute);
    if (found != slots.end()) return static_cast<uint32_t>(found - slots.begin());
    slots.push_back(attribute);
    return static_cast<uint32_t>(slots.size() - 1);
  }

  const std::vector<double>* numbers_of(uint32_t attribute, Measured& measured) {
    measured.numbers.push_back({attribute, std::make_unique<std::vector<double>>(projections.numbers(attribute))});
    return measured.numbers.back().of_value.get();
  }

  /// For measures that ask for an equal part: adds the part to the features.
  void add_parts(const Level& level, uint32_t attribute, std::vector<Projection>& parts, Measured& measured,
                 Step& step) {
    step.feature = Signature::kWords + static_cast<uint32_t>(parts.size());
    if (level.measure != Measure::kSamePart) {
      const auto length = level.measure == Measure::kPrefix ? static_cast<uint32_t>(level.value) : 0;
      parts.push_back(projections.make(attribute, transform_of(level.measure), length));
      measured.parts.push_back({transform_of(level.measure), length});
      return;
    }
    const auto add = [&](AddressAnchor anchor) {
      parts.push_back(projections.address_part(attribute, level.part, anchor));
      measured.parts.push_back({KeyTransform::kExact, 0, level.part, anchor});
    };
    add(AddressAnchor::kRoad);
    if (!is_inside_estate(level.part)) return;
    add(AddressAnchor::kEstate);
    step.or_feature = step.feature + 1;
  }

  /// For measures that look at another attribute.
  void cross(const Level& level, uint32_t attribute, Measured& measured, Step& step) {
    measured.crossing = true;
    step.other = slot_of(level.other_attribute);
    if (level.measure == Measure::kKilometres) {
      step.number = numbers_of(attribute, measured);
      step.other_number = numbers_of(level.other_attribute, measured);
      return;
    }
    const auto& values = records.column(attribute).values;
    const auto& other = records.column(level.other_attribute).values;
    auto crossing = std::make_unique<std::vector<uint32_t>>(values.size(), 0);
    for (uint32_t v = 1; v < values.size(); ++v) (*crossing)[v] = other.find(values[v]);
    step.to_other = crossing.get();
    measured.crossings.push_back({level.other_attribute, std::move(crossing), other.size()});
  }

  Step make_step(const Level& level, uint32_t attribute, Measured& measured, std::vector<Projection>& parts) {
    using enum Measure;
    Step step;
    step.measure = level.measure;
    step.value = level.value;
    if (level.measure == kSamePart || transform_of(level.measure) != KeyTransform::kExact) {
      add_parts(level, attribute, parts, measured, step);
    } else if (level.measure == kTokenOverlap) {
      measured.words = &projections.words(attribute);
    } else if (level.measure == kSwapped || level.measure == kKilometres) {
      cross(level, attribute, measured, step);
    } else if (level.measure == kJaroWinkler) {
      step.screen = std::make_shared<const JaroWinklerScreen>(level.value);
    } else if (level.measure == kDamerau) {
      measured.most_damerau = std::max(measured.most_damerau, static_cast<int>(level.value));
    } else if (level.measure == kDays || level.measure == kAbsolute || level.measure == kPercent) {
      step.number = numbers_of(attribute, measured);
    }
    return step;
  }

  std::shared_ptr<Measured> measure(const Comparison& comparison) {
    auto measured = std::make_shared<Measured>();
    const auto& values = records.column(comparison.attribute).values;
    measured->values = &values;
    std::vector<Projection> parts;
    measured->steps.reserve(comparison.levels.size());
    for (const auto& level : comparison.levels) {
      measured->steps.push_back(make_step(level, comparison.attribute, *measured, parts));
    }
    if (std::ranges::any_of(comparison.levels, needs_text, &Level::measure)) {
      measured->spelt = true;
      spell_out(values, measured->at, measured->chars, measured->wide, measured->ascii);
    }
    if (measured->steps.size() > 1) measured->describe(parts);
    measured->find_widest();
    return measured;
  }
};

Comparisons::Comparisons(const Config& config, const Records& records, Projections& projections, Redundancy redundancy)
    : redundancy_(std::move(redundancy)), list_(declared_comparisons(config, redundancy_)) {
  // Rows hold the compared attributes first, then those that a comparison looks at beside its own.
  Builder builder{records, projections, {}};
  for (const auto& comparison : list_) builder.slot_of(comparison.attribute);
  for (uint32_t c = 0; c < list_.size(); ++c) {
    const auto& column = records.column(list_[c].attribute);
    valid_.push_back(&column.valid);
    frequency_.push_back(&column.frequency);
    if (list_[c].identifying) identifying_.push_back(c);
    measured_.push_back(builder.measure(list_[c]));
  }
  projections.forget_address_parts();
  slots_ = std::move(builder.slots);
  width_ = static_cast<uint32_t>(slots_.size());
  rows_.resize(records.size() * width_);
  for (uint32_t s = 0; s < width_; ++s) {
    const auto& column = records.column(slots_[s]);
    for (uint64_t r = 0; r < records.size(); ++r) rows_[r * width_ + s] = column.value(r);
  }
}

void Comparisons::extend(const Records& records, Projections& projections) {
  projections.extend();
  for (uint32_t c = 0; c < list_.size(); ++c) measured_[c]->extend(list_[c].attribute, records, projections);
  rows_.resize(records.size() * width_);
}

void Comparisons::set_row(const Records& records, uint64_t record) {
  for (uint32_t s = 0; s < width_; ++s) rows_[record * width_ + s] = records.column(slots_[s]).value(record);
}

std::span<const uint32_t> Comparisons::features(uint32_t comparison) const { return measured_[comparison]->features; }

uint32_t Comparisons::words_of_features(uint32_t comparison) const {
  return measured_[comparison]->steps.size() > 1 ? measured_[comparison]->stride : 0;
}

void Comparisons::restore_features(uint32_t comparison, std::string_view bytes) {
  auto& features = measured_[comparison]->features;
  const size_t before = features.size();
  features.resize(before + bytes.size() / sizeof(uint32_t));
  std::memcpy(features.data() + before, bytes.data(), (features.size() - before) * sizeof(uint32_t));
}

void Comparisons::reserve(uint64_t records) {
  const uint64_t more = records - std::min<uint64_t>(records, rows_.size() / std::max(width_, 1U));
  rows_.reserve(records * width_);
  for (const auto& measured : measured_) {
    measured->features.reserve(measured->features.size() + more * measured->stride);
    if (measured->wide.empty()) continue;
    measured->wide.reserve(measured->wide.size() + more);
    measured->at.reserve(measured->at.size() + more);
    measured->chars.reserve(2 * measured->chars.size());
  }
}

LevelNumber Comparisons::unequal(uint32_t comparison, const uint32_t* a, const uint32_t* b, LevelMemo& memo) const {
  const Measured& measured = *measured_[comparison];
  if (measured.steps.size() == 1) return kEqual + 1;
  const uint32_t x = a[comparison];
  const uint32_t y = b[comparison];
  const auto features_of = [&](uint32_t value) { return measured.features.data() + size_t{value} * measured.stride; };
  const LevelNumber level = measured.level(x, y, features_of(x), features_of(y), memo.tables_[comparison]);
  return measured.crossing ? measured.crossed(level, a, b, comparison) : level;
}

void Comparisons::patterns(std::span<const std::pair<uint32_t, uint32_t>> pairs, LevelMemo& memo,
                           Pattern* patterns) const {
  std::fill_n(patterns, pairs.size(), Pattern{0});
  std::vector<size_t> differ;
  for (uint32_t c = 0; c < size(); ++c) {
    const Measured& measured = *measured_[c];
    differ.clear();
    for (size_t k = 0; k < pairs.size(); ++k) {
      const uint32_t x = row(pairs[k].first)[c];
      const uint32_t y = row(pairs[k].second)[c];
      if (x == 0 || y == 0) continue;
      if (x == y) {
        patterns[k] |= Pattern{kEqual} << (4 * c);
        continue;
      }
      differ.push_back(k);
      if (measured.steps.size() == 1) continue;
      __builtin_prefetch(measured.features.data() + size_t{x} * measured.stride);
      __builtin_prefetch(measured.features.data() + size_t{y} * measured.stride);
    }
    for (const size_t k : differ) {
      patterns[k] |= Pattern{unequal(c, row(pairs[k].first), row(pairs[k].second), memo)} << (4 * c);
    }
  }
}

void Comparisons::gather(std::span<const uint32_t> members, Leaf& leaf) const {
  const auto n = static_cast<uint32_t>(members.size());
  leaf.members = members;
  leaf.stride = whole_lanes(n) + kBatch;
  if (leaf.values.size() < size_t{size()} * leaf.stride) leaf.values.resize(size_t{size()} * leaf.stride);
  leaf.features.resize(size());
  if (!leaf.whole) {
    for (uint32_t i = 0; i < n; ++i) __builtin_prefetch(row(members[i]));
  }
  for (uint32_t c = 0; c < size(); ++c) {
    const Measured& measured = *measured_[c];
    uint32_t* column = leaf.values.data() + size_t{c} * leaf.stride;
    for (uint32_t i = 0; i < n; ++i) column[i] = row(members[i])[c];
    if (measured.steps.size() == 1 || !leaf.whole) continue;
    const uint32_t words = measured.stride;
    auto& features = leaf.features[c];
    if (features.size() < size_t{n} * words) features.resize(size_t{n} * words);
    for (uint32_t i = 0; i < n; ++i) {
      std::copy_n(measured.features.data() + size_t{column[i]} * words, words, features.data() + size_t{i} * words);
    }
  }
}

void Comparisons::unequal(uint32_t comparison, const Leaf& leaf, uint32_t i, std::span<const uint32_t> others,
                          LevelMemo& memo, LevelNumber* levels) const {
  const Measured& measured = *measured_[comparison];
  if (measured.steps.size() == 1) {
    std::fill_n(levels, others.size(), static_cast<LevelNumber>(kEqual + 1));
    return;
  }
  if (!leaf.whole) {
    for (size_t k = 0; k < others.size(); ++k) {
      levels[k] = unequal(comparison, row(leaf.members[i]), row(leaf.members[others[k]]), memo);
    }
    return;
  }
  auto& table = memo.tables_[comparison];
  const uint32_t* column = leaf.column(comparison);
  const uint32_t* features = leaf.features[comparison].data();
  const size_t words = measured.stride;
  for (size_t k = 0; k < others.size(); ++k) {
    const uint32_t j = others[k];
    levels[k] = measured.level(column[i], column[j], features + i * words, features + j * words, table);
    if (measured.crossing) {
      levels[k] = measured.crossed(levels[k], row(leaf.members[i]), row(leaf.members[j]), comparison);
    }
  }
}

}  // namespace zhili::fuse
