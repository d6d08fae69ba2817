#include <algorithm>
#include <array>
#include <charconv>

#include "http/api_json.hpp"
#include "http/etag.hpp"
#include "ingest/ingest.hpp"

namespace zhili::http {
namespace {

using ingest::Batch;
using ingest::Upload;

std::optional<Problem> require_batch(const ApiParts& parts, const Request& request, std::string_view action,
                                     std::string_view department) {
  identity::Request what;
  what.action = action;
  what.resource = "batch";
  what.department = department;
  return require(parts, request, what);
}

/// Of the dataset that the batch is of; a dataset that was withdrawn has nobody whose batches may be seen.
std::optional<Problem> require_of(const ApiParts& parts, const Request& request, std::string_view action,
                                  const std::string& dataset) {
  const auto listed = parts.registry.find(dataset);
  if (!listed) return problem_of(listed.error());
  return require_batch(parts, request, action, listed->dataset.provider);
}

boost::json::object upload_json(const Upload& upload) {
  boost::json::object out{{"id", upload.id},
                          {"dataset", upload.request.dataset},
                          {"batch", upload.request.batch},
                          {"kind", ingest::name_of(upload.request.kind)},
                          {"state", ingest::name_of(upload.state)},
                          {"offset", upload.received.bytes},
                          {"begun", time_text(upload.begun_at)}};
  if (!upload.request.name.empty()) out["name"] = upload.request.name;
  if (upload.request.bytes) out["bytes"] = *upload.request.bytes;
  if (!upload.error.empty()) out["error"] = upload.error;
  if (!upload.hint.empty()) out["hint"] = upload.hint;
  return out;
}

boost::json::object batch_json(const Batch& batch) {
  boost::json::object out{{"id", batch.id},
                          {"dataset", batch.dataset},
                          {"batch", batch.name},
                          {"kind", ingest::name_of(batch.kind)},
                          {"state", ingest::name_of(batch.state)},
                          {"sha256", batch.sha256},
                          {"bytes", batch.bytes},
                          {"rows", batch.rows},
                          {"rejected", batch.rejected},
                          {"mistaken", batch.mistaken},
                          {"unreadable", batch.unreadable},
                          {"version", batch.version},
                          {"sender", batch.sender},
                          {"received", time_text(batch.received_at)}};
  if (batch.decided_at != 0) {
    out["decided_by"] = batch.decided_by;
    out["decided"] = time_text(batch.decided_at);
    out["reason"] = batch.reason;
  }
  if (!batch.report.empty()) out["report"] = boost::json::parse(batch.report);
  return out;
}

template <class Enum, size_t N>
Enum named(std::string_view word, const std::array<std::pair<std::string_view, Enum>, N>& words) {
  const auto found = std::ranges::find(words, word, &std::pair<std::string_view, Enum>::first);
  return found == words.end() ? words.front().second : found->second;
}

constexpr std::array<std::pair<std::string_view, table::Format>, 4> kFormats{{{"auto", table::Format::kAuto},
                                                                              {"delimited", table::Format::kDelimited},
                                                                              {"jsonl", table::Format::kJsonLines},
                                                                              {"parquet", table::Format::kParquet}}};
constexpr std::array<std::pair<std::string_view, table::Encoding>, 4> kEncodings{
    {{"auto", table::Encoding::kAuto},
     {"utf-8", table::Encoding::kUtf8},
     {"gb18030", table::Encoding::kGb18030},
     {"utf-16", table::Encoding::kUtf16}}};

Answer begin_upload(const ApiParts& parts, const Request& request) {
  ingest::UploadRequest asked;
  asked.dataset = std::string(request.path_parameter("dataset"));
  if (auto problem = require_of(parts, request, "create", asked.dataset)) return *problem;
  asked.batch = body_text(request, "batch");
  asked.kind = body_text(request, "kind") == "changes" ? ingest::BatchKind::kChanges : ingest::BatchKind::kFull;
  asked.name = body_text(request, "name");
  asked.format = named(body_text(request, "format"), kFormats);
  asked.encoding = named(body_text(request, "encoding"), kEncodings);
  const std::string delimiter = body_text(request, "delimiter");
  if (!delimiter.empty()) asked.delimiter = delimiter[0];
  if (const auto bytes = body_integer(request, "bytes")) asked.bytes = static_cast<uint64_t>(*bytes);
  asked.sha256 = body_text(request, "sha256");
  asked.sender = request.caller.actor().account;
  ZHILI_ASSIGN(const auto begun, parts.ingest.begin(asked));
  if (begun.earlier) {
    return Response::json(boost::json::object{{"earlier", batch_json(*begun.earlier)}});
  }
  return Response::json(boost::json::object{{"upload", upload_json(begun.upload)}}, 201);
}

/// The upload in the path, where the caller may deal with it.
std::expected<Upload, Problem> upload_of(const ApiParts& parts, const Request& request) {
  auto upload = parts.ingest.find_upload(std::string(request.path_parameter("upload")));
  if (!upload) return std::unexpected(problem_of(upload.error()));
  if (auto problem = require_of(parts, request, "create", upload->request.dataset)) return std::unexpected(*problem);
  return std::move(*upload);
}

Answer get_upload(const ApiParts& parts, const Request& request) {
  const auto upload = upload_of(parts, request);
  if (!upload) return upload.error();
  return Response::json(upload_json(*upload)).with("Upload-Offset", std::to_string(upload->received.bytes));
}

Answer put_part(const ApiParts& parts, const Request& request) {
  const auto upload = upload_of(parts, request);
  if (!upload) return upload.error();
  const std::string_view text = request.headers.find("upload-offset").value_or("");
  uint64_t offset = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return bad_request("upload-offset", {"Upload-Offset须为非负整数", "Upload-Offset is no whole number"});
  }
  const auto next = parts.ingest.put(upload->id, offset, request.body);
  const bool open = upload->state == ingest::UploadState::kOpen;
  if (!next && next.error().code == ErrorCode::kConflict && open) {
    Problem problem{409,
                    "upload-offset",
                    {"分段位置不对", "The part begins elsewhere"},
                    {fmt::format("应从{}字节处继续", upload->received.bytes),
                     fmt::format("It goes on at byte {}", upload->received.bytes)}};
    problem.more["offset"] = upload->received.bytes;
    problem.headers.emplace_back("Upload-Offset", std::to_string(upload->received.bytes));
    return problem;
  }
  if (!next) return problem_of(next.error());
  return Response::empty().with("Upload-Offset", std::to_string(*next));
}

Answer close_upload(const ApiParts& parts, const Request& request) {
  const auto upload = upload_of(parts, request);
  if (!upload) return upload.error();
  ZHILI_ASSIGN(const auto closed, parts.ingest.close(upload->id, body_text(request, "sha256")));
  parts.batch_waits();
  return Response::json(upload_json(closed), 202);
}

Answer abandon_upload(const ApiParts& parts, const Request& request) {
  const auto upload = upload_of(parts, request);
  if (!upload) return upload.error();
  ZHILI_TRY(parts.ingest.abandon(upload->id));
  return Response::empty();
}

std::optional<ingest::BatchState> state_named(std::string_view word) {
  using ingest::BatchState;
  for (const BatchState one : {BatchState::kLanded, BatchState::kHeld, BatchState::kDropped}) {
    if (ingest::name_of(one) == word) return one;
  }
  return std::nullopt;
}

Answer list_batches(const ApiParts& parts, const Request& request) {
  ingest::Ingest::Page page;
  page.dataset = std::string(request.path_parameter("dataset"));
  if (auto problem = require_of(parts, request, "read", page.dataset)) return *problem;
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  page.state = state_named(request.query_parameter("state").value_or(""));
  page.before = std::stoll("0" + position->value_or(""));
  page.limit = std::min(static_cast<size_t>(request.query_integer("limit").value_or(50)), ingest::kBatchesPage);
  ZHILI_ASSIGN(const auto batches, parts.ingest.batches(page));
  boost::json::array items;
  for (const Batch& batch : batches) items.emplace_back(batch_json(batch));
  boost::json::object out{{"items", std::move(items)}};
  if (batches.size() == page.limit) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, std::to_string(batches.back().received_at)));
  }
  return Response::json(out);
}

std::expected<Batch, Problem> batch_of(const ApiParts& parts, const Request& request, std::string_view action) {
  auto batch = parts.ingest.find_batch(std::string(request.path_parameter("batch")));
  if (!batch) return std::unexpected(problem_of(batch.error()));
  if (auto problem = require_of(parts, request, action, batch->dataset)) return std::unexpected(*problem);
  return std::move(*batch);
}

Answer get_batch(const ApiParts& parts, const Request& request) {
  const auto batch = batch_of(parts, request, "read");
  if (!batch) return batch.error();
  return Response::json(batch_json(*batch));
}

Answer decide_batch(const ApiParts& parts, const Request& request) {
  const auto batch = batch_of(parts, request, "decide");
  if (!batch) return batch.error();
  const std::string reason = body_text(request, "reason");
  const std::string& by = request.caller.actor().account;
  ZHILI_ASSIGN(const Batch decided, body_text(request, "decision") == "release"
                                        ? parts.ingest.release(batch->id, by, reason)
                                        : parts.ingest.drop(batch->id, by, reason));
  return Response::json(batch_json(decided));
}

Answer field_trend(const ApiParts& parts, const Request& request) {
  const std::string dataset(request.path_parameter("dataset"));
  if (auto problem = require_of(parts, request, "read", dataset)) return *problem;
  const auto limit = std::min(static_cast<size_t>(request.query_integer("limit").value_or(50)), ingest::kBatchesPage);
  ZHILI_ASSIGN(const auto points,
               parts.ingest.trend(dataset, std::string(request.query_parameter("field").value_or("")), limit));
  boost::json::array items;
  for (const auto& point : points) {
    boost::json::object one{{"batch", point.batch},       {"received", time_text(point.received_at)},
                            {"values", point.values},     {"missing", point.missing},
                            {"mistaken", point.mistaken}, {"different", point.different}};
    if (point.mean) one["mean"] = *point.mean;
    items.emplace_back(std::move(one));
  }
  return Response::json(boost::json::object{{"items", std::move(items)}});
}

}  // namespace

void add_ingest_api(Handlers& handlers, const ApiParts& parts) {
  const auto add = [&](std::string_view id, Answer (*work)(const ApiParts&, const Request&)) {
    handlers.add(std::string(id), answering([&parts, work](const Request& request) { return work(parts, request); }));
  };
  add("beginUpload", begin_upload);
  add("getUpload", get_upload);
  add("putPart", put_part);
  add("closeUpload", close_upload);
  add("abandonUpload", abandon_upload);
  add("listBatches", list_batches);
  add("getBatch", get_batch);
  add("decideBatch", decide_batch);
  add("getFieldTrend", field_trend);
}

}  // namespace zhili::http
