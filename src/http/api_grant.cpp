#include <algorithm>
#include <charconv>

#include "http/api_exchange.hpp"
#include "http/api_json.hpp"
#include "vault/records.hpp"

/// The use of grants: rows under one, files of all its rows, and what both sides see of it.
namespace zhili::http {
namespace {

namespace json = boost::json;
using exchange::BatchFile;

constexpr size_t kFilePart = size_t{8} << 20;  ///< Of a file, in one answer.

/// What a grant refused: 429 for calls that come too often, 404 for no grant at all.
Problem refused_use(const vault::Refusal& refusal) {
  Problem out = refused(refusal);
  if (refusal.code == "grant_unknown" || refusal.code == "file_gone") {
    out.status = 404;
    out.title = {"未找到", "Not found"};
  }
  if (refusal.code.starts_with("over_rate")) {
    out.status = 429;
    out.title = {"调用过于频繁", "Too many calls"};
    out.headers.emplace_back("Retry-After", refusal.code == "over_rate_minute" ? "60" : "3600");
  }
  return out;
}

json::array refused_fields(const std::vector<vault::RefusedField>& fields) {
  json::array out;
  for (const auto& one : fields) {
    out.emplace_back(
        json::object{{"field", one.field}, {"reason", one.why.code}, {"zh", one.why.zh}, {"en", one.why.en}});
  }
  return out;
}

std::vector<std::string> body_texts(const Request& request, std::string_view name) {
  const auto* list = request.json.get_object().if_contains(name);
  return list == nullptr ? std::vector<std::string>() : texts_of(*list);
}

/// Values of told rows that their owner has accepted as wrong.
Result<json::array> marked_rows(const ApiParts& parts, const vault::RowsAnswer& told) {
  json::array out;
  for (size_t i = 0; i < told.rows.size(); ++i) {
    ZHILI_ASSIGN(const auto fields, parts.exchange.corrections.marked(told.dataset, told.rows[i].record));
    if (fields.empty()) continue;
    out.emplace_back(json::object{{"row", i}, {"fields", json::array(fields.begin(), fields.end())}});
  }
  return out;
}

Answer use_grant(const ApiParts& parts, const Request& request) {
  exchange::Use use;
  use.actor = request.caller.actor();
  use.grant = request.path_parameter("request");
  if (const auto* keys = request.json.get_object().if_contains("keys")) {
    for (const auto& key : keys->get_array()) use.keys.push_back(texts_of(key));
  }
  use.by = body_text(request, "by");
  use.value = body_text(request, "value");
  use.fields = body_texts(request, "fields");
  use.how = request.caller.by == Credential::kKey ? "api" : "web";
  if (use.keys.empty() == use.by.empty()) {
    return invalid_request({{"/keys", {}, "missing", {"须给出keys，或by和value", "Give keys, or by and value"}}});
  }
  const auto used = parts.exchange.gateway.use_now(std::move(use));
  if (!used) return problem_of_exchange(used.error());
  if (const auto& refusal = used->rows.refusal; refusal) return refused_use(*refusal);
  ZHILI_ASSIGN(auto marked, marked_rows(parts, used->rows));
  return Response::json(json::object{{"answer", used->answer},
                                     {"statement", used->note},
                                     {"entry", used->rows.entry},
                                     {"refused", refused_fields(used->rows.refused)},
                                     {"marked", std::move(marked)}});
}

std::string purpose_of(const Request& request) { return std::string(request.query_parameter("purpose").value_or("")); }

Answer list_days(const ApiParts& parts, const Request& request) {
  const auto days =
      parts.exchange.gateway.days(request.caller.actor(), request.path_parameter("request"), purpose_of(request));
  if (!days) return problem_of_exchange(days.error());
  constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
  json::array items;
  for (const auto& day : *days) {
    items.emplace_back(json::object{{"day", time_text(day.day * kDay).substr(0, 10)},
                                    {"calls", day.calls},
                                    {"rows", day.rows},
                                    {"refused", day.refused}});
  }
  return Response::json(json::object{{"items", std::move(items)}});
}

Answer list_calls(const ApiParts& parts, const Request& request) {
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  const size_t limit = std::min(static_cast<size_t>(request.query_integer("limit").value_or(50)), exchange::kCallPage);
  const auto calls = parts.exchange.gateway.calls(request.caller.actor(), request.path_parameter("request"),
                                                  position->value_or(""), limit, purpose_of(request));
  if (!calls) return problem_of_exchange(calls.error());
  ActorNames names(parts);
  json::array items;
  for (const auto& call : *calls) {
    json::object one{{"entry", call.entry}, {"time", time_text(call.time)},
                     {"actor", call.actor}, {"asked", call.action},
                     {"rows", call.rows},   {"actor_name", names.of(call.actor)}};
    if (!call.refusal.empty()) {
      const auto why = exchange::refusal_by(call.refusal);
      one["refusal"] = json::object{{"reason", call.refusal}, {"zh", why.zh}, {"en", why.en}};
    }
    items.emplace_back(std::move(one));
  }
  json::object out{{"items", std::move(items)}};
  if (calls->size() == limit) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, calls->back().entry));
  }
  return Response::json(out);
}

json::object file_json(const BatchFile& file) {
  json::object out{
      {"id", file.id},     {"request", file.grant}, {"ordered_by", file.ordered_by},  {"state", file.state},
      {"rows", file.rows}, {"bytes", file.bytes},   {"made", time_text(file.made_at)}};
  if (!file.digest.empty()) out["digest"] = file.digest;
  if (!file.job.empty()) out["job"] = file.job;
  if (!file.note.empty()) out["statement"] = file.note;
  return out;
}

void make_file(const ApiParts& parts, Request&& request, Responder&& given) {
  const auto responder = std::make_shared<Responder>(std::move(given));
  const auto found =
      parts.exchange.requests.find(request.caller.actor(), request.path_parameter("request"), std::string());
  if (!found) return responder->send(problem_of_exchange(found.error()));
  const bool taken = parts.exchange.later([&parts, actor = request.caller.actor(), grant = found->id,
                                           fields = body_texts(request, "fields"), responder](const Cancel& cancel) {
    const auto made = parts.exchange.files.make(actor, grant, fields, cancel);
    if (!made) return responder->send(problem_of_exchange(made.error()));
    if (const auto& refusal = made->refusal; refusal) return responder->send(refused_use(*refusal));
    json::object out = file_json(made->file);
    out["refused"] = refused_fields(made->refused);
    responder->send(Response::json(out, 201));
  });
  if (!taken) responder->send(too_busy());
}

Answer list_files(const ApiParts& parts, const Request& request) {
  const auto files = parts.exchange.files.list(request.caller.actor(), request.path_parameter("request"));
  if (!files) return problem_of_exchange(files.error());
  json::array items;
  for (const auto& file : *files) items.emplace_back(file_json(file));
  return Response::json(json::object{{"items", std::move(items)}});
}

struct Range {
  uint64_t from = 0;
  std::optional<uint64_t> to;  ///< The last byte, with it.
};

/// Of "bytes=FROM-TO" as the contract has it; TO may be left out.
Range range_of(std::string_view header) {
  Range out;
  header.remove_prefix(std::min(header.find('=') + 1, header.size()));
  const auto number = [](std::string_view digits) {
    uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  const size_t dash = std::min(header.find('-'), header.size());
  out.from = number(header.substr(0, dash));
  const std::string_view last = header.substr(std::min(dash + 1, header.size()));
  if (!last.empty()) out.to = number(last);
  return out;
}

Problem no_such_range(uint64_t bytes) {
  Problem out{416,
              "range",
              {"范围不对", "No such range"},
              {fmt::format("文件共{}字节", bytes), fmt::format("The file has {} bytes", bytes)}};
  out.headers.emplace_back("Content-Range", fmt::format("bytes */{}", bytes));
  return out;
}

/// The bytes from there on, until there are enough or the file ends. The grant is asked piece by piece.
std::expected<std::string, Problem> read_part(exchange::Download& download, uint64_t wanted) {
  std::string out;
  while (out.size() < wanted) {
    auto piece = download.next(static_cast<size_t>(wanted - out.size()));
    if (!piece) return std::unexpected(problem_of_exchange(piece.error()));
    if (const auto& refusal = piece->refusal; refusal) return std::unexpected(refused_use(*refusal));
    if (piece->bytes.empty()) break;
    out += piece->bytes;
  }
  return out;
}

Answer read_file(const ApiParts& parts, const Request& request) {
  const auto header = request.headers.find("range");
  const Range range = header ? range_of(*header) : Range();
  auto opened = parts.exchange.files.fetch(request.caller.actor(), request.path_parameter("file"), range.from);
  // Who may not see the grant learns nothing of its files: what is behind an end is told behind the grant alone.
  if (!opened && opened.error().code == ErrorCode::kInput) return no_such_range(0);
  if (!opened) return problem_of_exchange(opened.error());
  if (const auto& refusal = opened->refusal; refusal) return refused_use(*refusal);
  const uint64_t bytes = opened->download->file().bytes;
  if (range.from >= bytes || (range.to && *range.to < range.from)) return no_such_range(bytes);
  const uint64_t end = std::min(range.to ? *range.to + 1 : bytes, bytes);
  if (!header && end > kFilePart) {
    Problem problem = bad_request("range-needed", {"文件较大，须分段取", "The file is large: fetch it in parts"});
    problem.hint = {"在Range中写明从哪里取，例如 bytes=0-。", "Say where a part begins, for example Range: bytes=0-"};
    return problem;
  }
  auto part = read_part(*opened->download, std::min<uint64_t>(end - range.from, kFilePart));
  if (!part) return part.error();
  Response out;
  out.status = header ? 206 : 200;
  out.content_type = "application/octet-stream";
  if (header) {
    out.with("Content-Range", fmt::format("bytes {}-{}/{}", range.from, range.from + part->size() - 1, bytes));
  }
  out.body = std::move(*part);
  return std::move(out)
      .with("Accept-Ranges", "bytes")
      .with("ETag", fmt::format("\"{}\"", request.path_parameter("file")));
}

Answer get_key(const ApiParts& parts, const Request&) {
  ZHILI_ASSIGN(const auto key, parts.exchange.gateway.verify_key());
  return Response::text(key.text() + "\n");
}

}  // namespace

void add_grant_api(Handlers& handlers, const ApiParts& parts) {
  const auto add = [&](std::string_view id, Answer (*work)(const ApiParts&, const Request&)) {
    handlers.add(std::string(id), answering([&parts, work](const Request& request) { return work(parts, request); }));
  };
  add("useGrant", use_grant);
  add("listGrantDays", list_days);
  add("listGrantCalls", list_calls);
  handlers.add("makeGrantFile", [&parts](Request&& request, Responder&& responder) {
    make_file(parts, std::move(request), std::move(responder));
  });
  add("listGrantFiles", list_files);
  add("readGrantFile", read_file);
  add("getExchangeKey", get_key);
}

}  // namespace zhili::http
