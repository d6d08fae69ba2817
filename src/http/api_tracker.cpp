#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "http/api_json.hpp"
#include "identity/directory.hpp"
#include "vault/bindings.hpp"

/// The ledger as GovStack's building block for digital registries serves it: who has looked at personal data of a
/// person.
namespace zhili::http {
namespace {

namespace json = boost::json;

constexpr std::string_view kPurpose = "inform_subject";

/// The first legal basis that carries it; empty where the installation's packs name none.
std::string basis_of(const catalog::Catalog& catalog) {
  const auto carries = [](const catalog::LegalBasis& basis) { return basis.carries(kPurpose); };
  const auto found = std::ranges::find_if(catalog.legal_bases(), carries);
  return found == catalog.legal_bases().end() ? std::string() : found->id;
}

/// The first letter of each word of a name: 林静 is 林, Lin Jing is LJ.
std::string initials_of(std::string_view name) {
  std::string out;
  bool begins = true;
  for (size_t at = 0; at < name.size();) {
    const auto lead = static_cast<unsigned char>(name[at]);
    const size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead == ' ') {
      begins = true;
    } else if (std::exchange(begins, false)) {
      out += name.substr(at, bytes);
    }
    at += bytes;
  }
  return out;
}

/// What DatabaseID names: a kind of the base library, or a dataset whose rows alone are meant.
struct Database {
  std::string kind;
  std::string dataset;
};

std::expected<Database, Problem> database_of(const ApiParts& parts, const Request& request, std::string_view subject) {
  const std::string id(request.query_parameter("DatabaseID").value_or(""));
  if (parts.catalog.kind(id) != nullptr) return Database{id, {}};
  if (const auto listed = parts.registry.find(id); !listed) {
    return std::unexpected(
        bad_request("unknown-database", {"没有此类对象或数据集", "There is no such kind or dataset"}));
  }
  const auto own = vault::Bindings(parts.vault).of_account(request.caller.actor().account);
  if (!own) return std::unexpected(problem_of(own.error()));
  const auto found = std::ranges::find(*own, subject, &vault::Bindings::Subject::id);
  if (found == own->end()) return std::unexpected(not_found());
  return Database{found->kind, id};
}

Answer list_usage(const ApiParts& parts, const Request& request) {
  vault::LedgerAsk ask;
  ask.actor = request.caller.actor();
  ask.subject = request.query_parameter("userID").value_or("");
  const auto database = database_of(parts, request, ask.subject);
  if (!database) return database.error();
  ask.kind = database->kind;
  ask.purpose = kPurpose;
  ask.basis = basis_of(parts.catalog);
  ask.limit = limits::kLedgerPage;
  ask.how = request.caller.by == Credential::kKey ? "api" : "web";
  ZHILI_ASSIGN(const auto page, parts.door.ledger_now(std::move(ask)));
  if (const auto& refusal = page.refusal; refusal) return refused(*refusal);
  ZHILI_ASSIGN(const auto departments, identity::Directory(parts.ground).departments());
  const bool english = request.language == Language::kEnglish;
  ActorNames names(parts);
  json::array out;
  for (const auto& line : page.lines) {
    if (!database->dataset.empty() && line.dataset != database->dataset) continue;
    const auto body = std::ranges::find(departments, line.department, &identity::Department::id);
    const std::string of_body = body == departments.end() ? line.department : english ? body->name_en : body->name_zh;
    json::array references;
    references.emplace_back(json::object{{"ReferenceID", line.dataset.empty() ? database->kind : line.dataset}});
    if (!line.grant.empty()) references.emplace_back(json::object{{"ReferenceID", line.grant}});
    out.emplace_back(json::object{{"ID", line.entry},
                                  {"ReaderID", line.actor},
                                  {"ReaderInitials", initials_of(names.of(line.actor))},
                                  {"ReaderInstitutionID", line.department},
                                  {"ReaderInstitutionName", of_body},
                                  {"ReaderApplicationName", english ? parts.name_en : parts.name_zh},
                                  {"SearchDateTime", time_text(line.time)},
                                  {"Refrences", std::move(references)}});  // As the specification spells it.
  }
  return Response::json(out);
}

}  // namespace

void add_tracker_api(Handlers& handlers, const ApiParts& parts) {
  handlers.add("listPersonalDataUsage",
               answering([&parts](const Request& request) { return list_usage(parts, request); }));
}

}  // namespace zhili::http
