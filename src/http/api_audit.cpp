#include <charconv>
#include <functional>
#include <set>

#include "audit/checkpoint.hpp"
#include "base/base64.hpp"
#include "base/output_dir.hpp"
#include "http/api_json.hpp"
#include "identity/actors.hpp"

namespace zhili::http {
namespace {

constexpr uint64_t kScanned = 20'000;  ///< Entries that one request with a filter looks at.
constexpr size_t kActorsShown = 20;
constexpr std::chrono::milliseconds kCheckpointWait{1500};
constexpr uint64_t kLogFileBytes = uint64_t{17} << 20;

std::optional<Problem> require_log(const ApiParts& parts, const Request& request) {
  identity::Request what;
  what.action = "read";
  what.resource = "audit_log";
  what.purpose = "audit";
  what.grade = 2;
  return require(parts, request, what);
}

/// An entry as it was logged, with its place and its exact text, over which its digest is made. Times become text.
boost::json::object entry_json(const audit::AuditLog::Listed& listed) {
  boost::system::error_code wrong;
  auto read = boost::json::parse(listed.entry, wrong);
  boost::json::object out;
  if (!wrong && read.is_object()) out = std::move(read.get_object());
  if (const auto* time = out.if_contains("time"); time != nullptr && time->is_int64()) {
    out["time"] = time_text(time->get_int64());
  }
  out["index"] = listed.index;
  out["text"] = listed.entry;
  return out;
}

std::string_view text_of(const boost::json::object& entry, std::string_view member) {
  const auto* value = entry.if_contains(member);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

/// Which entries a request wants.
class Filter {
 public:
  static Result<Filter> of(const ApiParts& parts, const Request& request) {
    Filter out;
    for (const std::string_view member : {"object", "actor", "action"}) {
      if (const auto wanted = request.query_parameter(member)) out.exact_.emplace_back(member, *wanted);
    }
    if (const auto department = request.query_parameter("department")) {
      ZHILI_ASSIGN(out.actors_, identity::actors_of(parts.ground, *department));
    }
    return out;
  }

  bool empty() const { return exact_.empty() && !actors_; }
  bool takes(const boost::json::object& entry) const {
    for (const auto& [member, wanted] : exact_) {
      if (text_of(entry, member) != wanted) return false;
    }
    if (!actors_) return true;
    const std::string_view actor = text_of(entry, "actor");
    return actors_->contains(actor.substr(actor.find(':') + 1));
  }

 private:
  std::vector<std::pair<std::string_view, std::string>> exact_;
  std::optional<std::set<std::string, std::less<>>> actors_;  ///< Those of the department.
};

Answer list_entries(const ApiParts& parts, const Request& request) {
  if (auto problem = require_log(parts, request)) return *problem;
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  std::optional<uint64_t> before;
  if (const std::optional<std::string>& behind = *position; behind.has_value()) {
    uint64_t at = 0;
    std::from_chars(behind->data(), behind->data() + behind->size(), at);
    before = at;
  }
  const auto limit = static_cast<uint64_t>(request.query_integer("limit").value_or(100));
  ZHILI_ASSIGN(const auto filter, Filter::of(parts, request));
  ZHILI_ASSIGN(const auto page, parts.log.list(before, filter.empty() ? limit : kScanned));
  boost::json::array items;
  ActorNames names(parts);
  uint64_t last = 0;
  for (const auto& listed : page.entries) {
    last = listed.index;
    auto entry = entry_json(listed);
    if (!filter.takes(entry)) continue;
    if (const std::string& name = names.of(text_of(entry, "actor")); !name.empty()) entry["actor_name"] = name;
    items.emplace_back(std::move(entry));
    if (items.size() == limit) break;
  }
  boost::json::object out{{"items", std::move(items)}, {"size", page.size}};
  if (last > 0) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, std::to_string(last)));
  }
  return Response::json(out);
}

/// Who can be asked for by name: the log knows them by their ids alone.
Answer list_actors(const ApiParts& parts, const Request& request) {
  if (auto problem = require_log(parts, request)) return *problem;
  const std::string name(request.query_parameter("name").value_or(""));
  ZHILI_ASSIGN(const auto found, identity::find_actors(parts.ground, name, kActorsShown));
  boost::json::array items;
  for (const auto& one : found) {
    const auto ref = audit::Ref::of_actor(one.id);
    items.emplace_back(
        boost::json::object{{"ref", ref.text()},
                            {"name", one.name},
                            {"departments", boost::json::array(one.departments.begin(), one.departments.end())}});
  }
  return Response::json(boost::json::object{{"items", std::move(items)}});
}

Answer prove(const ApiParts& parts, const Request& request) {
  if (auto problem = require_log(parts, request)) return *problem;
  ZHILI_ASSIGN(const auto proof, parts.log.prove(request.path_parameter("entry"), kCheckpointWait));
  ZHILI_ASSIGN(const auto note, audit::parse_note(proof.checkpoint));
  ZHILI_ASSIGN(const auto checkpoint, audit::parse_checkpoint(note.text));
  boost::json::array path;
  for (const auto& hash : proof.proof) path.emplace_back(to_base64(hash.view()));
  return Response::json(boost::json::object{{"index", proof.index},
                                            {"size", checkpoint.head.size},
                                            {"root", to_base64(checkpoint.head.root.view())},
                                            {"path", std::move(path)},
                                            {"checkpoint", proof.checkpoint},
                                            {"proof", audit::to_text(proof)}});
}

bool is_log_path(std::string_view path) {
  if (path == "checkpoint") return true;
  if (!path.starts_with("tile/")) return false;
  return path.find("..") == std::string_view::npos &&
         path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789/.x") == std::string_view::npos;
}

/// The log's files for monitors and witnesses, as c2sp.org/tlog-tiles lays them out. They hold no personal value.
Answer log_file(const ApiParts& parts, const Request& request) {
  const std::string_view path = std::string_view(request.path).substr(std::string_view("/log/").size());
  if (!is_log_path(path)) return not_found();
  auto bytes = read_file(parts.audit_directory / path, kLogFileBytes);
  if (!bytes) return not_found();
  Response out;
  out.content_type = path == "checkpoint" ? "text/plain; charset=utf-8" : "application/octet-stream";
  out.body = std::move(*bytes);
  out.with("Cache-Control", path == "checkpoint" ? "no-cache" : "public, max-age=31536000, immutable");
  return out;
}

}  // namespace

void add_audit_api(Handlers& handlers, const ApiParts& parts) {
  handlers.add("listAuditEntries",
               answering([&parts](const Request& request) { return list_entries(parts, request); }));
  handlers.add("listAuditActors", answering([&parts](const Request& request) { return list_actors(parts, request); }));
  handlers.add("getAuditProof", answering([&parts](const Request& request) { return prove(parts, request); }));
  handlers.add_prefix("/log/", answering([&parts](const Request& request) { return log_file(parts, request); }));
}

void add_api(Handlers& handlers, const ApiParts& parts) {
  add_session_api(handlers, parts);
  add_own_account_api(handlers, parts);
  add_ground_api(handlers, parts);
  add_person_api(handlers, parts);
  add_account_api(handlers, parts);
  add_key_api(handlers, parts);
  add_catalog_api(handlers, parts);
  add_ingest_api(handlers, parts);
  add_library_api(handlers, parts);
  add_exchange_api(handlers, parts);
  add_open_data_api(handlers, parts);
  add_ckan_api(handlers, parts);
  add_audit_api(handlers, parts);
}

}  // namespace zhili::http
