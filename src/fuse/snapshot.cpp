#include "fuse/snapshot.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/limits.hpp"

namespace zhili::fuse {
namespace {

constexpr uint64_t kForm = 1;
/// Records for which memory is set aside at least.
constexpr uint64_t kSlotsAhead = 100'000;

/// Sources and attributes: what the numbers in a snapshot stand for.
uint64_t digest_of(const Config& config) {
  uint64_t out = 0;
  for (const auto& source : config.sources) out = hash_bytes(source.id, out + 1);
  for (const auto& attribute : config.attributes) {
    out = hash_bytes(attribute.name, out + 2);
    out = hash_bytes(name_of(attribute.type), out + 3);
    out = hash_bytes(name_of(attribute.part), out + static_cast<uint64_t>(attribute.order));
  }
  return out;
}

std::unexpected<Error> not_a_snapshot() {
  return fail(ErrorCode::kInput, {}, "An older snapshot or a batch run takes its place.", "the snapshot is damaged");
}

}  // namespace

/// What a piece holds.
enum class SnapshotTaker::Part : uint8_t { kHead = 1, kValues, kNumbers, kSlots, kEnd };

SnapshotTaker::SnapshotTaker(Resolver& resolver, size_t piece_bytes)
    : resolver_(resolver), piece_(piece_bytes), slots_(resolver.slots()) {
  for (const auto& column : resolver_.live_.records.columns()) {
    raws_.push_back(column.raws.size());
    values_.push_back(column.values.size());
  }
  resolver_.watch_slots([this](uint32_t slot) {
    if (slot < slot_ || slot >= slots_ || aside_.contains(slot)) return;
    resolver_.write_slot(slot, aside_[slot]);
  });
}

SnapshotTaker::~SnapshotTaker() { resolver_.watch_slots({}); }

std::string SnapshotTaker::next() {
  std::string bytes;
  ByteWriter out(bytes);
  switch (stage_) {
    case 0: {
      out.number(static_cast<uint64_t>(Part::kHead));
      out.number(kForm);
      out.fixed(digest_of(resolver_.config()));
      out.number(slots_);
      out.text(resolver_.fusion_->frozen().to_bytes());
      const auto decisions = resolver_.decisions();
      out.number(decisions.size());
      for (const auto& [number, decision] : decisions) {
        out.number(number);
        write_decision(decision, out);
      }
      ++stage_;
      break;
    }
    case 1:
      write_values(out, bytes);
      break;
    case 2:
      write_numbers(out, bytes);
      break;
    case 3:
      out.number(static_cast<uint64_t>(Part::kSlots));
      write_slots(bytes);
      break;
    case 4:
      out.number(static_cast<uint64_t>(Part::kEnd));
      ++stage_;
      break;
    default:
      break;
  }
  return bytes;
}

/// The values of one attribute: first the standard ones, then those as written with the number of their standard one.
void SnapshotTaker::write_values(ByteWriter& out, std::string& bytes) {
  const auto& column = resolver_.live_.records.column(static_cast<uint32_t>(place_));
  const uint32_t values = values_[place_];
  const uint32_t raws = raws_[place_];
  out.number(static_cast<uint64_t>(Part::kValues));
  out.number(place_);
  out.number(done_);
  while (done_ + 1 < values && bytes.size() < piece_) {
    const auto value = static_cast<uint32_t>(++done_);
    out.number(column.valid[value] != 0 ? 2 : 1);
    out.text(column.values[value]);
  }
  while (done_ + 1 >= values && done_ + 2 < uint64_t{values} + raws && bytes.size() < piece_) {
    const auto raw = static_cast<uint32_t>(++done_ - (values - 1));
    out.number(3);
    out.number(column.value_of_raw[raw]);
    out.text(column.raws[raw]);
  }
  out.number(0);
  if (done_ + 2 < uint64_t{values} + raws) return;
  done_ = 0;
  if (++place_ == values_.size()) {
    place_ = 0;
    ++stage_;
  }
}

/// What was worked out of values: features by comparison, then hashes for blocking.
void SnapshotTaker::write_numbers(ByteWriter& out, std::string& bytes) {
  const auto& comparisons = resolver_.live_.comparisons;
  const auto& kept = resolver_.live_.projections.kept();
  const size_t tables = comparisons.size() + kept.size();
  if (place_ == tables) {
    place_ = 0;
    ++stage_;
    bytes = next();
    return;
  }
  out.number(static_cast<uint64_t>(Part::kNumbers));
  out.number(place_);
  const auto write = [&](const auto& table, uint64_t size, uint64_t of_value) {
    done_ = std::max(done_, std::min(of_value, size));  // The missing value has its numbers always.
    const uint64_t end = std::min<uint64_t>(size, done_ + piece_ / sizeof(table[0]));
    const std::string_view all(reinterpret_cast<const char*>(table.data()), table.size() * sizeof(table[0]));
    out.text(all.substr(done_ * sizeof(table[0]), (end - done_) * sizeof(table[0])));
    done_ = end;
    if (done_ < size) return;
    done_ = 0;
    ++place_;
  };
  if (place_ < comparisons.size()) {
    const auto c = static_cast<uint32_t>(place_);
    const auto& features = comparisons.features(c);
    const uint64_t known = values_[comparisons.list()[c].attribute];
    write(features, known * comparisons.words_of_features(c), comparisons.words_of_features(c));
  } else {
    const auto at = std::next(kept.begin(), static_cast<ptrdiff_t>(place_ - comparisons.size()));
    write(*at->second, values_[std::get<0>(at->first)], 1);
  }
}

void SnapshotTaker::write_slots(std::string& bytes) {
  for (; slot_ < slots_ && bytes.size() < piece_; ++slot_) {
    const auto kept = aside_.find(static_cast<uint32_t>(slot_));
    if (kept == aside_.end()) {
      resolver_.write_slot(static_cast<uint32_t>(slot_), bytes);
    } else {
      bytes += kept->second;
      aside_.erase(kept);
    }
  }
  if (slot_ == slots_) ++stage_;
}

void Resolver::watch_slots(std::function<void(uint32_t slot)> before_change) {
  before_change_ = std::move(before_change);
}

void Resolver::write_slot(uint32_t slot, std::string& bytes) const {
  ByteWriter out(bytes);
  const auto& records = live_.records;
  out.number(static_cast<uint64_t>(presence_[slot]));
  out.number(records.source(slot));
  out.text(records.id(slot));
  out.text(records.updated(slot));
  if (presence_[slot] != Presence::kThere) return;
  for (const auto& column : records.columns()) out.number(column.raw[slot]);
  out.fixed(entities_.id(entity_of_[slot]).bits);
  const auto linked = lists_.of(links_[slot]);
  out.number(linked.size());
  for (const uint32_t other : linked) out.number(other);
}

/// Reads the pieces one after the other.
class SnapshotReader {
 public:
  SnapshotReader(Config config, unsigned threads, Cancel& cancel)
      : config_(std::move(config)), threads_(threads), cancel_(cancel) {}

  Result<bool> take(std::string_view piece);
  Result<std::unique_ptr<Resolver>> finish();

 private:
  Status head(ByteReader& in);
  Status values(ByteReader& in);
  Status numbers(ByteReader& in);
  Status slots(ByteReader& in);

  Config config_;
  unsigned threads_;
  Cancel& cancel_;
  uint64_t slots_ = 0;
  std::vector<std::pair<uint64_t, Decision>> decisions_;
  std::unique_ptr<Resolver> resolver_;
};

Status SnapshotReader::head(ByteReader& in) {
  if (in.number() != kForm) return not_a_snapshot();
  if (in.fixed() != digest_of(config_)) {
    return fail(ErrorCode::kConfig, {config_.path.string(), 0, 0},
                "Learn the base anew by a batch run under the new configuration.",
                "sources or attributes are others than those that the base was made with");
  }
  slots_ = in.number();
  if (slots_ > limits::kRecords) return not_a_snapshot();
  ZHILI_ASSIGN(auto frozen, FrozenModel::parse(in.text()));
  for (uint64_t n = in.count(); n > 0; --n) {
    const uint64_t number = in.number();
    decisions_.emplace_back(number, read_decision(in));
  }
  if (!in.good()) return not_a_snapshot();
  ZHILI_ASSIGN(auto fusion, Fusion::create(std::move(config_), threads_, Progress::Mode::kOff, cancel_));
  fusion->freeze(std::move(frozen));
  ZHILI_TRY(fusion->adopt(RecordEditor::empty(fusion->config())));
  resolver_.reset(new Resolver(std::move(fusion), slots_ + slots_ / 4 + kSlotsAhead));
  resolver_->ask_for_keys();
  return {};
}

Status SnapshotReader::values(ByteReader& in) {
  const uint64_t attribute = in.number();
  in.number();
  if (attribute >= resolver_->live_.records.attributes()) return not_a_snapshot();
  const auto a = static_cast<uint32_t>(attribute);
  for (uint64_t kind = in.number(); kind != 0; kind = in.number()) {
    if (kind == 3) {
      const uint64_t value = in.number();
      if (value >= resolver_->live_.records.column(a).values.size()) return not_a_snapshot();
      resolver_->editor_.restore_raw(a, in.text(), static_cast<uint32_t>(value));
    } else {
      resolver_->editor_.restore_value(a, in.text(), kind == 2);
    }
    if (!in.good()) return not_a_snapshot();
  }
  return {};
}

Status SnapshotReader::numbers(ByteReader& in) {
  const uint64_t table = in.number();
  const auto bytes = in.text();
  auto& comparisons = resolver_->live_.comparisons;
  auto& projections = resolver_->live_.projections;
  if (!in.good()) return not_a_snapshot();
  if (table < comparisons.size()) {
    comparisons.restore_features(static_cast<uint32_t>(table), bytes);
  } else if (!projections.restore(table - comparisons.size(), bytes)) {
    return not_a_snapshot();
  }
  return {};
}

Status SnapshotReader::slots(ByteReader& in) {
  auto& r = *resolver_;
  std::vector<uint32_t> raws(r.live_.records.attributes());
  while (in.good() && !in.done()) {
    const uint64_t presence = in.number();
    const uint64_t source = in.number();
    const auto id = in.text();
    const auto updated = in.text();
    if (!in.good() || presence > 2 || source >= r.config().sources.size() || r.presence_.size() >= slots_) {
      return not_a_snapshot();
    }
    const uint32_t slot = r.restore_slot(static_cast<uint32_t>(source), id, static_cast<Resolver::Presence>(presence));
    std::ranges::fill(raws, 0);
    if (r.presence_[slot] == Resolver::Presence::kThere) {
      for (uint32_t a = 0; a < raws.size(); ++a) {
        raws[a] = static_cast<uint32_t>(in.number());
        if (raws[a] >= r.live_.records.column(a).raws.size()) return not_a_snapshot();
      }
      const EntityId entity{in.fixed()};
      uint32_t number = r.entities_.find(entity);
      if (number == EntityTable::kNone) number = r.entities_.add(entity);
      r.entities_.add_member(number, slot);
      r.entity_of_[slot] = number;
      for (uint64_t n = in.count(); n > 0; --n) {
        const uint64_t other = in.number();
        if (other >= slots_) return not_a_snapshot();
        r.lists_.add(r.links_[slot], static_cast<uint32_t>(other));
      }
    }
    r.editor_.set(slot, raws, r.editor_.time(updated));
  }
  return in.good() ? Status{} : Status{not_a_snapshot()};
}

/// False behind the last piece.
Result<bool> SnapshotReader::take(std::string_view piece) {
  ByteReader in(piece);
  const uint64_t part = in.number();
  if ((part == 1) != (resolver_ == nullptr)) return not_a_snapshot();
  switch (part) {
    case 1:
      ZHILI_TRY(head(in));
      return true;
    case 2:
      ZHILI_TRY(values(in));
      return true;
    case 3:
      ZHILI_TRY(numbers(in));
      return true;
    case 4:
      ZHILI_TRY(slots(in));
      return true;
    case 5:
      return false;
    default:
      return not_a_snapshot();
  }
}

Result<std::unique_ptr<Resolver>> SnapshotReader::finish() {
  if (!resolver_ || resolver_->presence_.size() != slots_) return not_a_snapshot();
  auto& r = *resolver_;
  r.live_.comparisons.extend(r.live_.records, r.live_.projections);
  r.live_.scorer.extend(r.live_.records);
  for (uint32_t slot = 0; slot < r.presence_.size(); ++slot) r.live_.comparisons.set_row(r.live_.records, slot);
  r.build_postings();
  std::set<RecordName> names;
  for (const auto& [number, decision] : decisions_) {
    r.constraints_.restore(number, decision);
    names.insert({decision.a, decision.b});
  }
  r.refresh_constraints(names);
  r.affected_.clear();
  return std::move(resolver_);
}

Result<std::unique_ptr<Resolver>> SnapshotLoader::load(Config config, unsigned threads, Cancel& cancel,
                                                       const std::function<Result<std::string>()>& next) {
  SnapshotReader reader(std::move(config), threads, cancel);
  for (;;) {
    ZHILI_TRY(cancel.check());
    ZHILI_ASSIGN(const auto piece, next());
    ZHILI_ASSIGN(const bool more, reader.take(piece));
    if (!more) return reader.finish();
  }
}

}  // namespace zhili::fuse
