#pragma once

#include <array>
#include <string_view>

/// The keys and words of packs and datasets, as the schemas in schemas/ list them too: pack, dataset,
/// standards.
namespace zhili::catalog::keys {

inline constexpr std::array<std::string_view, 10> kPack{
    "id", "version", "title", "description", "requires", "entities", "legal_basis", "purposes", "sources", "registers"};
inline constexpr std::array<std::string_view, 2> kTitle{"zh", "en"};
inline constexpr std::array<std::string_view, 1> kRequires{"zhili"};
inline constexpr std::array<std::string_view, 5> kLegalBasis{"id", "title", "articles", "for", "purposes"};
inline constexpr std::array<std::string_view, 2> kSource{"owner", "register"};
inline constexpr std::array<std::string_view, 6> kDataset{"version",       "id",    "title", "resource",
                                                          "reasons_grade", "fields"};
inline constexpr std::array<std::string_view, 8> kField{"id",    "zh",           "en",   "type",
                                                        "grade", "masked_grade", "mask", "look_up"};
inline constexpr std::array<std::string_view, 2> kStandards{"version", "elements"};
inline constexpr std::array<std::string_view, 12> kElement{"id",      "zh",    "en",  "type", "grade",      "standard",
                                                           "pattern", "codes", "min", "max",  "max_length", "unit"};
inline constexpr std::array<std::string_view, 11> kTypes{"text",   "person_name", "id_number", "credit_code",
                                                         "phone",  "address",     "date",      "category",
                                                         "number", "latitude",    "longitude"};
inline constexpr std::array<std::string_view, 7> kMasks{"none",    "name", "id_number", "phone",
                                                        "address", "year", "first"};

}  // namespace zhili::catalog::keys
