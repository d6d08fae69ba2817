#include "cli/serve_command.hpp"

#include <charconv>
#include <csignal>
#include <memory>
#include <thread>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/output_dir.hpp"
#include "cli/exchange_room.hpp"
#include "cli/hub.hpp"
#include "cli/installation.hpp"
#include "cli/open_room.hpp"
#include "cli/output.hpp"
#include "http/api.hpp"
#include "http/contract_text.hpp"
#include "http/idempotency.hpp"
#include "http/server.hpp"
#include "http/service.hpp"
#include "http/static_files.hpp"
#include "identity/http_fetch.hpp"

namespace zhili::cli {
namespace {

struct ServeWords {
  std::string directory;
  std::string store;
  std::string listen;
  unsigned threads = 2;
  unsigned door_threads = 1;
  bool log_requests = false;
};

struct Listening {
  std::string address;
  uint16_t port = 0;
};

/// Of ADDRESS:PORT.
Result<Listening> listening_at(std::string_view place) {
  const std::string_view digits = place.substr(place.rfind(':') + 1);
  uint16_t port = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!place.contains(':') || error != std::errc() || stop != digits.data() + digits.size()) {
    return fail(ErrorCode::kUsage, {}, "For example: --listen 127.0.0.1:8080",
                "--listen wants ADDRESS:PORT, the port up to 65535");
  }
  return Listening{std::string(place.substr(0, place.rfind(':'))), port};
}

/// Everything that runs while the server does, in the order in which it is built; it ends in the reverse order.
class Running {
 public:
  static Result<std::unique_ptr<Running>> start(Settings settings, const ServeWords& words);
  ~Running() { stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void stop() {
    if (server_) server_->stop();
  }
  uint16_t port() const { return server_->port(); }
  Status reload_certificate() { return server_->reload_certificate(); }
  const Settings& settings() const { return installation_->settings(); }
  /// Removes sessions that nobody can use any more.
  Status sweep() { return identity::Sessions(installation_->ground()).sweep(); }

 private:
  Running() = default;
  Status open(Settings settings, const ServeWords& words);
  Status open_sign_on();
  http::ExchangeParts exchange_parts();
  Result<http::ServiceOptions> service_options(const ServeWords& words);
  Status listen(const ServeWords& words);

  std::unique_ptr<Installation> installation_;
  std::unique_ptr<vault::Door> door_;
  std::unique_ptr<ExchangeRoom> exchange_;
  std::unique_ptr<OpenRoom> open_;
  std::shared_ptr<http::Callers> callers_;
  std::unique_ptr<http::Cursors> cursors_;
  std::optional<identity::SignOnConfig> sign_on_config_;
  std::unique_ptr<identity::CurlFetch> fetch_;
  std::unique_ptr<identity::SignOnClient> sign_on_;
  std::unique_ptr<library::Bases> bases_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<http::ApiParts> parts_;
  std::unique_ptr<http::Service> service_;
  std::unique_ptr<http::Server> server_;
};

Result<std::string> read_metrics_key(const std::filesystem::path& file) {
  constexpr size_t kShortest = 16;
  ZHILI_ASSIGN(std::string key, read_file(file, limits::kYamlBytes));
  while (key.ends_with('\n') || key.ends_with('\r')) key.pop_back();
  if (key.size() >= kShortest && key.find('\n') == std::string::npos) return key;
  return fail(ErrorCode::kConfig, {file.string(), 0, 0}, "For example: openssl rand -base64 24 > metrics.key",
              "the key of the metrics is one line of at least {} characters", kShortest);
}

// A signal handler can reach nothing but a global.
volatile std::sig_atomic_t hung_up = 0;
void on_hang_up(int /*signal*/) { hung_up = 1; }

Result<std::unique_ptr<Running>> Running::start(Settings settings, const ServeWords& words) {
  std::unique_ptr<Running> out(new Running());
  ZHILI_TRY(out->open(std::move(settings), words));
  ZHILI_TRY(out->listen(words));
  return out;
}

Status Running::open(Settings settings, const ServeWords& words) {
  ZHILI_ASSIGN(installation_, Installation::open(std::move(settings)));
  ZHILI_ASSIGN(const auto rules, installation_->rules());
  ZHILI_ASSIGN(door_, vault::Door::open(installation_->vault(), rules, {.threads = words.door_threads}));
  ZHILI_ASSIGN(exchange_, ExchangeRoom::open(*installation_, *door_, rules));
  open_ = std::make_unique<OpenRoom>(*installation_, *door_, rules);
  const auto ground = installation_->ground();
  callers_ = std::make_shared<http::Callers>(identity::Sessions(ground), identity::ApiKeys(ground));
  cursors_ = std::make_unique<http::Cursors>(installation_->seal(), installation_->entropy());
  ZHILI_TRY(open_sign_on());
  ZHILI_ASSIGN(auto library, installation_->library_ground());
  library.merged = [this](store::Transaction& tx, const std::string& kind, const std::string& from,
                          const std::string& to) { return exchange_->questions().follow(tx, kind, from, to); };
  bases_ = std::make_unique<library::Bases>(std::move(library), [](const std::string& told) { remark(told); });
  bases_->start();
  parts_ = std::make_unique<http::ApiParts>(
      http::ApiParts{ground,
                     installation_->log(),
                     installation_->catalog(),
                     installation_->registry(),
                     installation_->vault(),
                     *door_,
                     installation_->ingest(),
                     *bases_,
                     [this] { hub_->wake(); },
                     exchange_parts(),
                     http::OpenParts{open_->publications, open_->wishes, open_->harvests, open_->uses},
                     rules,
                     *callers_,
                     *cursors_,
                     sign_on_.get(),
                     sign_on_config_ ? &*sign_on_config_ : nullptr,
                     this->settings().audit_directory(),
                     this->settings().zh,
                     this->settings().en,
                     this->settings().public_url});
  hub_ = std::make_unique<Hub>(*installation_, bases_.get());
  hub_->start();
  exchange_->start();
  installation_->log().start();
  return {};
}

http::ExchangeParts Running::exchange_parts() {
  ExchangeRoom& room = *exchange_;
  return {room.requests(),  room.gateway(), room.corrections(),
          room.questions(), room.files(),   [&room](auto work) { return room.later(std::move(work)); }};
}

Status Running::open_sign_on() {
  const auto& file = settings().sign_on;
  if (file.empty()) return {};
  ZHILI_ASSIGN(const std::string yaml, read_file(file, limits::kYamlBytes));
  ZHILI_ASSIGN(sign_on_config_, identity::parse_sign_on(yaml, file));
  fetch_ = std::make_unique<identity::CurlFetch>();
  sign_on_ =
      std::make_unique<identity::SignOnClient>(*sign_on_config_, *fetch_, installation_->entropy(),
                                               installation_->seal(), [this] { return installation_->store().now(); });
  return {};
}

Result<http::ServiceOptions> Running::service_options(const ServeWords& words) {
  http::ServiceOptions options;
  options.callers = callers_;
  ZHILI_ASSIGN(options.idempotency, http::Idempotency::create(installation_->store(), installation_->seal(),
                                                              installation_->entropy(), settings().area_id));
  if (!settings().web.empty()) {
    ZHILI_ASSIGN(auto files, http::StaticFiles::load(settings().web));
    options.files = std::make_shared<const http::StaticFiles>(std::move(files));
  }
  if (words.log_requests) {
    options.log = [](std::string_view lines) { std::fwrite(lines.data(), 1, lines.size(), stderr); };
  }
  options.health = [this] {
    const auto reached = installation_->store().query("SELECT 1");
    const auto trouble = installation_->log().trouble();
    return std::vector<http::HealthCheck>{{"store", reached ? "" : "out of reach"},
                                          {"audit", trouble ? "its files do not follow" : ""}};
  };
  options.now = [this] { return installation_->store().now(); };
  options.proxies = settings().proxies;
  if (!settings().metrics_key.empty()) {
    ZHILI_ASSIGN(options.metrics_key, read_metrics_key(settings().metrics_key));
  }
  options.behind_tls = settings().public_url.starts_with("https://") && settings().certificate.empty();
  return options;
}

Status Running::listen(const ServeWords& words) {
  ZHILI_ASSIGN(const auto contract, http::Contract::parse(http::contract_yaml(), "openapi.yaml"));
  http::Handlers handlers;
  http::add_api(handlers, *parts_);
  ZHILI_ASSIGN(auto options, service_options(words));
  ZHILI_ASSIGN(service_, http::Service::create(contract, std::move(handlers), std::move(options)));
  http::ServerOptions server;
  server.address = settings().address;
  server.port = settings().port;
  server.threads = words.threads;
  server.certificate_file = settings().certificate;
  server.key_file = settings().certificate_key;
  ZHILI_ASSIGN(server_, http::Server::start(*service_, std::move(server)));
  return {};
}

Status serve(const ServeWords& words, const Context& context) {
  std::signal(SIGHUP, on_hang_up);  // First: without it the signal ends the process.
  std::optional<Listening> listening;
  if (!words.listen.empty()) {
    ZHILI_ASSIGN(listening, listening_at(words.listen));
  }
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  if (listening) {
    settings.address = listening->address;
    settings.port = listening->port;
  }
  if (!words.store.empty()) settings.store = words.store;
  ZHILI_ASSIGN(const auto running, Running::start(std::move(settings), words));
  const bool tls = !running->settings().certificate.empty();
  const std::string url =
      fmt::format("{}://{}:{}", tls ? "https" : "http", running->settings().address, running->port());
  if (context.json) {
    ZHILI_TRY(print(boost::json::value(boost::json::object{{"url", url}})));
  } else {
    ZHILI_TRY(print(fmt::format("{} at {}\n", running->settings().zh, url)));
  }
  constexpr std::chrono::milliseconds kLook{50};
  constexpr std::chrono::hours kSweepEvery{1};
  auto sweep_at = std::chrono::steady_clock::now();
  while (!context.cancel.requested()) {
    std::this_thread::sleep_for(kLook);
    if (std::chrono::steady_clock::now() >= sweep_at) {
      sweep_at += kSweepEvery;
      if (auto swept = running->sweep(); !swept) remark("old sessions stay: " + swept.error().message);
    }
    if (hung_up == 0 || !tls) continue;
    hung_up = 0;
    const auto reloaded = running->reload_certificate();
    remark(reloaded ? "the certificate was read again"
                    : "the certificate stays as it was: " + reloaded.error().message);
  }
  if (!context.quiet) remark("stopping: what has begun is answered first");
  running->stop();
  return {};
}

}  // namespace

void add_serve_command(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("serve", "Run the server of an installation");
  auto words = std::make_shared<ServeWords>();
  command->add_option("DIR", words->directory, "The installation (zhili init)")->required()->type_name("DIR");
  command->add_option("--store", words->store, "Another store than that of zhili.yaml: sqlite:FILE, or postgresql://…")
      ->type_name("URL");
  command->add_option("--listen", words->listen, "ADDRESS:PORT instead of that of zhili.yaml")->type_name("PLACE");
  command->add_option("--io-threads", words->threads, "Threads that speak with clients")->check(CLI::Range(1U, 64U));
  command->add_option("--door-threads", words->door_threads, "Threads that open personal values")
      ->check(CLI::Range(1U, 64U));
  command->add_flag("--log-requests", words->log_requests, "A line of JSON for each request on standard error");
  add_common_options(*command, context);
  command->callback([&context, words] { context.action = [&context, words] { return serve(*words, context); }; });
  command->footer(
      "Example:\n  zhili serve /srv/zhili\nIt ends on SIGINT or SIGTERM, when what has begun is answered. On SIGHUP it "
      "reads its certificate again.");
}

}  // namespace zhili::cli
