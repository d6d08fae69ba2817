#include "fuse/semantic_type.hpp"

#include <array>
#include <initializer_list>

namespace zhili::fuse {
namespace {

using enum SemanticType;

constexpr std::array<std::string_view, kSemanticTypes> kTypeNames{
    "chinese_name", "latin_name", "id_number", "credit_code", "date",     "phone",
    "address",      "category",   "number",    "text",        "latitude", "longitude"};

constexpr std::array<std::string_view, 3> kPartNames{"full", "given", "family"};

constexpr std::array<std::string_view, 8> kAddressParts{"room", "unit",      "building", "number",
                                                        "road", "community", "street",   "county"};

constexpr uint32_t types(std::initializer_list<SemanticType> list) {
  uint32_t set = 0;
  for (const SemanticType type : list) set |= 1U << static_cast<unsigned>(type);
  return set;
}

constexpr uint32_t kAny = (1U << kSemanticTypes) - 1;
constexpr uint32_t kCharacters =
    types({kChineseName, kLatinName, kIdNumber, kCreditCode, kPhone, kAddress, kCategory, kNumber, kText});

constexpr std::array<std::string_view, 23> kTransformNames{
    "exact",     "prefix",   "suffix",    "pinyin",        "surname", "given",  "initial", "soundex",
    "metaphone", "year",     "month_day", "year_month",    "day",     "decade", "road",    "building",
    "room",      "division", "tokens",    "sorted_tokens", "last4",   "birth",  "cell"};

constexpr std::array<uint32_t, kTransformNames.size()> kTransformTypes{
    kAny,
    kCharacters,
    kCharacters,
    types({kChineseName, kText}),
    types({kChineseName}),
    types({kChineseName}),
    types({kChineseName, kLatinName, kText}),
    types({kLatinName, kCategory, kText}),
    types({kLatinName, kCategory, kText}),
    types({kDate}),
    types({kDate}),
    types({kDate}),
    types({kDate}),
    types({kDate}),
    types({kAddress}),
    types({kAddress}),
    types({kAddress}),
    types({kAddress}),
    types({kLatinName, kCategory, kText}),
    types({kLatinName, kCategory, kText}),
    types({kIdNumber, kCreditCode, kPhone, kNumber, kText}),
    types({kIdNumber}),
    types({kLatitude, kLongitude}),
};

constexpr std::array<std::string_view, 22> kMeasureNames{
    "exact",    "jaro_winkler",  "edit",       "damerau",   "pinyin",      "look_alike",     "sound_alike", "metaphone",
    "swapped",  "token_overlap", "contains",   "prefix",    "same_year",   "same_month_day", "transposed",  "days",
    "absolute", "percent",       "kilometres", "same_part", "birth_of_id", "embedded"};

struct MeasureFacts {
  uint32_t types;
  MeasureValue value;
};

constexpr std::array<MeasureFacts, kMeasureNames.size()> kMeasureFacts{{
    {kAny, MeasureValue::kNone},
    {types({kChineseName, kLatinName, kAddress, kCategory, kText}), MeasureValue::kShare},
    {kCharacters | types({kDate}), MeasureValue::kCount},
    {kCharacters | types({kDate}), MeasureValue::kCount},
    {types({kChineseName, kText}), MeasureValue::kNone},
    {types({kChineseName, kAddress, kText}), MeasureValue::kNone},
    {types({kChineseName, kAddress, kText}), MeasureValue::kNone},
    {types({kLatinName, kCategory, kText}), MeasureValue::kNone},
    {kAny & ~types({kLatitude, kLongitude}), MeasureValue::kAttribute},
    {types({kLatinName, kCategory, kText}), MeasureValue::kShare},
    {types({kChineseName, kLatinName, kAddress, kCategory, kText}), MeasureValue::kNone},
    {kCharacters | types({kDate}), MeasureValue::kCount},
    {types({kDate}), MeasureValue::kNone},
    {types({kDate}), MeasureValue::kNone},
    {types({kDate, kIdNumber, kCreditCode, kPhone, kNumber}), MeasureValue::kNone},
    {types({kDate}), MeasureValue::kCount},
    {types({kNumber}), MeasureValue::kPositive},
    {types({kNumber}), MeasureValue::kPositive},
    {types({kLatitude}), MeasureValue::kPositive},
    {types({kAddress}), MeasureValue::kPart},
    {types({kIdNumber}), MeasureValue::kNone},
    {kCharacters, MeasureValue::kNone},
}};

template <class Enum>
constexpr size_t at(Enum value) {
  return static_cast<size_t>(value);
}

bool has(uint32_t set, SemanticType type) { return (set >> static_cast<unsigned>(type) & 1U) != 0; }

}  // namespace

std::string_view name_of(SemanticType type) { return kTypeNames[at(type)]; }
std::string_view name_of(NamePart part) { return kPartNames[at(part)]; }
std::string_view name_of(KeyTransform transform) { return kTransformNames[at(transform)]; }
std::string_view name_of(Measure measure) { return kMeasureNames[at(measure)]; }

std::span<const std::string_view> semantic_type_names() { return kTypeNames; }
std::span<const std::string_view> name_part_names() { return kPartNames; }
std::span<const std::string_view> key_transform_names() { return kTransformNames; }
std::span<const std::string_view> measure_names() { return kMeasureNames; }
std::span<const std::string_view> address_part_names() { return kAddressParts; }

bool takes_number(KeyTransform transform) {
  return transform == KeyTransform::kPrefix || transform == KeyTransform::kSuffix || transform == KeyTransform::kCell;
}

MeasureValue value_kind(Measure measure) { return kMeasureFacts[at(measure)].value; }

bool fits(KeyTransform transform, SemanticType type, NamePart part) {
  // A given or a family name alone has no parts.
  const bool of_full = transform == KeyTransform::kSurname || transform == KeyTransform::kGiven;
  return has(kTransformTypes[at(transform)], type) && !(of_full && part != NamePart::kFull);
}

bool fits(Measure measure, SemanticType type) { return has(kMeasureFacts[at(measure)].types, type); }

}  // namespace zhili::fuse
