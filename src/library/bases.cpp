#include "library/bases.hpp"

#include <algorithm>
#include <chrono>

#include <boost/json.hpp>

namespace zhili::library {
namespace {

constexpr std::string_view kLanded = "ingest.landed";
constexpr std::chrono::seconds kTriedEvery{5};

/// Whether it will never succeed: the batch or its dataset is gone, or nothing tells its rows apart.
bool is_final(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kConflict || code == ErrorCode::kInput ||
         code == ErrorCode::kConfig;
}

}  // namespace

std::string_view name_of(Bases::State state) {
  switch (state) {
    case Bases::State::kOpening:
      return "opening";
    case Bases::State::kReady:
      return "ready";
    case Bases::State::kElsewhere:
      return "elsewhere";
    case Bases::State::kFailed:
      return "failed";
  }
  return "";
}

Bases::Bases(Ground ground, std::function<void(std::string)> remark)
    : ground_(std::move(ground)), remark_(std::move(remark)) {
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator(ground_.directory, ec)) {
    if (entry.is_directory()) places_[entry.path().filename().string()];
  }
}

Bases::~Bases() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  over_.notify_all();
}

void Bases::start() {
  if (!places_.empty()) thread_ = std::jthread([this] { run(); });
}

void Bases::run() {
  for (;;) {
    open_some();
    std::unique_lock lock(mutex_);
    if (over_.wait_for(lock, kTriedEvery, [this] { return stop_; })) return;
  }
}

void Bases::open_some() {
  std::vector<std::string> kinds;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [kind, place] : places_) {
      if (place.state == State::kOpening || place.state == State::kElsewhere) kinds.push_back(kind);
    }
  }
  for (const auto& kind : kinds) {
    {
      const std::scoped_lock lock(mutex_);
      if (stop_) return;
    }
    auto opened = Base::open(ground_, kind);
    const std::scoped_lock lock(mutex_);
    Place& place = places_[kind];
    if (opened) {
      place = {State::kReady, "", std::move(*opened)};
    } else if (opened.error().code == ErrorCode::kBusy || opened.error().code == ErrorCode::kUnavailable) {
      place.state = State::kElsewhere;
    } else {
      place = {State::kFailed, opened.error().text(), nullptr};
      remark_("the base of " + kind + " is not kept: " + place.error);
    }
  }
}

/// One that another process has taken over: it is opened again when that ends.
void Bases::forget(const std::shared_ptr<Base>& base) {
  const std::scoped_lock lock(mutex_);
  Place& place = places_[base->kind()];
  if (place.base == base) place = {State::kElsewhere, "", nullptr};
}

std::vector<Bases::Standing> Bases::standing() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Standing> out;
  out.reserve(places_.size());
  for (const auto& [kind, place] : places_) {
    out.push_back({kind, place.state, place.error, place.base ? place.base->counts() : fuse::OnlineCounts{}});
  }
  return out;
}

std::shared_ptr<Base> Bases::find(std::string_view kind) const {
  const std::scoped_lock lock(mutex_);
  const auto at = places_.find(kind);
  return at == places_.end() ? nullptr : at->second.base;
}

Status Bases::feed(int64_t absorbed, const Cancel& cancel) {
  std::vector<std::shared_ptr<Base>> ready;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [kind, place] : places_) {
      if (place.base) ready.push_back(place.base);
    }
  }
  Status first;
  for (const auto& base : ready) {
    if (auto fed = feed_one(*base, absorbed, cancel); !fed && first) first = std::move(fed);
    if (base->counts().over) forget(base);
  }
  return first;
}

Status Bases::feed_one(Base& base, int64_t absorbed, const Cancel& cancel) {
  auto& store = ground_.store;
  const std::string subscriber = "base." + base.kind();
  for (;;) {
    ZHILI_TRY(cancel.check());
    ZHILI_ASSIGN(auto events, store::read_events(store, subscriber));
    std::erase_if(events, [&](const store::Event& event) { return event.position > absorbed; });
    if (events.empty()) return {};
    ZHILI_ASSIGN(int64_t seen, store::seen_by(store, subscriber));
    for (const store::Event& event : events) {
      if (event.topic == kLanded) {
        if (Status fed = feed_batch(base, event, cancel); !fed) {
          if (!is_final(fed.error().code)) return fed;
          remark_("the base of " + base.kind() + " goes on without a batch: " + fed.error().text());
        }
      } else if (&event != &events.back()) {
        continue;  // Passed with the next one that counts.
      }
      ZHILI_TRY(
          store.commit([&](store::Transaction& tx) { return store::advance(tx, subscriber, seen, event.position); }));
      seen = event.position;
    }
  }
}

Status Bases::feed_batch(Base& base, const store::Event& event, const Cancel& cancel) {
  boost::system::error_code wrong;
  const auto value = boost::json::parse(event.payload, wrong);
  const auto* id = wrong || !value.is_object() ? nullptr : value.get_object().if_contains("id");
  if (id == nullptr || !id->is_string()) return fail(ErrorCode::kInput, {}, "", "an event that tells of no batch");
  ZHILI_ASSIGN(const auto batch, ground_.ingest.find_batch(std::string(id->get_string())));
  ZHILI_TRY(base.feed(batch, cancel));
  return {};
}

}  // namespace zhili::library
