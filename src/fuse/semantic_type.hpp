#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace zhili::fuse {

/// What the values of an attribute are. It decides how they are standardised, how they may be compared and which
/// blocking keys can be made of them.
enum class SemanticType : uint8_t {
  kChineseName,
  kLatinName,
  kIdNumber,    ///< GB 11643, 15 or 18 digits.
  kCreditCode,  ///< GB 32100, 18 characters.
  kDate,        ///< Also partial: year alone, year and month.
  kPhone,
  kAddress,   ///< Chinese address.
  kCategory,  ///< One of a few words or codes.
  kNumber,
  kText,
  kLatitude,   ///< Degrees, WGS 84.
  kLongitude,  ///< Degrees, WGS 84.
};
inline constexpr size_t kSemanticTypes = 12;

/// Which part of a person's name an attribute holds.
enum class NamePart : uint8_t { kFull, kGiven, kFamily };

/// How a blocking key is made from an attribute's standardised value. A value that lacks the part gives no key.
enum class KeyTransform : uint8_t {
  kExact,
  kPrefix,        ///< First n characters.
  kSuffix,        ///< Last n characters.
  kPinyin,        ///< Pinyin without tones; surnames by their surname reading.
  kSurname,       ///< Of a full Chinese name, compound surnames whole.
  kGiven,         ///< Of a full Chinese name.
  kInitial,       ///< First letter; of a Chinese name, those of surname and given name in pinyin.
  kSoundex,       ///< American Soundex.
  kMetaphone,     ///< Double Metaphone, primary code.
  kYear,          ///< Year of a date.
  kMonthDay,      ///< Month and day of a date.
  kYearMonth,     ///< Year and month of a date.
  kDay,           ///< Day of the month.
  kDecade,        ///< Year without its last digit.
  kRoad,          ///< Division and road of an address.
  kBuilding,      ///< Address down to the building.
  kRoom,          ///< Address down to the room.
  kDivision,      ///< County-level division of an address.
  kTokens,        ///< Each word is a key of its own.
  kSortedTokens,  ///< The words in order of the alphabet.
  kLast4,         ///< Last four characters.
  kBirth,         ///< Birth date inside an ID number.
  kCell,          ///< Latitude or longitude cut to n decimal digits.
};

/// One way to compare two standardised values.
enum class Measure : uint8_t {
  kExact,
  kJaroWinkler,   ///< Jaro–Winkler similarity ≥ value.
  kEdit,          ///< Levenshtein distance ≤ value.
  kDamerau,       ///< Optimal string alignment distance ≤ value.
  kPinyin,        ///< Pinyin equal, some reading of each.
  kLookAlike,     ///< Equal but for characters that look alike.
  kSoundAlike,    ///< Equal but for syllables that are often mixed up (zh/z, n/l, ing/in).
  kMetaphone,     ///< A Double Metaphone code in common.
  kSwapped,       ///< Equal after exchange with attribute `other_attribute`.
  kTokenOverlap,  ///< Words in common, weighted by rarity, as a share of all ≥ value.
  kContains,      ///< All words of the one occur in the other; of Chinese text, its characters in their order.
  kPrefix,        ///< First `value` characters equal; of a date YYYYMMDD, 6 are year and month.
  kSameYear,
  kSameMonthDay,
  kTransposed,  ///< Month and day exchanged, or two neighbouring digits.
  kDays,        ///< At most `value` days apart.
  kAbsolute,    ///< Difference ≤ value.
  kPercent,     ///< Difference ≤ value percent of the larger.
  kKilometres,  ///< Great-circle distance ≤ value; `other_attribute` is the longitude.
  kSamePart,    ///< Addresses equal down to `part`.
  kBirthOfId,   ///< Birth dates inside two ID numbers equal.
  kEmbedded,    ///< The shorter, of 3 characters at least, stands unbroken inside the longer.
};

/// What a measure is given beside its name.
enum class MeasureValue : uint8_t {
  kNone,
  kShare,      ///< In (0, 1].
  kCount,      ///< Whole number ≥ 1.
  kPositive,   ///< > 0.
  kAttribute,  ///< Name of another attribute.
  kPart,       ///< Name of an address part, see kAddressParts.
};

/// Names as the configuration, the model and reports write them.
std::string_view name_of(SemanticType type);
std::string_view name_of(NamePart part);
std::string_view name_of(KeyTransform transform);
std::string_view name_of(Measure measure);

/// All names in the order of the enumeration.
std::span<const std::string_view> semantic_type_names();
std::span<const std::string_view> name_part_names();
std::span<const std::string_view> key_transform_names();
std::span<const std::string_view> measure_names();
/// Address parts that `kSamePart` knows, finest first.
std::span<const std::string_view> address_part_names();

/// Whether the transform takes a number: `prefix(3)`.
bool takes_number(KeyTransform transform);
MeasureValue value_kind(Measure measure);

/// Whether a blocking key or a comparison of that kind makes sense for values of `type` that hold `part` of a name
/// (kFull for types that are not names).
bool fits(KeyTransform transform, SemanticType type, NamePart part);
bool fits(Measure measure, SemanticType type);

}  // namespace zhili::fuse
