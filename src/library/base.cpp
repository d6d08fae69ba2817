#include "library/base.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>

#include "base/hash.hpp"
#include "fuse/identity.hpp"
#include "fuse/membership.hpp"
#include "library/tables.hpp"
#include "vault/words.hpp"

namespace zhili::library {
namespace {

namespace fs = std::filesystem;

constexpr size_t kUnderWay = 8192;  // Changes that are sent and not answered.
constexpr size_t kIdsAtOnce = 500;  // Entities that one look goes over.

fs::path directory_of(const Ground& ground, const std::string& kind) { return ground.directory / kind; }

fuse::OnlineOptions options_for(const Ground& ground, const std::string& kind, BaseSealing& sealing) {
  fuse::OnlineOptions out;
  out.area = ground.vault.area_id();
  out.kind = kind;
  out.dir = directory_of(ground, kind) / "state";
  out.sealing = &sealing;
  out.threads = ground.threads;
  out.alone = ground.alone;
  out.owner = ground.owner;
  return out;
}

/// Ids that came, as digests: 16 bytes each, so that ten million take 160 MB.
class SeenIds {
 public:
  void add(std::string_view id) { seen_.push_back(digest(id)); }
  void sort() { std::ranges::sort(seen_); }
  bool has(std::string_view id) const { return std::ranges::binary_search(seen_, digest(id)); }

 private:
  using Digest = std::array<uint64_t, 2>;
  static Digest digest(std::string_view id) { return {hash_bytes(id, 1), hash_bytes(id, 2)}; }
  std::vector<Digest> seen_;
};

/// Changes on their way into a base; counts what became of them.
class Sending {
 public:
  explicit Sending(fuse::Online& online) : online_(online) {}
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;
  ~Sending() { wait(0); }

  /// Waits while too many are under way. `known`: the id is kept where the record was there just so.
  void send(fuse::RecordChange change, bool known) {
    wait(kUnderWay - 1);
    {
      const std::scoped_lock lock(mutex_);
      ++under_way_;
    }
    std::string id = known ? change.id : std::string();
    online_.submit(std::move(change), [this, id = std::move(id)](const Result<fuse::Effect>& effect) mutable {
      const std::scoped_lock lock(mutex_);
      note(effect, std::move(id));
      --under_way_;
      came_.notify_all();
    });
  }
  /// Waits until all are answered; the first error that is not of a record's own.
  Status finish() {
    wait(0);
    const std::scoped_lock lock(mutex_);
    if (failed_) return fail(*failed_);
    return {};
  }
  bool failed() {
    const std::scoped_lock lock(mutex_);
    return failed_.has_value();
  }
  const Fed& fed() const { return fed_; }
  /// Records that were there just so.
  const std::vector<std::string>& unchanged() const { return unchanged_; }

 private:
  void wait(size_t until) {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return under_way_ <= until; });
  }
  void note(const Result<fuse::Effect>& effect, std::string id) {
    if (!effect) {
      if (effect.error().code == ErrorCode::kInput) {
        ++fed_.refused;
      } else if (!failed_) {
        failed_ = effect.error();
      }
      return;
    }
    using enum fuse::Effect;
    if (*effect == kNew) {
      ++fed_.added;
    } else if (*effect == kChanged) {
      ++fed_.changed;
    } else if (*effect == kGone) {
      ++fed_.removed;
    } else {
      ++fed_.unchanged;
      if (!id.empty()) unchanged_.push_back(std::move(id));
    }
  }

  fuse::Online& online_;
  std::mutex mutex_;
  std::condition_variable came_;
  size_t under_way_ = 0;
  std::optional<Error> failed_;
  Fed fed_;
  std::vector<std::string> unchanged_;
};

}  // namespace

std::vector<store::Migration> Base::migrations() {
  std::vector<store::Migration> out = fuse::Online::migrations();
  out.push_back({"library", 1, kLibraryTables});
  return out;
}

Status Base::create(const Ground& ground, Plan plan, const fs::path& previous, Cancel& cancel) {
  ZHILI_ASSIGN(auto fusion, fuse::Fusion::create(plan.config, ground.threads, Progress::Mode::kOff, cancel));
  std::vector<fuse::Decision> standing;
  if (plan.config.decisions) {
    ZHILI_ASSIGN(const auto all, fuse::read_decisions(*plan.config.decisions));
    standing = fuse::standing_decisions(all);
  }
  for (auto step : {&fuse::Fusion::read, &fuse::Fusion::block, &fuse::Fusion::learn, &fuse::Fusion::score}) {
    ZHILI_TRY((*fusion.*step)());
  }
  const fuse::RecordIndex index(fusion->records(), ground.threads);
  ZHILI_TRY(fusion->group(fuse::resolve_decisions(standing, fusion->config(), index).decided));
  fuse::Identity identity;
  {
    const fuse::Membership membership(fusion->clusters());
    ZHILI_ASSIGN(const auto earlier, fuse::read_earlier_entities(previous, fusion->config(), fusion->records(),
                                                                 ground.threads, Progress::Mode::kOff, cancel));
    identity = fuse::assign_ids(fusion->config(), fusion->records(), membership, &earlier, ground.threads);
  }
  ZHILI_ASSIGN(const auto sealing, BaseSealing::create(ground.vault, plan.kind));
  ZHILI_TRY(fuse::Online::create(ground.store, options_for(ground, plan.kind, *sealing), std::move(fusion), identity,
                                 standing));
  return write_plan(directory_of(ground, plan.kind), plan);
}

Result<std::unique_ptr<Base>> Base::open(const Ground& ground, const std::string& kind) {
  std::unique_ptr<Base> out(new Base(ground));
  ZHILI_ASSIGN(out->plan_, read_plan(directory_of(ground, kind)));
  ZHILI_TRY(out->bind());
  ZHILI_ASSIGN(out->sealing_, BaseSealing::create(ground.vault, kind));
  ZHILI_ASSIGN(out->keeper_, Keeper::create(ground.vault, out->plan_, ground.areas, out->datasets_, ground.merged));
  auto options = options_for(ground, kind, *out->sealing_);
  options.sink = [keeper = out->keeper_.get()](const fuse::Resolver& resolver, const fuse::Resolution& resolution) {
    return keeper->prepare(resolver, resolution);
  };
  ZHILI_ASSIGN(out->online_, fuse::Online::open(ground.store, std::move(options), out->plan_.config));
  return out;
}

Base::~Base() = default;

/// Which dataset brings a source's records: one whose rows are told apart by the record's id.
Status Base::bind() {
  for (const auto& source : plan_.config.sources) {
    datasets_.emplace_back();
    if (source.dataset.empty()) continue;
    const auto listed = ground_.registry.find(source.dataset);
    if (!listed && listed.error().code == ErrorCode::kNotFound) continue;  // Not declared, or withdrawn.
    if (!listed) return fail(listed.error());
    const auto& fields = listed->dataset.fields;
    const auto key = std::ranges::find(fields, true, &catalog::DatasetField::key);
    if (std::ranges::count(fields, true, &catalog::DatasetField::key) != 1 || key->in_file() != source.record_id) {
      return fail(ErrorCode::kConfig, plan_.config.place(source.record_id_mark),
                  "Name the column of the dataset's key, which is one field.",
                  "record_id of source '{}' is not the key of dataset '{}'", source.id, source.dataset);
    }
    datasets_.back() = source.dataset;
  }
  return {};
}

std::optional<uint32_t> Base::source_of(std::string_view dataset) const {
  const auto found = std::ranges::find(datasets_, dataset);
  if (dataset.empty() || found == datasets_.end()) return std::nullopt;
  return static_cast<uint32_t>(found - datasets_.begin());
}

/// One batch on its way in.
struct Base::Feeding {
  Feeding(fuse::Online& online, uint32_t source_in, fuse::ColumnBinding binding_in)
      : source(source_in), binding(std::move(binding_in)), sending(std::make_unique<Sending>(online)) {}
  uint32_t source;
  fuse::ColumnBinding binding;
  SeenIds seen;
  std::unique_ptr<Sending> sending;
};

Result<Base::Feeding> Base::begin_feeding(const ingest::Batch& batch, uint32_t source) const {
  ZHILI_ASSIGN(const auto versions, ground_.registry.versions(batch.dataset));
  const auto then = std::ranges::find(versions, batch.version, &catalog::Registry::Version::number);
  const std::optional<catalog::Dataset> read_by = then == versions.end() ? std::nullopt : then->dataset;
  if (!read_by) return fail(ErrorCode::kNotFound, {}, "", "the version by which a batch was read is gone");
  std::vector<std::string> header;
  header.reserve(read_by->fields.size());
  for (const auto& field : read_by->fields) header.push_back(field.in_file());
  ZHILI_ASSIGN(auto binding, fuse::bind_source(plan_.config, source, header));
  return Feeding(*online_, source, std::move(binding));
}

Status Base::send_rows(Feeding& feeding, const ingest::Batch& batch, const Cancel& cancel) {
  const bool whole = batch.kind == ingest::BatchKind::kFull;
  const auto& attributes = plan_.config.attributes;
  const auto take = [&](ingest::Change change, std::span<const std::string_view> values) -> Status {
    ZHILI_TRY(cancel.check());
    if (feeding.sending->failed()) return feeding.sending->finish();
    fuse::RecordChange record;
    record.source = feeding.source;
    record.id = values[feeding.binding.record_id.value_or(0)];
    if (feeding.binding.updated) record.updated = values[*feeding.binding.updated];
    record.gone = change == ingest::Change::kDelete;
    if (whole) feeding.seen.add(record.id);
    if (!record.gone) {
      record.values.resize(attributes.size());
      for (size_t a = 0; a < attributes.size(); ++a) {
        for (const uint32_t column : feeding.binding.columns[a]) {
          fuse::join_cell(record.values[a], attributes[a].type, values[column]);
        }
      }
    }
    feeding.sending->send(std::move(record), true);
    return {};
  };
  ZHILI_TRY(ground_.ingest.read(batch.id, {.actor = "", .purpose = plan_.purpose, .basis = plan_.basis}, take));
  return feeding.sending->finish();
}

/// A full snapshot names all there is: what it does not name is gone.
Status Base::remove_absent(Feeding& feeding, const Cancel& cancel) {
  feeding.seen.sort();
  std::vector<std::string> absent;
  ZHILI_TRY(online_->ask([&](const fuse::Resolver& resolver) {
    resolver.each_record(feeding.source, [&](std::string_view id) {
      if (!feeding.seen.has(id)) absent.emplace_back(id);
    });
  }));
  for (auto& id : absent) {
    ZHILI_TRY(cancel.check());
    feeding.sending->send({.source = feeding.source, .id = std::move(id), .updated = {}, .gone = true, .values = {}},
                          false);
  }
  return feeding.sending->finish();
}

/// Records that changed nothing may have had no row in the vault before.
Status Base::link_rows(Feeding& feeding, const Cancel& cancel) {
  const vault::Records records(ground_.vault);
  const auto& ids = feeding.sending->unchanged();
  for (size_t first = 0; first < ids.size(); first += kIdsAtOnce) {
    ZHILI_TRY(cancel.check());
    // Nobody's word moves a record between the look and the link.
    const std::scoped_lock lock(linking_);
    std::vector<vault::Records::Link> links;
    ZHILI_TRY(online_->ask([&](const fuse::Resolver& resolver) {
      for (size_t i = first; i < std::min(ids.size(), first + kIdsAtOnce); ++i) {
        if (const auto id = resolver.find(feeding.source, ids[i])) links.push_back({{ids[i]}, plan_.kind, id->text()});
      }
    }));
    if (const auto linked = records.link(datasets_[feeding.source], links, ""); !linked) return fail(linked.error());
  }
  return {};
}

Result<Fed> Base::feed(const ingest::Batch& batch, const Cancel& cancel) {
  const auto source = source_of(batch.dataset);
  if (!source) return Fed{};
  ZHILI_ASSIGN(auto feeding, begin_feeding(batch, *source));
  ZHILI_TRY(send_rows(feeding, batch, cancel));
  if (batch.kind == ingest::BatchKind::kFull) ZHILI_TRY(remove_absent(feeding, cancel));
  ZHILI_TRY(link_rows(feeding, cancel));
  return feeding.sending->fed();
}

Status Base::find_doubts(const Cancel& cancel) {
  std::vector<fuse::EntityId> ids;
  ZHILI_TRY(online_->ask([&](const fuse::Resolver& resolver) { ids = resolver.ids(); }));
  for (size_t first = 0; first < ids.size(); first += kIdsAtOnce) {
    ZHILI_TRY(cancel.check());
    const std::vector<fuse::EntityId> some(
        ids.begin() + static_cast<ptrdiff_t>(first),
        ids.begin() + static_cast<ptrdiff_t>(std::min(ids.size(), first + kIdsAtOnce)));
    fuse::EntityWrite write;
    ZHILI_TRY(online_->ask([&](const fuse::Resolver& resolver) { write = keeper_->prepare_doubts(resolver, some); }));
    ZHILI_TRY(ground_.store.commit([&](store::Transaction& tx) { return write(tx); }));
  }
  return {};
}

Result<std::optional<std::string>> Base::entity_of(const fuse::RecordName& record) {
  const auto source = source_named(record.source);
  if (!source) return std::optional<std::string>();
  std::optional<std::string> out;
  ZHILI_TRY(online_->ask([&](const fuse::Resolver& resolver) {
    if (const auto id = resolver.find(*source, record.record)) out = id->text();
  }));
  return out;
}

Result<std::optional<fuse::DoubtfulPair>> Base::doubt(const std::string& a, const std::string& b) {
  const auto first = fuse::EntityId::parse(a);
  const auto second = fuse::EntityId::parse(b);
  std::optional<fuse::DoubtfulPair> out;
  if (!first || !second) return out;
  ZHILI_TRY(online_->ask([&](const fuse::Resolver& resolver) {
    for (auto& pair : resolver.doubts(*first)) {
      if (pair.b == *second) out = std::move(pair);
    }
  }));
  return out;
}

Result<std::vector<fuse::Decision>> Base::words_about(const std::string& entity) {
  std::vector<fuse::Decision> out;
  const auto wanted = fuse::EntityId::parse(entity);
  if (!wanted) return out;
  ZHILI_TRY(online_->ask([&](const fuse::Resolver& resolver) {
    const auto is_of = [&](const fuse::RecordName& record) {
      const auto source = source_named(record.source);
      return source && resolver.find(*source, record.record) == wanted;
    };
    for (const auto& [number, decision] : resolver.decisions()) {
      if (is_of(decision.a) || is_of(decision.b)) out.push_back(decision);
    }
  }));
  return out;
}

Status Base::decide(const Word& word) {
  const std::scoped_lock lock(linking_);
  std::vector<std::string> before;
  for (const auto* record : {&word.a, &word.b}) {
    ZHILI_ASSIGN(const auto entity, entity_of(*record));
    if (!entity) {
      return fail(ErrorCode::kNotFound, {}, "Load the page anew: the record may have gone.",
                  "there is no such record in the base");
    }
    before.push_back(*entity);
  }
  // First: what people decided is known even where following it is broken off.
  ZHILI_ASSIGN(auto entry, ground_.vault.log().draft(audit::Action::kDecide, audit::Ref::of_actor(word.by)));
  ZHILI_ASSIGN(const auto object, vault::ref_of_subject(plan_.kind, before.front()));
  entry.object(object)
      .purpose(vault::word_of(plan_.purpose))
      .basis(vault::word_of(plan_.basis))
      .count(vault::word_of(fuse::name_of(word.verdict)), 1)
      .change(fmt::format("{} {} {}", before.front(), before.back(), fuse::name_of(word.verdict)));
  const int64_t now = ground_.store.now();
  const Status noted = ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(keeper_->write_word(tx, before.front(), before.back(), word.verdict, now));
    return ground_.vault.log().add(tx, entry);
  });
  ZHILI_TRY(noted);
  fuse::Decision decision{.a = word.a,
                          .b = word.b,
                          .verdict = word.verdict,
                          .by = word.by,
                          .time = fuse::time_text(std::chrono::floor<std::chrono::milliseconds>(
                              std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(now)))),
                          .note = word.note,
                          .line = 0};
  ZHILI_TRY(online_->decide({std::move(decision)}));
  // Entities that stay as they are are not told by a step, and are doubtful no more all the same.
  std::vector<fuse::EntityId> ids;
  for (const auto& id : before) {
    if (const auto parsed = fuse::EntityId::parse(id)) ids.push_back(*parsed);
  }
  fuse::EntityWrite write;
  ZHILI_TRY(online_->ask([&](const fuse::Resolver& resolver) { write = keeper_->prepare_doubts(resolver, ids); }));
  return ground_.store.commit([&](store::Transaction& tx) { return write(tx); });
}

}  // namespace zhili::library
