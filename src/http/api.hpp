#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "audit/audit_log.hpp"
#include "base/cancel.hpp"
#include "catalog/catalog.hpp"
#include "catalog/registry.hpp"
#include "exchange/corrections.hpp"
#include "exchange/files.hpp"
#include "exchange/gateway.hpp"
#include "exchange/questions.hpp"
#include "exchange/requests.hpp"
#include "http/callers.hpp"
#include "http/cursor.hpp"
#include "http/service.hpp"
#include "identity/ground.hpp"
#include "identity/sign_on.hpp"
#include "ingest/ingest.hpp"
#include "library/bases.hpp"
#include "opendata/harvest.hpp"
#include "opendata/publications.hpp"
#include "opendata/uses.hpp"
#include "opendata/wishes.hpp"
#include "vault/door.hpp"
#include "vault/vault.hpp"

namespace zhili::http {

/// Requests between departments and what comes of them. All outlive the service.
struct ExchangeParts {
  exchange::Requests& requests;
  exchange::Gateway& gateway;
  exchange::Corrections& corrections;
  exchange::Questions& questions;
  exchange::Files& files;
  /// Does work that takes minutes beside the answers to requests; false where too much waits.
  std::function<bool(std::move_only_function<void(const Cancel&)>)> later;
};

/// Open data. All outlive the service.
struct OpenParts {
  opendata::Publications& publications;
  opendata::Wishes& wishes;
  opendata::Harvests& harvests;
  opendata::Uses& uses;
};

/// What the operations of the contract stand on. All outlive the service.
struct ApiParts {
  identity::Ground ground;
  audit::AuditLog& log;
  const catalog::Catalog& catalog;
  const catalog::Registry& registry;
  vault::Vault& vault;
  vault::Door& door;
  const ingest::Ingest& ingest;
  library::Bases& bases;
  std::function<void()> batch_waits;  ///< Called when a batch waits to be landed.
  ExchangeParts exchange;
  OpenParts open;
  std::shared_ptr<const vault::Rules> rules;
  Callers& callers;
  const Cursors& cursors;
  identity::SignOnClient* sign_on = nullptr;  ///< None: there is no sign-on provider.
  const identity::SignOnConfig* sign_on_config = nullptr;
  std::filesystem::path audit_directory;
  std::string name_zh;  ///< Of the installation, for people; in telephone apps, too.
  std::string name_en;
  std::string public_url;  ///< As clients see the server; empty: as each request names it.
};

/// All operations but those that the service answers itself.
void add_api(Handlers& handlers, const ApiParts& parts);

// Its parts, each in a file of its own.
void add_session_api(Handlers& handlers, const ApiParts& parts);
void add_own_account_api(Handlers& handlers, const ApiParts& parts);
void add_ground_api(Handlers& handlers, const ApiParts& parts);
void add_person_api(Handlers& handlers, const ApiParts& parts);
void add_account_api(Handlers& handlers, const ApiParts& parts);
void add_key_api(Handlers& handlers, const ApiParts& parts);
void add_catalog_api(Handlers& handlers, const ApiParts& parts);
void add_ingest_api(Handlers& handlers, const ApiParts& parts);
void add_exchange_api(Handlers& handlers, const ApiParts& parts);
void add_grant_api(Handlers& handlers, const ApiParts& parts);
void add_voice_api(Handlers& handlers, const ApiParts& parts);
void add_library_api(Handlers& handlers, const ApiParts& parts);
void add_open_data_api(Handlers& handlers, const ApiParts& parts);
void add_ckan_api(Handlers& handlers, const ApiParts& parts);
void add_tracker_api(Handlers& handlers, const ApiParts& parts);
void add_audit_api(Handlers& handlers, const ApiParts& parts);

}  // namespace zhili::http
