#include "cli/hub.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include <boost/json.hpp>

#include "cli/output.hpp"
#include "vault/records.hpp"

namespace zhili::cli {
namespace {

using ingest::Batch;
using ingest::Change;

constexpr std::string_view kSubscriber = "records";
constexpr std::string_view kLanded = "ingest.landed";
/// What rows are taken into the vault for: packs declare this purpose, and name the legal bases that carry it.
constexpr std::string_view kPurpose = "build_base";
constexpr std::chrono::seconds kLook{2};  // Another server's batches wake nobody here.
constexpr std::chrono::hours kSweepEvery{1};
constexpr int64_t kEventsKept = int64_t{30} * 24 * 3600 * 1'000'000;

/// On which legal basis: the dataset's own where it carries the purpose, else the first that does.
Result<std::string> basis_for(const catalog::Dataset& dataset, const catalog::Catalog& catalog) {
  const auto* own = catalog.legal_basis(dataset.basis);
  if (own != nullptr && own->carries(kPurpose)) return own->id;
  const auto carries = [](const catalog::LegalBasis& basis) { return basis.carries(kPurpose); };
  const auto found = std::ranges::find_if(catalog.legal_bases(), carries);
  if (found != catalog.legal_bases().end()) return found->id;
  return fail(ErrorCode::kConfig, {}, "Let a pack's legal basis carry it.", "no legal basis carries the purpose '{}'",
              kPurpose);
}

/// Places among the fields of the version by which a batch was read, of those that the dataset still has.
struct Kept {
  std::vector<std::string> columns;
  std::vector<size_t> places;
  std::vector<size_t> keys;
};

Result<Kept> kept_fields(const catalog::Registry& registry, const Batch& batch, const catalog::Dataset& now) {
  ZHILI_ASSIGN(const auto versions, registry.versions(batch.dataset));
  const auto then = std::ranges::find(versions, batch.version, &catalog::Registry::Version::number);
  Kept out;
  const std::optional<catalog::Dataset> read_by = then == versions.end() ? std::nullopt : then->dataset;
  if (!read_by) return out;
  const auto& fields = read_by->fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    const auto* field = now.find(fields[i].id);
    if (field == nullptr) continue;
    out.columns.push_back(field->id);
    out.places.push_back(i);
  }
  for (const auto& field : now.fields) {
    if (!field.key) continue;
    const auto found = std::ranges::find(fields, field.id, &catalog::DatasetField::id);
    if (found != fields.end()) out.keys.push_back(static_cast<size_t>(found - fields.begin()));
  }
  return out;
}

/// Whether it will never succeed: the batch or its dataset is gone, or nothing tells its rows apart.
bool is_final(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kConflict || code == ErrorCode::kInput ||
         code == ErrorCode::kLimit;
}

}  // namespace

Hub::~Hub() {
  cancel_.request();
  wake();
}

void Hub::start() {
  thread_ = std::jthread([this] { run(); });
}

void Hub::wake() {
  const std::scoped_lock lock(mutex_);
  waits_ = true;
  woken_.notify_one();
}

void Hub::run() {
  auto sweep_at = std::chrono::steady_clock::now();
  std::string told;
  while (!cancel_.requested()) {
    const Status worked = work();
    // The same trouble again and again is told once.
    const bool well = worked || cancel_.requested() || worked.error().code == ErrorCode::kBusy;
    const std::string trouble = well ? std::string() : worked.error().message;
    if (!trouble.empty() && trouble != told) remark("a batch waits: " + trouble);
    told = trouble;
    if (std::chrono::steady_clock::now() >= sweep_at) {
      sweep_at += kSweepEvery;
      if (const auto swept = installation_.ingest().sweep(); !swept) {
        remark("uploads that were given up stay: " + swept.error().message);
      }
      const auto trimmed = store::trim_events(installation_.store(), installation_.store().now() - kEventsKept);
      if (!trimmed) remark("old events stay: " + trimmed.error().message);
    }
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, kLook, [this] { return waits_; });
    waits_ = false;
  }
}

Status Hub::work() {
  ZHILI_TRY(installation_.ingest().land_waiting(&cancel_));
  ZHILI_TRY(absorb_landed());
  if (bases_ == nullptr) return {};
  ZHILI_ASSIGN(const int64_t absorbed, store::seen_by(installation_.store(), kSubscriber));
  return bases_->feed(absorbed, cancel_);
}

Status Hub::absorb_landed() {
  auto& store = installation_.store();
  for (;;) {
    ZHILI_TRY(cancel_.check());
    ZHILI_ASSIGN(const auto events, store::read_events(store, kSubscriber));
    if (events.empty()) return {};
    ZHILI_ASSIGN(int64_t seen, store::seen_by(store, kSubscriber));
    for (const store::Event& event : events) {
      if (event.topic == kLanded) {
        if (Status absorbed = absorb(event, seen); !absorbed) {
          if (!is_final(absorbed.error().code)) return absorbed;
          remark("the rows of a batch are not taken in: " + absorbed.error().message);
        }
      } else if (&event != &events.back()) {
        continue;  // Passed with the next one that counts.
      }
      ZHILI_TRY(store.commit([&](store::Transaction& tx) { return advance(tx, kSubscriber, seen, event.position); }));
      seen = event.position;
    }
  }
}

Status Hub::absorb(const store::Event& event, int64_t seen) {
  boost::system::error_code wrong;
  const auto value = boost::json::parse(event.payload, wrong);
  const auto* id = wrong || !value.is_object() ? nullptr : value.get_object().if_contains("id");
  if (id == nullptr || !id->is_string()) return fail(ErrorCode::kInput, {}, "", "an event that tells of no batch");
  const auto& ingest = installation_.ingest();
  ZHILI_ASSIGN(const Batch batch, ingest.find_batch(std::string(id->get_string())));
  ZHILI_ASSIGN(const auto listed, installation_.registry().find(batch.dataset));
  ZHILI_ASSIGN(const Kept kept, kept_fields(installation_.registry(), batch, listed.dataset));
  ZHILI_ASSIGN(const std::string basis, basis_for(listed.dataset, installation_.catalog()));
  vault::RecordJob job;
  job.dataset = batch.dataset;
  job.batch = batch.id;
  job.purpose = kPurpose;
  job.basis = basis;
  job.whole = batch.kind == ingest::BatchKind::kFull;
  job.columns = kept.columns;
  ZHILI_ASSIGN(const auto intake, vault::RecordIntake::begin(installation_.vault(), std::move(job)));
  // From here on no other server takes this dataset's rows in. One that did so just now, and went on to later batches,
  // must not have them overwritten by this one.
  ZHILI_ASSIGN(const int64_t seen_now, store::seen_by(installation_.store(), kSubscriber));
  if (seen_now != seen) return fail(ErrorCode::kBusy, {}, "", "another server has taken the batch in");
  std::vector<std::string_view> row;
  const auto take = [&](Change change, std::span<const std::string_view> values) -> Status {
    ZHILI_TRY(cancel_.check());
    row.clear();
    for (const size_t place : change == Change::kDelete ? kept.keys : kept.places) row.push_back(values[place]);
    return change == Change::kDelete ? intake->remove(row) : intake->put(row);
  };
  ZHILI_TRY(ingest.read(batch.id, {.actor = "", .purpose = std::string(kPurpose), .basis = basis}, take));
  ZHILI_TRY(intake->finish());
  return {};
}

}  // namespace zhili::cli
