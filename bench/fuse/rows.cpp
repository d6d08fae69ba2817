// rows --rows N [--seed S] [--threads T] --out FILE --truth FILE
//
// Writes N made-up records of persons as registers hold them: name, date of birth, address, telephone, with the errors
// of typing, reading, hearing and moving house. FILE of --truth tells which person each record is. The same seed gives
// the same bytes whatever the number of threads.
//
// Names follow Zipf's law with the skew of English ones (the commonest surname has 0.9 %, the commonest given name
// 1.7 %), and are made of syllables: no list of real people's names is needed. The country grows with the rows: a
// suburb has 10,600 records on average, so that blocks of neighbours keep their size and candidate pairs grow in
// proportion to rows, as they do when a register of a larger area is taken.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <exception>
#include <numeric>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/parallel.hpp"
#include "base/random.hpp"

namespace {

using zhili::Random;

constexpr size_t kGivenNames = 5'000;
constexpr size_t kSurnames = 60'000;
constexpr size_t kStreets = 12'000;
constexpr uint64_t kRecordsOfSuburb = 10'600;
constexpr uint64_t kSuburbsOfPostcode = 3;
constexpr uint64_t kStreetsOfSuburb = 80;
constexpr double kSuburbSpread = 0.6;  // Standard deviation of the logarithm of suburbs' sizes.
constexpr double kMissing = 0.02;      // Of each cell.
constexpr double kMoved = 0.10;        // A later record holds another address.
constexpr double kOtherPhone = 0.15;   // A later record holds another telephone.
// Records that the persons of a group of eight have: 16 together, so that a record's person is found by arithmetic.
constexpr uint8_t kRecordsOfPerson[] = {1, 1, 1, 1, 2, 2, 3, 5};
constexpr uint64_t kPersonsOfGroup = 8;
constexpr uint64_t kRecordsOfGroup = 16;

/// Draws an index with given weights in constant time (Walker's alias method, as Vose builds its table).
class Weighted {
 public:
  explicit Weighted(std::vector<double> weights) : keep_(weights.size(), 1), other_(weights.size(), 0) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<uint32_t> small;
    std::vector<uint32_t> large;
    for (uint32_t i = 0; i < weights.size(); ++i) {
      weights[i] *= static_cast<double>(weights.size()) / sum;
      (weights[i] < 1 ? small : large).push_back(i);
    }
    while (!small.empty() && !large.empty()) {
      const uint32_t poor = small.back();
      const uint32_t rich = large.back();
      small.pop_back();
      keep_[poor] = weights[poor];
      other_[poor] = rich;
      weights[rich] -= 1 - weights[poor];
      if (weights[rich] >= 1) continue;
      large.pop_back();
      small.push_back(rich);
    }
  }
  size_t draw(Random& random) const {
    const size_t i = random.below(keep_.size());
    return random.uniform() < keep_[i] ? i : other_[i];
  }

 private:
  std::vector<double> keep_;
  std::vector<uint32_t> other_;
};

/// Weights 1 / (rank + flat): Zipf's law with its head cut to what names show.
Weighted zipf(size_t n, double flat) {
  std::vector<double> weights(n);
  for (size_t i = 0; i < n; ++i) weights[i] = 1 / (static_cast<double>(i + 1) + flat);
  return Weighted(std::move(weights));
}

/// Distinct pronounceable words of two or three syllables.
std::vector<std::string> words(size_t n, uint64_t seed) {
  constexpr auto kStart = std::to_array<std::string_view>({"b", "br", "c", "ch", "d",  "f", "g", "gr", "h",  "j",
                                                           "k", "l",  "m", "n",  "p",  "r", "s", "sh", "st", "th",
                                                           "t", "tr", "v", "w",  "wh", "y", "",  "m",  "r",  "s"});
  constexpr auto kMiddle =
      std::to_array<std::string_view>({"a", "e", "i", "o", "u", "ai", "ea", "ee", "ie", "o", "a", "e"});
  constexpr auto kEnd =
      std::to_array<std::string_view>({"", "", "", "n", "r", "l", "s", "t", "nd", "ck", "ll", "m", "rd", "th"});
  Random random(seed);
  std::vector<std::string> out;
  std::vector<std::string> sorted;
  while (out.size() < n) {
    while (out.size() < n + n / 8) {
      std::string word;
      const int syllables = random.chance(0.7) ? 2 : 3;
      for (int s = 0; s < syllables; ++s) word += std::string(random.pick(kStart)) + std::string(random.pick(kMiddle));
      word += random.pick(kEnd);
      if (word.size() >= 5) out.push_back(std::move(word));
    }
    // The first of equal words stays, in the order in which they came.
    std::vector<size_t> order(out.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, {}, [&](size_t i) { return out[i]; });
    std::vector<bool> again(out.size(), false);
    for (size_t i = 1; i < order.size(); ++i) again[order[i]] = out[order[i]] == out[order[i - 1]];
    std::vector<std::string> kept;
    for (size_t i = 0; i < out.size() && kept.size() < n; ++i) {
      if (!again[i]) kept.push_back(std::move(out[i]));
    }
    out = std::move(kept);
  }
  return out;
}

/// A bijection of [0, n) that looks random: four rounds of a Feistel network over the next even number of bits, walked
/// until it falls inside (Black and Rogaway 2002). It lays records in an order that tells nothing, without memory.
class Shuffle {
 public:
  Shuffle(uint64_t n, uint64_t seed) : n_(n), seed_(seed) {
    while ((uint64_t{1} << (2 * half_)) < n) ++half_;
    mask_ = (uint64_t{1} << half_) - 1;
  }
  uint64_t operator()(uint64_t i) const {
    do {
      uint64_t left = i >> half_;
      uint64_t right = i & mask_;
      for (uint64_t round = 0; round < 4; ++round) {
        const uint64_t next = left ^ (zhili::mix64(right ^ zhili::mix64(seed_ + round)) & mask_);
        left = right;
        right = next;
      }
      i = left << half_ | right;
    } while (i >= n_);
    return i;
  }

 private:
  uint64_t n_;
  uint64_t seed_;
  unsigned half_ = 1;
  uint64_t mask_;
};

enum Field : uint8_t { kGiven, kFamily, kBirth, kNumber, kStreet, kSuburb, kPostcode, kPhone, kFields };
constexpr std::string_view kHeader =
    "record_id,given_name,surname,date_of_birth,street_number,address_1,suburb,postcode,phone\n";
using Record = std::array<std::string, kFields>;

std::string digits(uint64_t number, size_t width) {
  std::string out = std::to_string(number);
  if (out.size() < width) out.insert(0, width - out.size(), '0');
  return out;
}

/// Where people live: suburbs of different sizes, in postcodes of a few neighbours each.
struct Country {
  explicit Country(uint64_t rows, uint64_t seed)
      : suburbs(std::max<uint64_t>(1, rows / kRecordsOfSuburb)), names(words(suburbs, seed + 3)), weights([&] {
          Random random(seed + 4);
          std::vector<double> out(suburbs);
          for (double& weight : out) weight = std::exp(kSuburbSpread * random.normal());
          return out;
        }()) {}
  uint64_t suburbs;
  std::vector<std::string> names;
  Weighted weights;
};

class Maker {
 public:
  Maker(uint64_t rows, uint64_t seed)
      : rows_(rows),
        seed_(seed),
        given_(words(kGivenNames, seed + 1)),
        surnames_(words(kSurnames, seed + 2)),
        streets_(words(kStreets, seed + 5)),
        given_weights_(zipf(kGivenNames, 8)),
        surname_weights_(zipf(kSurnames, 12)),
        street_weights_(zipf(kStreets, 20)),
        country_(rows, seed),
        shuffle_((rows + kRecordsOfGroup - 1) / kRecordsOfGroup * kRecordsOfGroup, seed + 6) {}

  /// Appends records [begin, end) and their truth.
  void write(uint64_t begin, uint64_t end, std::string& out, std::string& truth) const {
    Record record;
    for (uint64_t row = begin; row < end; ++row) {
      const uint64_t place = shuffle_(row);
      const auto [person, copy] = person_of(place);
      make(person, copy, place, record);
      append_number(out, row + 1);
      for (const auto& cell : record) {
        out += ',';
        out += cell;
      }
      out += '\n';
      append_number(truth, row + 1);
      truth += ',';
      append_number(truth, person + 1);
      truth += '\n';
    }
  }

 private:
  static void append_number(std::string& out, uint64_t number) {
    char text[20];
    out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
  }

  static std::pair<uint64_t, uint64_t> person_of(uint64_t place) {
    uint64_t within = place % kRecordsOfGroup;
    uint64_t person = place / kRecordsOfGroup * kPersonsOfGroup;
    for (const uint8_t records : kRecordsOfPerson) {
      if (within < records) break;
      within -= records;
      ++person;
    }
    return {person, within};
  }

  void address(Random& random, Record& record) const {
    constexpr auto kKinds =
        std::to_array<std::string_view>({" street", " road", " avenue", " place", " crescent", " court", " drive"});
    const uint64_t suburb = country_.weights.draw(random);
    const double near = random.uniform();
    record[kNumber] = std::to_string(1 + static_cast<uint64_t>(300 * near * near));
    // A suburb has streets of its own, drawn once from the country's names.
    Random street(seed_ + 7, suburb * kStreetsOfSuburb + random.below(kStreetsOfSuburb));
    record[kStreet] = streets_[street_weights_.draw(street)];
    record[kStreet] += street.pick(kKinds);
    record[kSuburb] = country_.names[suburb];
    record[kPostcode] = digits(10'000 + suburb / kSuburbsOfPostcode * 7, 5);
  }

  void make(uint64_t person, uint64_t copy, uint64_t place, Record& record) const {
    Random random(seed_ + 8, person);
    record[kGiven] = given_[given_weights_.draw(random)];
    record[kFamily] = surnames_[surname_weights_.draw(random)];
    // More of the middle-aged than of the very young and the old.
    const auto year = 1930 + static_cast<uint64_t>(45 * (random.uniform() + random.uniform()));
    record[kBirth] = digits(year, 4) + '-' + digits(1 + random.below(12), 2) + '-' + digits(1 + random.below(28), 2);
    address(random, record);
    record[kPhone] = digits(random.below(1'000'000'000), 9);
    Random change(seed_ + 9, place);
    if (copy > 0) {
      if (change.chance(kMoved)) address(change, record);
      if (change.chance(kOtherPhone)) record[kPhone] = digits(change.below(1'000'000'000), 9);
      const double many = change.uniform();
      const int errors = many < 0.25 ? 0 : many < 0.60 ? 1 : many < 0.85 ? 2 : 3;
      for (int e = 0; e < errors; ++e) spoil(change, record);
    }
    for (auto& cell : record) {
      if (change.chance(kMissing)) cell.clear();
    }
  }

  static void spoil(Random& random, Record& record) {
    const auto field = static_cast<Field>(random.below(kFields));
    if ((field == kGiven || field == kFamily) && random.chance(0.1)) {
      std::swap(record[kGiven], record[kFamily]);
      return;
    }
    auto& cell = record[field];
    if (cell.size() < 2) return;
    if (field == kBirth) {
      spoil_date(random, cell);
    } else if (field == kNumber || field == kPostcode || field == kPhone) {
      mistype(random, cell, '0', 10);
    } else if (random.chance(0.35) && mishear(random, cell)) {
      return;
    } else {
      mistype(random, cell, 'a', 26);
    }
  }

  static void spoil_date(Random& random, std::string& date) {
    if (random.chance(0.3)) {  // Day and month exchanged.
      date = date.substr(0, 5) + date.substr(8, 2) + '-' + date.substr(5, 2);
      return;
    }
    constexpr auto kDigits = std::to_array<size_t>({2, 3, 5, 6, 8, 9});
    date[random.pick(kDigits)] = static_cast<char>('0' + random.below(10));
  }

  static void mistype(Random& random, std::string& cell, char first, uint64_t letters) {
    const auto letter = [&] { return static_cast<char>(first + static_cast<char>(random.below(letters))); };
    const size_t at = random.below(cell.size());
    switch (random.below(4)) {
      case 0:
        cell[at] = letter();
        break;
      case 1:
        cell.insert(at, 1, letter());
        break;
      case 2:
        cell.erase(at, 1);
        break;
      default:
        if (at > 0) std::swap(cell[at], cell[at - 1]);
    }
  }

  /// Writes a sound in another way, or a shape as a reader of forms takes it. False when the word has no such place.
  static bool mishear(Random& random, std::string& word) {
    struct Change {
      std::string_view from;
      std::string_view to;
    };
    constexpr Change kChanges[] = {{"ph", "f"},  {"f", "ph"}, {"ck", "k"},  {"k", "c"},  {"ee", "ea"}, {"ie", "y"},
                                   {"ai", "ay"}, {"ll", "l"}, {"sh", "ch"}, {"wh", "w"}, {"rn", "m"},  {"m", "rn"},
                                   {"l", "i"},   {"h", "b"},  {"c", "e"},   {"u", "v"},  {"n", "m"},   {"s", "z"}};
    const size_t first = random.below(std::size(kChanges));
    for (size_t i = 0; i < std::size(kChanges); ++i) {
      const auto& change = kChanges[(first + i) % std::size(kChanges)];
      const size_t at = word.find(change.from);
      if (at == std::string::npos) continue;
      word.replace(at, change.from.size(), change.to);
      return true;
    }
    return false;
  }

  uint64_t rows_;
  uint64_t seed_;
  std::vector<std::string> given_;
  std::vector<std::string> surnames_;
  std::vector<std::string> streets_;
  Weighted given_weights_;
  Weighted surname_weights_;
  Weighted street_weights_;
  Country country_;
  Shuffle shuffle_;
};

/// Writes in rounds: each thread makes one piece, then the pieces go out in order.
bool write_all(const Maker& maker, uint64_t rows, unsigned threads, std::FILE* out, std::FILE* truth) {
  constexpr uint64_t kPiece = 1U << 16;
  std::vector<std::string> records(threads);
  std::vector<std::string> persons(threads);
  std::fputs(std::string(kHeader).c_str(), out);
  std::fputs("record_id,person\n", truth);
  for (uint64_t begin = 0; begin < rows; begin += kPiece * threads) {
    const uint64_t end = std::min(rows, begin + kPiece * threads);
    zhili::parallel_for(threads, 1, threads, [&](uint64_t piece, uint64_t, unsigned) {
      const uint64_t first = std::min(end, begin + piece * kPiece);
      records[piece].clear();
      persons[piece].clear();
      maker.write(first, std::min(end, first + kPiece), records[piece], persons[piece]);
    });
    for (unsigned piece = 0; piece < threads; ++piece) {
      if (std::fwrite(records[piece].data(), 1, records[piece].size(), out) != records[piece].size()) return false;
      if (std::fwrite(persons[piece].data(), 1, persons[piece].size(), truth) != persons[piece].size()) return false;
    }
  }
  return true;
}

int run(int argc, char** argv) {
  uint64_t rows = 0;
  uint64_t seed = 1;
  unsigned threads = zhili::usable_cores();
  std::string out;
  std::string truth;
  CLI::App app("Writes made-up records of persons with errors, and who they are.");
  app.add_option("--rows", rows, "Number of records")->required()->check(CLI::PositiveNumber);
  app.add_option("--seed", seed, "The same seed gives the same bytes");
  app.add_option("--threads", threads, "Threads")->check(CLI::PositiveNumber);
  app.add_option("--out", out, "File for the records")->required();
  app.add_option("--truth", truth, "File for the persons of the records")->required();
  CLI11_PARSE(app, argc, argv);
  std::FILE* const out_file = std::fopen(out.c_str(), "wb");
  std::FILE* const truth_file = std::fopen(truth.c_str(), "wb");
  if (out_file == nullptr || truth_file == nullptr) {
    std::fprintf(stderr, "rows: can't write %s\n", out_file == nullptr ? out.c_str() : truth.c_str());
    return 5;
  }
  const bool written = write_all(Maker(rows, seed), rows, threads, out_file, truth_file);
  const bool closed = std::fclose(out_file) == 0;
  if (!written || std::fclose(truth_file) != 0 || !closed) {
    std::fprintf(stderr, "rows: can't write all of %s and %s; is the disk full?\n", out.c_str(), truth.c_str());
    return 5;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rows: %s\n", error.what());
    return 1;
  }
}
