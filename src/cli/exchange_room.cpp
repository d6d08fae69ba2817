#include "cli/exchange_room.hpp"

#include <chrono>
#include <utility>

#include "cli/output.hpp"

namespace zhili::cli {
namespace {

constexpr std::chrono::seconds kSweepEvery{2};
constexpr size_t kLongWork = 16;  ///< That waits.

Result<exchange::Signer> read_signer(const Settings& settings) {
  std::error_code ec;
  const auto file = settings.key("exchange");
  if (!std::filesystem::exists(file, ec)) {
    return fail(ErrorCode::kConfig, {file.string(), 0, 0},
                fmt::format("Make it: zhili init {}", settings.directory.string()),
                "the key that signs answers to other departments is missing");
  }
  ZHILI_ASSIGN(auto key, audit::SignKey::read(file));
  return exchange::Signer::create(std::move(key));
}

/// Until nothing is left to do, as far as one sweep tells.
template <class Sweep>
Status sweep_all(const Cancel& cancel, Sweep sweep) {
  for (;;) {
    ZHILI_TRY(cancel.check());
    ZHILI_ASSIGN(const size_t moved, sweep());
    if (moved < exchange::kSweepAtOnce) return {};
  }
}

}  // namespace

Result<std::unique_ptr<ExchangeRoom>> ExchangeRoom::open(Installation& installation, vault::Door& door,
                                                         std::shared_ptr<const vault::Rules> rules) {
  std::unique_ptr<ExchangeRoom> out(new ExchangeRoom());
  ZHILI_ASSIGN(auto signer, read_signer(installation.settings()));
  const exchange::Ground ground{installation.store(), installation.log(), installation.catalog(),
                                installation.settings().area_id};
  out->requests_ = std::make_unique<exchange::Requests>(ground, installation.terms(), std::move(rules));
  ZHILI_ASSIGN(out->gateway_, exchange::Gateway::open(*out->requests_, door, std::move(signer)));
  auto& vault = installation.vault();
  out->corrections_ = std::make_unique<exchange::Corrections>(*out->requests_, *out->gateway_, vault, door);
  out->questions_ = std::make_unique<exchange::Questions>(*out->requests_, vault, door);
  ZHILI_ASSIGN(out->files_, exchange::Files::open(*out->gateway_, *out->requests_, vault, door,
                                                  installation.settings().exchange_directory()));
  out->workers_ = std::make_unique<http::Workers>(1, kLongWork);
  return out;
}

ExchangeRoom::~ExchangeRoom() {
  {
    const std::scoped_lock lock(mutex_);
    cancel_.request();
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (workers_) workers_->stop();
}

void ExchangeRoom::start() {
  thread_ = std::jthread([this] { run(); });
}

void ExchangeRoom::run() {
  std::string told;
  while (!cancel_.requested()) {
    const Status swept = sweep();
    // The same trouble again and again is told once.
    const std::string trouble = swept || cancel_.requested() ? std::string() : swept.error().message;
    if (!trouble.empty() && trouble != told) remark("requests between departments wait: " + trouble);
    told = trouble;
    std::unique_lock lock(mutex_);
    stop_.wait_for(lock, kSweepEvery, [this] { return cancel_.requested(); });
  }
}

Status ExchangeRoom::sweep() {
  ZHILI_TRY(sweep_all(cancel_, [this] { return requests_->sweep(); }));
  ZHILI_TRY(sweep_all(cancel_, [this] { return corrections_->sweep(); }));
  ZHILI_TRY(sweep_all(cancel_, [this] { return questions_->sweep(); }));
  ZHILI_TRY(files_->sweep());
  return {};
}

bool ExchangeRoom::later(std::move_only_function<void(const Cancel&)> work) {
  return workers_->submit([this, work = std::move(work)]() mutable { work(cancel_); });
}

}  // namespace zhili::cli
