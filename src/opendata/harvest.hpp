#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "opendata/publications.hpp"

/// Other catalogues' open data, taken from their DCAT so that people find it here: what it is and where, not the data.
namespace zhili::opendata {

inline constexpr size_t kHarvestBytes = size_t{32} << 20;  ///< Of one catalogue's document.
inline constexpr size_t kHarvestSets = 20'000;             ///< Of one catalogue.
inline constexpr size_t kHarvestShown = 200;

/// A dataset of another catalogue.
struct Harvested {
  std::string source;  ///< The document's address.
  std::string id;      ///< The dataset's IRI.
  std::string title;
  std::string description;
  std::string page;       ///< An address for people: http or https; empty where it names none.
  std::string publisher;  ///< Its name.
  std::string formats;    ///< With blanks: "CSV JSON".
  std::string modified;   ///< As it says.
  bool operator==(const Harvested&) const = default;
};

/// The datasets in a DCAT document in JSON-LD: nested, flattened, or as a @graph; compacted or with whole IRIs. Terms
/// are known by their last part, as no context is fetched; of several languages Chinese is taken first. Errors: kInput
/// for what is no JSON, or has no dataset; kLimit.
Result<std::vector<Harvested>> read_dcat(std::string_view jsonld);

/// May be used by many threads and servers. The publications outlive it.
class Harvests {
 public:
  explicit Harvests(const Publications& publications) : publications_(publications) {}

  /// What a source told takes the place of what it told before, with an entry of the audit log. Decided as `publish` on
  /// publications of a department of the actor. Errors: as of read_dcat; kConstraint; kInput for an address that is
  /// none.
  Result<size_t> take(const identity::Actor& actor, const std::string& source, std::string_view jsonld) const;
  /// Those in which all words occur, by title, at most kHarvestShown.
  Result<std::vector<Harvested>> find(std::string_view words) const;

 private:
  const Publications& publications_;
};

}  // namespace zhili::opendata
