#include <algorithm>
#include <utility>

#include "base/output_dir.hpp"
#include "ingest/ingest.hpp"
#include "ingest/tables.hpp"
#include "text/utf8.hpp"

namespace zhili::ingest {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kUploads = ".uploads";
constexpr size_t kSha256Digits = 64;
constexpr size_t kFileNameBytes = 255;

bool is_plain(std::string_view text, size_t most) {
  return !text.empty() && text.size() <= most && text::valid_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Status require_sound(const UploadRequest& request) {
  if (!is_plain(request.batch, kBatchNameBytes)) {
    return fail(ErrorCode::kInput, {}, "Name it by what tells it apart, such as its day: \"2026-11-23\".",
                "a batch needs a name of 1 to {} bytes without control characters", kBatchNameBytes);
  }
  if (!request.name.empty() && !is_plain(request.name, kFileNameBytes)) {
    return fail(ErrorCode::kInput, {}, "", "this will not do as the name of a file");
  }
  const bool digits =
      std::ranges::all_of(request.sha256, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!request.sha256.empty() && (request.sha256.size() != kSha256Digits || !digits)) {
    return fail(ErrorCode::kInput, {}, "Give 64 hexadecimal digits in small letters, or leave it out.",
                "this is no SHA-256");
  }
  if (request.bytes.value_or(0) > kBatchBytes) {
    return fail(ErrorCode::kLimit, {}, "Send it in several batches.", "a batch has at most {} bytes", kBatchBytes);
  }
  return {};
}

std::unexpected<Error> no_upload() {
  return fail(ErrorCode::kNotFound, {}, "It may have been given up after its term: begin again.",
              "there is no such upload");
}

/// What differs between two requests for one batch; empty where nothing does.
std::string_view difference(const UploadRequest& a, const UploadRequest& b) {
  if (a.kind != b.kind) return "kind";
  if (a.bytes && b.bytes && *a.bytes != *b.bytes) return "size";
  if (!a.sha256.empty() && !b.sha256.empty() && a.sha256 != b.sha256) return "SHA-256";
  if (a.format != b.format || a.encoding != b.encoding || a.delimiter != b.delimiter) return "format";
  return {};
}

}  // namespace

Result<Ingest> Ingest::open(vault::Vault& vault, store::Lake& lake, const catalog::Registry& registry,
                            IngestOptions options) {
  std::error_code ec;
  fs::create_directories(lake.dir() / kUploads, ec);
  if (ec) {
    return fail(ErrorCode::kIo, {(lake.dir() / kUploads).string(), 0, 0}, "Check the directory's permissions.",
                "cannot create directory: {}", ec.message());
  }
  return Ingest(vault, lake, registry, std::move(options));
}

fs::path Ingest::path_of(const std::string& id) const { return lake_.dir() / kUploads / (id + ".part"); }

Result<Ingest::Begun> Ingest::begin(const UploadRequest& request) const {
  ZHILI_TRY(require_sound(request));
  ZHILI_TRY(registry_.find(request.dataset));
  Begun out;
  if (auto earlier = find_batch(request.dataset, request.batch); earlier) {
    if (request.sha256 == earlier->sha256) {
      out.earlier = std::move(*earlier);
      return out;
    }
    if (!request.sha256.empty()) {
      return fail(ErrorCode::kConflict, {}, "Give the new content a name of its own.",
                  "batch {} of {} came before with other content", request.batch, request.dataset);
    }
  } else if (earlier.error().code != ErrorCode::kNotFound) {
    return fail(std::move(earlier).error());
  }
  if (auto known = find_upload(request.dataset, request.batch); known) {
    if (known->state != UploadState::kFailed) {
      const std::string_view other = difference(known->request, request);
      if (other.empty()) {
        out.upload = std::move(*known);
        return out;
      }
      return fail(ErrorCode::kConflict, {}, "Go on with it, or give it up first.",
                  "an upload of batch {} is under way with another {}", request.batch, other);
    }
    ZHILI_TRY(abandon(known->id));
  } else if (known.error().code != ErrorCode::kNotFound) {
    return fail(std::move(known).error());
  }
  store::Store& store = vault_.store();
  const int64_t now = store.now();
  out.upload.request = request;
  out.upload.begun_at = out.upload.touched_at = now;
  ZHILI_ASSIGN(out.upload.id, new_id(now));
  // The key first: one without an upload harms nobody.
  ZHILI_TRY(vault::FileKeys(vault_).make(request.dataset, out.upload.id));
  const Status made = store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute(
        fmt::format(
            "INSERT INTO ingest_upload (area_id, {}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
            "$13, 0, 0, 0, '', '', $14, $14)",
            kUploadColumns),
        {vault_.area_id(), out.upload.id, request.dataset, request.batch, static_cast<int64_t>(request.kind),
         request.name, static_cast<int64_t>(request.format), static_cast<int64_t>(request.encoding),
         static_cast<int64_t>(request.delimiter),
         request.bytes ? store::Value(static_cast<int64_t>(*request.bytes)) : store::Value(), request.sha256,
         request.sender, static_cast<int64_t>(UploadState::kOpen), now}));
    return {};
  });
  ZHILI_TRY(made);
  return out;
}

Result<Upload> Ingest::find_upload(const std::string& id) const {
  ZHILI_ASSIGN(
      const auto rows,
      vault_.store().query(fmt::format("SELECT {} FROM ingest_upload WHERE area_id = $1 AND id = $2", kUploadColumns),
                           {vault_.area_id(), id}));
  if (rows.empty()) return no_upload();
  return upload_of(rows[0]);
}

Result<Upload> Ingest::find_upload(const std::string& dataset, const std::string& batch) const {
  ZHILI_ASSIGN(const auto rows,
               vault_.store().query(
                   fmt::format("SELECT {} FROM ingest_upload WHERE area_id = $1 AND dataset = $2 AND batch = $3",
                               kUploadColumns),
                   {vault_.area_id(), dataset, batch}));
  if (rows.empty()) return no_upload();
  return upload_of(rows[0]);
}

Result<uint64_t> Ingest::put(const std::string& id, uint64_t offset, std::string_view bytes) const {
  if (bytes.size() > kPartBytes) {
    return fail(ErrorCode::kLimit, {}, "Send smaller parts.", "a part has at most {} bytes", kPartBytes);
  }
  ZHILI_ASSIGN(const Upload known, find_upload(id));
  ZHILI_ASSIGN(auto key, vault::FileKeys(vault_).find(known.request.dataset, id));
  ZHILI_ASSIGN(auto file, SealedFile::open(path_of(id), std::move(key)));
  // Nobody else writes now: what the store says is so.
  ZHILI_ASSIGN(const Upload upload, find_upload(id));
  Extent extent = upload.received;
  ZHILI_ASSIGN(const uint64_t size, file.size());
  // A store that was restored from a backup knows of more than the disk has: begin at the beginning.
  if (size < extent.stored) extent = {};
  const uint64_t end = offset + bytes.size();
  if (upload.state != UploadState::kOpen) {
    if (upload.state == UploadState::kClosed && end <= extent.bytes) return extent.bytes;
    return fail(ErrorCode::kConflict, {}, "Begin a new one.", "the upload takes no more parts");
  }
  if (offset > extent.bytes) {
    return fail(ErrorCode::kConflict, {}, fmt::format("Go on at byte {}.", extent.bytes),
                "the part begins at byte {}, and byte {} is awaited", offset, extent.bytes);
  }
  if (end > upload.request.bytes.value_or(kBatchBytes)) {
    return fail(ErrorCode::kLimit, {}, "Check the size that was declared.",
                "the parts are more than the {} bytes that there were to be",
                upload.request.bytes.value_or(kBatchBytes));
  }
  if (end <= extent.bytes && extent.stored == upload.received.stored) return extent.bytes;
  const int64_t before = static_cast<int64_t>(upload.received.stored);
  ZHILI_TRY(file.append(extent, bytes.substr(extent.bytes - offset)));
  ZHILI_TRY(file.sync());
  if (before == 0) ZHILI_TRY(sync_path(path_of(id).parent_path()));
  const Status kept = vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const int64_t changed,
                 tx.execute("UPDATE ingest_upload SET received = $3, stored = $4, frames = $5, touched_at = $6 WHERE "
                            "area_id = $1 AND id = $2 AND stored = $7 AND state = $8",
                            {vault_.area_id(), id, static_cast<int64_t>(extent.bytes),
                             static_cast<int64_t>(extent.stored), static_cast<int64_t>(extent.frames),
                             vault_.store().now(), before, static_cast<int64_t>(UploadState::kOpen)}));
    if (changed == 1) return {};
    return fail(ErrorCode::kBusy, {}, "Ask where the next part begins.", "the upload was changed meanwhile");
  });
  ZHILI_TRY(kept);
  return extent.bytes;
}

Result<Upload> Ingest::close(const std::string& id, const std::string& sha256) const {
  ZHILI_ASSIGN(Upload upload, find_upload(id));
  if (!sha256.empty()) {
    if (!upload.request.sha256.empty() && upload.request.sha256 != sha256) {
      return fail(ErrorCode::kConflict, {}, "", "the SHA-256 is not the one that was declared");
    }
    upload.request.sha256 = sha256;
    ZHILI_TRY(require_sound(upload.request));
  }
  if (upload.state != UploadState::kOpen) return upload;
  std::error_code ec;
  const uint64_t size = fs::file_size(path_of(id), ec);
  if (ec || size < upload.received.stored) upload.received = {};
  const uint64_t missing = upload.request.bytes.value_or(upload.received.bytes) - upload.received.bytes;
  if (missing != 0 || upload.received.bytes == 0) {
    return fail(ErrorCode::kConflict, {}, fmt::format("Go on at byte {}.", upload.received.bytes),
                "the upload is not whole: {} bytes came{}", upload.received.bytes,
                missing == 0 ? std::string() : fmt::format(", {} are missing", missing));
  }
  const Status closed = vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const int64_t changed,
                 tx.execute("UPDATE ingest_upload SET state = $3, sha256 = $4, touched_at = $5 WHERE area_id = $1 AND "
                            "id = $2 AND state = $6 AND received = $7",
                            {vault_.area_id(), id, static_cast<int64_t>(UploadState::kClosed), upload.request.sha256,
                             vault_.store().now(), static_cast<int64_t>(UploadState::kOpen),
                             static_cast<int64_t>(upload.received.bytes)}));
    if (changed == 1) return {};
    return fail(ErrorCode::kBusy, {}, "Ask how far it is.", "the upload was changed meanwhile");
  });
  ZHILI_TRY(closed);
  upload.state = UploadState::kClosed;
  return upload;
}

Status Ingest::discard(const Upload& upload) const {
  const vault::FileKeys keys(vault_);
  const Status gone = vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const int64_t removed,
                 tx.execute("DELETE FROM ingest_upload WHERE area_id = $1 AND id = $2", {vault_.area_id(), upload.id}));
    if (removed == 0) return no_upload();
    return keys.forget(tx, upload.request.dataset, upload.id);
  });
  ZHILI_TRY(gone);
  std::error_code ec;
  fs::remove(path_of(upload.id), ec);
  return {};
}

Status Ingest::abandon(const std::string& id) const {
  ZHILI_ASSIGN(const Upload upload, find_upload(id));
  if (upload.state == UploadState::kClosed) {
    return fail(ErrorCode::kBusy, {}, "It is being checked: wait, and drop the batch then.",
                "a whole upload can't be given up");
  }
  return discard(upload);
}

Result<size_t> Ingest::sweep() const {
  const int64_t before = vault_.store().now() - options_.term;
  ZHILI_ASSIGN(
      const auto rows,
      vault_.store().query(fmt::format("SELECT {} FROM ingest_upload WHERE area_id = $1 AND touched_at < $2 AND "
                                       "state <> $3 ORDER BY touched_at LIMIT 1000",
                                       kUploadColumns),
                           {vault_.area_id(), before, static_cast<int64_t>(UploadState::kClosed)}));
  for (const store::Row row : rows) ZHILI_TRY(discard(upload_of(row)));
  // What a crash left: files whose upload has landed or is gone. A file is made after its upload's row.
  std::error_code ec;
  for (fs::directory_iterator it(lake_.dir() / kUploads, ec), end; !ec && it != end; it.increment(ec)) {
    if (it->path().extension() != ".part") continue;
    const auto known = find_upload(it->path().stem().string());
    if (!known && known.error().code == ErrorCode::kNotFound) {
      std::error_code ignored;
      fs::remove(it->path(), ignored);
    }
  }
  return rows.size();
}

}  // namespace zhili::ingest
