#include "fuse/compare.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

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

std::vector<Comparison> declared_comparisons(const Config& config) {
  std::vector<Comparison> out;
  for (uint32_t a = 0; a < config.attributes.size(); ++a) {
    const auto& attribute = config.attributes[a];
    if (!attribute.compare) continue;
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

/// Which characters a value has, folded to 32 classes, and how often: enough to know that two values are too different
/// for a measure, without looking at their text.
struct Signature {
  uint64_t bits = 0;    ///< Two bits a class: it occurs; it occurs twice or more.
  uint16_t length = 0;  ///< Characters, at most 65,535.
  uint16_t extra = 0;   ///< Occurrences beyond those that `bits` counts.
};

template <class Text>
Signature signature_of(Text text) {
  Signature out;
  out.length = static_cast<uint16_t>(std::min<size_t>(text.size(), UINT16_MAX));
  for (const auto c : text) {
    // Letters and digits get classes of their own as far as they go; other characters are spread.
    const auto code = static_cast<uint32_t>(c);
    const uint32_t place = code < 128 ? code & 31U : (code * 0x9e3779b1U) >> 27;
    const uint64_t once = uint64_t{1} << (2 * place);
    if ((out.bits & once) == 0)
      out.bits |= once;
    else if ((out.bits & (once << 1)) == 0)
      out.bits |= once << 1;
    else if (out.extra < UINT16_MAX)
      ++out.extra;
  }
  return out;
}

/// An upper bound of the characters that two values have in common, each counted as often as it occurs.
int common_at_most(const Signature& a, const Signature& b) {
  return std::popcount(a.bits & b.bits) + std::min(a.extra, b.extra);
}

struct Comparisons::Step {
  Measure measure = Measure::kExact;
  double value = 0;
  const Projection* projection = nullptr;
  uint32_t other = 0;                               ///< For kSwapped: the other attribute's slot in the row.
  const std::vector<uint32_t>* to_other = nullptr;  ///< For kSwapped: this value's number among the other's values.
  const std::vector<double>* number = nullptr;      ///< For measures of numbers, by value.
  const std::vector<double>* other_number = nullptr;
};

struct Comparisons::Measured {
  std::vector<Step> steps;
  const Dictionary* values = nullptr;
  const Words* words = nullptr;
  // Texts as characters, for values that are not ASCII: value v is [at[v], at[v + 1]).
  std::vector<uint32_t> at;
  std::u32string chars;
  std::vector<bool> wide;
  std::vector<Signature> signatures;
  bool pure = true;  ///< No step looks beyond the two values, so levels may be remembered.
  std::vector<std::unique_ptr<std::vector<double>>> numbers;
  std::vector<std::unique_ptr<std::vector<uint32_t>>> crossings;

  bool is_wide(uint32_t v) const { return !wide.empty() && wide[v]; }
  std::u32string_view characters(uint32_t v) const { return {chars.data() + at[v], at[v + 1] - at[v]}; }
  double overlap(uint32_t x, uint32_t y) const;
  bool text_meets(const Step& step, uint32_t x, uint32_t y) const;
  bool may_meet(const Step& step, uint32_t x, uint32_t y) const;
  bool meets(const Step& step, const uint32_t* a, const uint32_t* b, uint32_t slot) const;
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

/// False only where the measure can't be met: an edit leaves all but one character in common, and Jaro's similarity is
/// at most the mean of 1 and the shares of common characters.
bool Comparisons::Measured::may_meet(const Step& step, uint32_t x, uint32_t y) const {
  const Signature& a = signatures[x];
  const Signature& b = signatures[y];
  const int common = common_at_most(a, b);
  const int longer = std::max(a.length, b.length);
  switch (step.measure) {
    case Measure::kEdit:
    case Measure::kDamerau:
      return longer - common <= static_cast<int>(step.value);
    case Measure::kJaroWinkler: {
      const int matches = std::min<int>(common, std::min(a.length, b.length));
      const double jaro = (static_cast<double>(matches) / a.length + static_cast<double>(matches) / b.length + 1) / 3;
      return jaro + 0.4 * (1 - jaro) >= step.value;
    }
    default:
      return true;
  }
}

bool Comparisons::Measured::text_meets(const Step& step, uint32_t x, uint32_t y) const {
  const auto by = [&](auto p, auto q) {
    switch (step.measure) {
      case Measure::kJaroWinkler:
        return text::jaro_winkler(p, q) >= step.value;
      case Measure::kEdit:
        return text::levenshtein(p, q) <= static_cast<int>(step.value);
      case Measure::kDamerau: {
        // An edit must leave more than it changes: "ab" and "cb" have little in common.
        const auto k = static_cast<int>(step.value);
        return static_cast<int>(std::min(p.size(), q.size())) > 2 * k - 1 && text::damerau_at_most(p, q, k) <= k;
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

bool Comparisons::Measured::meets(const Step& step, const uint32_t* a, const uint32_t* b, uint32_t slot) const {
  const uint32_t x = a[slot];
  const uint32_t y = b[slot];
  switch (step.measure) {
    case Measure::kExact:
      return false;  // Unequal, or we would not be here.
    case Measure::kJaroWinkler:
    case Measure::kEdit:
    case Measure::kDamerau:
    case Measure::kEmbedded:
      return may_meet(step, x, y) && text_meets(step, x, y);
    case Measure::kPinyin:
    case Measure::kMetaphone:
    case Measure::kPrefix:
    case Measure::kSameYear:
    case Measure::kSameMonthDay:
    case Measure::kBirthOfId:
    case Measure::kSamePart: {
      const uint64_t hash = (*step.projection)[x];
      return hash != 0 && hash == (*step.projection)[y];
    }
    case Measure::kLookAlike:
      return is_wide(x) && is_wide(y) && same_but_for(characters(x), characters(y), text::look_alike);
    case Measure::kSoundAlike:
      return is_wide(x) && is_wide(y) && same_but_for(characters(x), characters(y), text::sound_alike);
    case Measure::kSwapped:
      return (*step.to_other)[x] != 0 && (*step.to_other)[x] == b[step.other] && (*step.to_other)[y] != 0 &&
             (*step.to_other)[y] == a[step.other];
    case Measure::kTokenOverlap:
      return overlap(x, y) >= step.value;
    case Measure::kContains: {
      if (is_wide(x) && is_wide(y)) {
        return characters(x).size() < characters(y).size() ? subsequence(characters(x), characters(y))
                                                           : subsequence(characters(y), characters(x));
      }
      const auto p = (*values)[x];
      const auto q = (*values)[y];
      return p.size() < q.size() ? words_within(p, q) : words_within(q, p);
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
    case Measure::kKilometres:
      return kilometres((*step.number)[x], (*step.other_number)[a[step.other]], (*step.number)[y],
                        (*step.other_number)[b[step.other]]) <= step.value;
  }
  return false;
}

namespace {

void spell_out(const Dictionary& values, std::vector<uint32_t>& at, std::u32string& chars, std::vector<bool>& wide) {
  bool any = false;
  for (uint32_t v = 1; v < values.size() && !any; ++v) any = !text::is_ascii(values[v]);
  if (!any) return;
  wide.assign(values.size(), false);
  at.assign(values.size() + 1, 0);
  std::u32string one;
  for (uint32_t v = 0; v < values.size(); ++v) {
    at[v] = static_cast<uint32_t>(chars.size());
    if (text::is_ascii(values[v])) continue;
    wide[v] = true;
    text::decode_into(values[v], one);
    chars += one;
  }
  at[values.size()] = static_cast<uint32_t>(chars.size());
}

}  // namespace

Comparisons::Comparisons(const Config& config, const Records& records, Projections& projections)
    : list_(declared_comparisons(config)) {
  // Rows hold the compared attributes first, then those that a comparison looks at beside its own.
  std::vector<uint32_t> slots;
  for (const auto& comparison : list_) slots.push_back(comparison.attribute);
  const auto slot_of = [&](uint32_t attribute) {
    const auto found = std::ranges::find(slots, attribute);
    if (found != slots.end()) return static_cast<uint32_t>(found - slots.begin());
    slots.push_back(attribute);
    return static_cast<uint32_t>(slots.size() - 1);
  };
  const auto numbers_of = [&](uint32_t attribute, Measured& measured) {
    measured.numbers.push_back(std::make_unique<std::vector<double>>(projections.numbers(attribute)));
    return measured.numbers.back().get();
  };
  for (uint32_t c = 0; c < list_.size(); ++c) {
    const auto& comparison = list_[c];
    const auto& column = records.column(comparison.attribute);
    valid_.push_back(&column.valid);
    frequency_.push_back(&column.frequency);
    if (comparison.identifying) identifying_.push_back(c);
    auto measured = std::make_shared<Measured>();
    measured->values = &column.values;
    bool text = false;
    for (const auto& declared : comparison.levels) {
      Step step;
      step.measure = declared.measure;
      step.value = declared.value;
      text = text || needs_text(declared.measure);
      const auto transform = transform_of(declared.measure);
      if (declared.measure == Measure::kSamePart) {
        step.projection = &projections.address_part(comparison.attribute, declared.part);
      } else if (transform != KeyTransform::kExact) {
        step.projection =
            &projections.get(comparison.attribute, transform,
                             transform == KeyTransform::kPrefix ? static_cast<uint32_t>(declared.value) : 0);
      } else if (declared.measure == Measure::kTokenOverlap) {
        measured->words = &projections.words(comparison.attribute);
      } else if (declared.measure == Measure::kSwapped) {
        measured->pure = false;
        step.other = slot_of(declared.other_attribute);
        const auto& other = records.column(declared.other_attribute).values;
        auto crossing = std::make_unique<std::vector<uint32_t>>(column.values.size(), 0);
        for (uint32_t v = 1; v < column.values.size(); ++v) (*crossing)[v] = other.find(column.values[v]);
        step.to_other = crossing.get();
        measured->crossings.push_back(std::move(crossing));
      } else if (declared.measure == Measure::kDays || declared.measure == Measure::kAbsolute ||
                 declared.measure == Measure::kPercent) {
        step.number = numbers_of(comparison.attribute, *measured);
      } else if (declared.measure == Measure::kKilometres) {
        measured->pure = false;
        step.other = slot_of(declared.other_attribute);
        step.number = numbers_of(comparison.attribute, *measured);
        step.other_number = numbers_of(declared.other_attribute, *measured);
      }
      measured->steps.push_back(step);
    }
    if (text) {
      spell_out(column.values, measured->at, measured->chars, measured->wide);
      measured->signatures.resize(column.values.size());
      for (uint32_t v = 1; v < column.values.size(); ++v) {
        measured->signatures[v] =
            measured->is_wide(v) ? signature_of(measured->characters(v)) : signature_of(column.values[v]);
      }
    }
    measured_.push_back(std::move(measured));
  }
  width_ = static_cast<uint32_t>(slots.size());
  rows_.resize(records.size() * width_);
  for (uint32_t s = 0; s < width_; ++s) {
    const auto& column = records.column(slots[s]);
    for (uint64_t r = 0; r < records.size(); ++r) rows_[r * width_ + s] = column.value(r);
  }
}

LevelNumber Comparisons::unequal(uint32_t comparison, const uint32_t* a, const uint32_t* b, LevelMemo& memo) const {
  const Measured& measured = *measured_[comparison];
  const auto compute = [&] {
    for (size_t k = 1; k < measured.steps.size(); ++k) {
      if (measured.meets(measured.steps[k], a, b, comparison)) return static_cast<LevelNumber>(k + 1);
    }
    return static_cast<LevelNumber>(measured.steps.size() + 1);
  };
  auto& table = memo.tables_[comparison];
  if (!measured.pure || table.off) return compute();
  if (table.keys.empty()) {
    table.keys.assign(LevelMemo::kSlots, 0);
    table.levels.assign(LevelMemo::kSlots, 0);
  }
  const uint64_t low = std::min(a[comparison], b[comparison]);
  const uint64_t key = low << 32 | std::max(a[comparison], b[comparison]);
  const uint64_t slot = (key * 0x9e3779b97f4a7c15ULL) >> (64 - 15);
  ++table.asked;
  if (table.keys[slot] == key) {
    ++table.hit;
    return table.levels[slot];
  }
  const LevelNumber result = compute();
  table.keys[slot] = key;
  table.levels[slot] = result;
  // Columns whose values hardly repeat gain nothing from remembering.
  constexpr uint32_t kTrial = 1U << 18;
  if (table.asked == kTrial) {
    table.off = table.hit < kTrial / 8;
    table.asked = table.hit = 0;
  }
  return result;
}

}  // namespace zhili::fuse
