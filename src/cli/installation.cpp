#include "cli/installation.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

#include <unistd.h>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "cli/schema.hpp"
#include "identity/directory.hpp"

namespace zhili::cli {
namespace {

/// The server's own secrets are sealed with what is derived from a key file of the vault's form.
Result<identity::SealKeys> load_seal_keys(const std::filesystem::path& file, crypto::CipherKind cipher) {
  ZHILI_ASSIGN(const auto keys, vault::MasterKeys::load(file));
  std::vector<std::string> secrets;
  secrets.reserve(keys.all().size());
  for (const auto& key : keys.all()) secrets.push_back(key.wrap);
  return identity::SealKeys::create(secrets, cipher);
}

Result<vault::MasterKeys> load_vault_keys(const std::filesystem::path& file) {
  constexpr const char* kVariable = "ZHILI_VAULT_KEY";
  if (::getenv(kVariable) != nullptr) return vault::MasterKeys::from_environment(kVariable);
  return vault::MasterKeys::load(file);
}

/// Tells this process from others on one database.
std::string server_name() {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  return fmt::format("{}:{}", host, ::getpid());
}

}  // namespace

Result<std::unique_ptr<Installation>> Installation::open(Settings settings, store::StoreOptions options) {
  std::unique_ptr<Installation> out(new Installation(std::move(settings)));
  ZHILI_TRY(out->open_parts(std::move(options)));
  return out;
}

Installation::~Installation() {
  if (log_) log_->stop();
  if (store_) store_->stop();
}

Status Installation::open_parts(store::StoreOptions options) {
  ZHILI_ASSIGN(catalog_, catalog::Catalog::load(settings_.packs));
  ZHILI_TRY(read_policy());
  ZHILI_TRY(read_terms());
  const auto cipher = settings_.chinese_cryptography ? crypto::CipherKind::kSm4 : crypto::CipherKind::kAes256Gcm;
  ZHILI_ASSIGN(auto seal, load_seal_keys(settings_.key("seal"), cipher));
  seal_ = std::make_unique<identity::SealKeys>(std::move(seal));
  ZHILI_ASSIGN(auto vault_keys, load_vault_keys(settings_.key("vault")));
  ZHILI_ASSIGN(auto audit_key, audit::SignKey::read(settings_.key("audit")));
  ZHILI_ASSIGN(passwords_, identity::PasswordHasher::create(entropy_));
  ZHILI_ASSIGN(const auto url, store::StoreUrl::parse(settings_.store));
  ZHILI_ASSIGN(store_, store::Store::open(url, all_migrations(), std::move(options)));
  audit::AuditLogOptions log;
  log.area_id = settings_.area_id;
  log.origin = settings_.origin;
  log.directory = settings_.audit_directory();
  log.hash = settings_.chinese_cryptography ? audit::HashKind::kSm3 : audit::HashKind::kSha256;
  log.keys.push_back(std::move(audit_key));
  log.server = server_name();
  log.alone = url.engine() == store::Engine::kSqlite;
  ZHILI_ASSIGN(log_, audit::AuditLog::open(*store_, std::move(log)));
  identity_audit_ = std::make_unique<IdentityAudit>(*log_);
  vault::VaultOptions vault;
  vault.area_id = settings_.area_id;
  vault.cipher = cipher;
  registry_ = std::make_unique<catalog::Registry>(*store_, *log_, catalog_, settings_.area_id);
  ZHILI_ASSIGN(vault_, vault::Vault::open(*store_, *log_, catalog_, std::move(vault_keys), vault));
  ZHILI_ASSIGN(auto lake, store::Lake::open(*store_, settings_.lake_directory()));
  lake_ = std::make_unique<store::Lake>(std::move(lake));
  ZHILI_ASSIGN(auto ingest, ingest::Ingest::open(*vault_, *lake_, *registry_));
  ingest_ = std::make_unique<ingest::Ingest>(std::move(ingest));
  // Before anything is done under them.
  auto texts = catalog_.texts();
  texts.push_back({"policy.yaml", policy_text_});
  texts.push_back({"exchange.yaml", terms_text_});
  ZHILI_TRY(in_force().set(texts));
  return {};
}

Status Installation::read_policy() {
  std::string name = "the default policy";
  policy_text_ = identity::default_policy_yaml();
  if (!settings_.policy.empty()) {
    name = settings_.policy.string();
    ZHILI_ASSIGN(policy_text_, read_file(settings_.policy, limits::kYamlBytes));
  }
  ZHILI_ASSIGN(policy_, identity::parse_policy(policy_text_, name));
  return {};
}

Status Installation::read_terms() {
  std::string name = "the terms that the program brings along";
  terms_text_ = exchange::default_terms_yaml();
  if (!settings_.exchange.empty()) {
    name = settings_.exchange.string();
    ZHILI_ASSIGN(terms_text_, read_file(settings_.exchange, limits::kYamlBytes));
  }
  ZHILI_ASSIGN(auto terms, exchange::parse_terms(terms_text_, name));
  for (const auto& [basis, term] : terms.withheld) {
    if (catalog_.legal_basis(basis) == nullptr) {
      return fail(ErrorCode::kConfig, {name, 0, 0},
                  "Packs declare legal bases; 'zhili pack versions' lists their files.",
                  "withheld: no pack declares the legal basis '{}'", basis);
    }
  }
  terms_ = std::make_shared<const exchange::Terms>(std::move(terms));
  return {};
}

Result<library::Ground> Installation::library_ground() {
  ZHILI_ASSIGN(const auto url, store::StoreUrl::parse(settings_.store));
  ZHILI_ASSIGN(auto areas, identity::Directory(ground()).areas());
  uint64_t owner = 0;
  ZHILI_ASSIGN(const std::string drawn, entropy_.bytes(sizeof owner));
  std::memcpy(&owner, drawn.data(), sizeof owner);
  return library::Ground{.store = *store_,
                         .vault = *vault_,
                         .registry = *registry_,
                         .ingest = *ingest_,
                         .directory = settings_.bases_directory(),
                         .areas = std::move(areas),
                         .alone = url.engine() == store::Engine::kSqlite,
                         .owner = owner | 1,
                         .threads = std::max(1U, std::thread::hardware_concurrency())};
}

Result<std::shared_ptr<const vault::Rules>> Installation::rules() {
  auto out = std::make_shared<vault::Rules>();
  out->policy = policy_;
  out->withheld = terms_->withheld;
  ZHILI_ASSIGN(out->areas, identity::Directory(ground()).areas());
  return out;
}

}  // namespace zhili::cli
