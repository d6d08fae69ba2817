#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "fuse/config.hpp"
#include "fuse/records.hpp"
#include "text/division.hpp"

namespace zhili::fuse {

/// The part of a standardised value that a key or a comparison looks at: pinyin of a name, year of a date, building of
/// an address. Empty when the value has no such part. kTokens gives the words separated by '\n'.
std::string project(const Attribute& attribute, KeyTransform transform, uint32_t n, std::string_view value,
                    const text::DivisionTable& divisions);

/// By value number: hash of the projected part, 0 where there is none.
using Projection = std::vector<uint64_t>;

/// How many records hold each word of an attribute, by the word's hash. A word that is not in it counts as one record.
struct WordCounts {
  double present = 0;  ///< Records that hold any.
  std::unordered_map<uint64_t, uint64_t> records_with;

  uint64_t of(uint64_t hash) const {
    const auto found = records_with.find(hash);
    return found == records_with.end() ? 1 : found->second;
  }
};

/// A rule over words gives a record at most this many keys, its rarest words.
inline constexpr uint32_t kKeysOfRecord = 6;

/// By value number: the hashes of its words (at most kKeysOfRecord kept for blocking, the rarest first), and all of
/// them with their weights for comparison.
struct Words {
  std::vector<uint32_t> starts;    ///< Words of value v: [starts[v], starts[v + 1]).
  std::vector<uint64_t> hashes;    ///< Ascending by frequency in the column, the rarest first.
  std::vector<float> weights;      ///< Inverse document frequency, ln(records / records with the word) + 1.
  std::vector<uint32_t> key_ends;  ///< Keys of value v: [starts[v], key_ends[v]).
  WordCounts counts;
  std::span<const uint64_t> keys_of(uint32_t v) const {
    return {hashes.data() + starts[v], hashes.data() + key_ends[v]};
  }
};

/// What the buildings of an address are numbered in.
enum class AddressAnchor : uint8_t { kRoad, kEstate };

/// Projections of the columns of one run, each computed once when it is first asked for. Not thread-safe for `get`;
/// what it returns may be read from any thread and lives as long as this.
class Projections {
 public:
  Projections(const Config& config, const Records& records, const text::DivisionTable& divisions, unsigned threads)
      : config_(config), records_(records), divisions_(divisions), threads_(threads) {}

  const Projection& get(uint32_t attribute, KeyTransform transform, uint32_t n = 0);
  /// The same without keeping it.
  Projection make(uint32_t attribute, KeyTransform transform, uint32_t n = 0) const;
  const Words& words(uint32_t attribute);
  /// Words are as rare from now on as these counts say, whatever the records. Before `words` is asked for the first
  /// time.
  void use_word_counts(uint32_t attribute, WordCounts counts) { given_counts_[attribute] = std::move(counts); }
  using Kept = std::map<std::tuple<uint32_t, KeyTransform, uint32_t>, std::unique_ptr<Projection>>;
  /// What `get` has made, in an order that only depends on what was asked for.
  const Kept& kept() const { return made_; }
  /// Takes back one table of `kept`, the hashes of values that it has not yet, piece by piece. False where there is
  /// none of this number.
  bool restore(size_t table, std::string_view bytes);
  /// Counts of the words of each attribute for which they were asked.
  std::map<uint32_t, WordCounts> word_counts() const;
  /// Takes in the values that columns were given since: what `get` and `words` gave holds them too.
  void extend();
  /// Hash of one value's part as in a Projection.
  uint64_t hash_of(uint32_t attribute, KeyTransform transform, uint32_t n, std::string_view value) const;
  /// Number of one value as in `numbers`.
  double number_of(uint32_t attribute, std::string_view value) const;
  /// Hashes of one address: for each of address_part_names() that by road and that by estate.
  void address_hashes(std::string_view value, std::span<uint64_t> hashes) const;
  /// Hash of an address down to the named part (see address_part_names), 0 where the address lacks that part or the
  /// anchor. From an estate's name only building, unit and room are counted.
  const Projection& address_part(uint32_t attribute, std::string_view part, AddressAnchor anchor);
  /// Frees what `get` keeps: at ten million values a key takes 80 MB. References that `get` gave become invalid.
  void forget_keys() { made_.clear(); }
  /// Frees what `address_part` keeps; asked for again, it is computed again.
  void forget_address_parts() { address_parts_.clear(); }
  /// Dates as days since 1970-01-01, other values as numbers; NaN where there is none.
  std::vector<double> numbers(uint32_t attribute) const;
  /// The part as text, for reports.
  std::string text(const KeyPart& part, uint64_t record) const;

 private:
  void add_words(Words& words, std::string_view value, uint32_t records);
  static void weigh_words(Words& words, uint32_t from);

  const Config& config_;
  const Records& records_;
  const text::DivisionTable& divisions_;
  unsigned threads_;
  std::map<uint32_t, WordCounts> given_counts_;
  Kept made_;
  std::map<uint32_t, std::unique_ptr<Words>> words_;
  std::map<uint32_t, std::vector<Projection>> address_parts_;
};

}  // namespace zhili::fuse
