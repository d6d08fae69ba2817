#include "exchange/files.hpp"

#include <system_error>
#include <utility>

#include <boost/json.hpp>
#include <openssl/evp.h>

#include "exchange/words.hpp"

namespace zhili::exchange {
namespace {

namespace json = boost::json;
using store::Transaction;
using vault::Refusal;

constexpr std::string_view kColumns = "id, grant_id, ordered_by, made_at, state, told, bytes, digest, job, signed";

BatchFile from_row(const store::Row& row) {
  return {std::string(row.text(0)),
          std::string(row.text(1)),
          std::string(row.text(2)),
          row.int64(3),
          std::string(row.text(4)),
          static_cast<uint64_t>(row.int64(5)),
          static_cast<uint64_t>(row.int64(6)),
          std::string(row.text(7)),
          std::string(row.text(8)),
          std::string(row.text(9))};
}

/// A digest of bytes that come in pieces.
class Digest {
 public:
  explicit Digest(audit::HashKind kind) : kind_(kind), context_(EVP_MD_CTX_new()) {
    good_ = context_ != nullptr &&
            EVP_DigestInit_ex(context_.get(), kind == audit::HashKind::kSm3 ? EVP_sm3() : EVP_sha256(), nullptr) == 1;
  }
  void add(std::string_view bytes) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
  }
  Result<std::string> text() {
    audit::Hash hash;
    unsigned size = 0;
    if (!good_ || EVP_DigestFinal_ex(context_.get(), hash.bytes.data(), &size) != 1 || size != audit::Hash::kBytes) {
      return fail(ErrorCode::kInternal, {}, "", "OpenSSL offers no {}", audit::name_of(kind_));
    }
    return fmt::format("{}:{}", audit::name_of(kind_), audit::to_hex(hash));
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  audit::HashKind kind_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  bool good_ = false;
};

std::string head_line(const std::string& dataset, const std::string& grant,
                      const std::vector<vault::ShownCell>& cells) {
  json::array fields;
  for (const auto& cell : cells) fields.push_back(json::object{{"field", cell.field}, {"masked", cell.masked}});
  return json::serialize(json::object{{"dataset", dataset}, {"fields", std::move(fields)}, {"grant", grant}}) + "\n";
}

void put_row(std::string& out, const vault::ShownRow& row) {
  json::array cells;
  for (const auto& cell : row.cells) cells.push_back(cell.known ? json::value(cell.value) : json::value(nullptr));
  out += json::serialize(cells);
  out += '\n';
}

}  // namespace

struct Download::State {
  Files& files;
  const Gateway& gateway;
  Requests& requests;
  identity::Actor actor;
  std::unique_ptr<vault::SealedFile> file;
  uint64_t at = 0;
};

Download::Download(BatchFile file, std::unique_ptr<State> state) : file_(std::move(file)), state_(std::move(state)) {}
Download::~Download() = default;

Result<Download::Piece> Download::next(size_t most) {
  State& state = *state_;
  ZHILI_ASSIGN(auto snapshot, state.requests.ground().store.read());
  ZHILI_ASSIGN(const auto opening, state.gateway.opens(state.actor, file_.grant)(snapshot));
  Piece out;
  out.refusal = opening.refusal;
  if (out.refusal) return out;
  ZHILI_ASSIGN(out.bytes, state.file->read(state.at, most));
  state.at += out.bytes.size();
  return out;
}

Result<std::unique_ptr<Files>> Files::open(Gateway& gateway, Requests& requests, vault::Vault& vault, vault::Door& door,
                                           std::filesystem::path directory) {
  std::error_code wrong;
  std::filesystem::create_directories(directory, wrong);
  if (wrong) {
    return fail(ErrorCode::kIo, {directory.string(), 0, 0}, "", "the directory can't be made: {}", wrong.message());
  }
  return std::unique_ptr<Files>(new Files(gateway, requests, vault, door, std::move(directory)));
}

Result<BatchFile> Files::find(std::string_view id) const {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(const auto rows,
               ground.store.query(fmt::format("SELECT {} FROM exchange_file WHERE area_id = $1 AND id = $2", kColumns),
                                  {ground.area_id, id}));
  if (rows.empty()) {
    return fail(ErrorCode::kNotFound, {}, "Look at the list of files.", "there is no file '{}'", id.substr(0, 80));
  }
  return from_row(rows[0]);
}

/// A file begins: a row, so that what a crash leaves is known.
Status Files::put(const BatchFile& file, const identity::Actor& actor) const {
  const Ground& ground = requests_.ground();
  return ground.store.commit([&](Transaction& tx) -> Status {
    ZHILI_TRY(
        tx.execute("INSERT INTO exchange_file (area_id, id, grant_id, ordered_by, made_at, state, told, bytes, "
                   "digest, job, signed) VALUES ($1, $2, $3, $4, $5, 'making', 0, 0, '', '', '')",
                   {ground.area_id, file.id, file.grant, actor.account, file.made_at}));
    return {};
  });
}

Status Files::settle(const BatchFile& file) const {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(auto entry, ground.log.draft(audit::Action::kExport, audit::Ref::of_actor(file.ordered_by)));
  entry.object(audit::Ref::by_id(audit::Kind::kGrant, file.grant))
      .count(word_of("rows"), file.rows)
      .count(word_of("bytes"), file.bytes)
      .change(fmt::format("{}|{}|{}|{}", file.id, file.state, file.digest, file.job));
  return ground.store.commit([&](Transaction& tx) -> Status {
    ZHILI_TRY(
        tx.execute("UPDATE exchange_file SET state = $3, told = $4, bytes = $5, digest = $6, job = $7, signed = $8 "
                   "WHERE area_id = $1 AND id = $2",
                   {ground.area_id, file.id, file.state, static_cast<int64_t>(file.rows),
                    static_cast<int64_t>(file.bytes), file.digest, file.job, file.note}));
    if (file.state == "ready") {
      ZHILI_TRY(
          tx.publish("exchange.file.ready", json::serialize(json::object{{"id", file.id}, {"grant", file.grant}})));
    }
    return ground.log.add(tx, entry);
  });
}

Result<vault::Released> Files::fill(BatchFile& file, const identity::Actor& actor,
                                    const std::vector<std::string>& fields, const Cancel& cancel) const {
  std::unique_ptr<vault::SealedFileWriter> out;
  Digest digest(gateway_.signer().hash());
  std::string dataset;
  const auto first = std::make_shared<std::string>();
  const vault::Admit once = gateway_.admits(actor, file.grant, "export");
  const vault::Admit again = gateway_.admits(actor, file.grant, "export", false);
  vault::ReleaseAsk ask;
  ask.actor = actor;
  ask.open = [&dataset, open = gateway_.opens(actor, file.grant)](store::Snapshot& snapshot) -> Result<vault::Opening> {
    ZHILI_ASSIGN(auto opening, open(snapshot));
    dataset = opening.dataset;
    return opening;
  };
  ask.fields = fields;
  ask.how = "file";
  // All groups are one call. A change may run again: its entry tells which group it is.
  ask.admit = [first, once, again](Transaction& tx, const vault::RowsAnswer& answer) {
    if (first->empty()) *first = answer.refusal_entry;
    return *first == answer.refusal_entry ? once(tx, answer) : again(tx, answer);
  };
  const auto put_lines = [&](std::string_view lines) -> Status {
    digest.add(lines);
    return out->write(lines);
  };
  const auto begin_file = [&](const std::vector<vault::ShownCell>& cells) -> Status {
    ZHILI_ASSIGN(out, vault::SealedFileWriter::create(vault_, path(file.id), file.id));
    return put_lines(head_line(dataset, file.grant, cells));
  };
  const auto take = [&](const std::vector<vault::ShownRow>& rows) -> Status {
    if (!out) ZHILI_TRY(begin_file(rows.front().cells));
    std::string lines;
    for (const auto& row : rows) put_row(lines, row);
    return put_lines(lines);
  };
  ZHILI_ASSIGN(auto released, door_.release(ask, cancel, take));
  file.job = released.job;
  file.rows = released.rows;
  if (released.refusal) return released;
  if (!out) {
    std::vector<vault::ShownCell> cells;
    cells.reserve(released.fields.size());
    for (const auto& field : released.fields) cells.push_back({.field = field.field, .masked = field.masked});
    ZHILI_TRY(begin_file(cells));
  }
  ZHILI_ASSIGN(file.bytes, out->finish());
  ZHILI_ASSIGN(file.digest, digest.text());
  ZHILI_ASSIGN(file.note, gateway_.signer().sign(Statement{.grant = file.grant,
                                                           .dataset = dataset,
                                                           .entry = file.job,
                                                           .time = file.made_at,
                                                           .digest = file.digest,
                                                           .bytes = file.bytes}));
  return released;
}

Result<Files::Made> Files::make(const identity::Actor& actor, const std::string& grant,
                                const std::vector<std::string>& fields, const Cancel& cancel) {
  const Ground& ground = requests_.ground();
  // Only an entry's id is needed: it sorts by time, and nobody else has it.
  ZHILI_ASSIGN(const auto named, ground.log.draft(audit::Action::kExport, audit::Ref::of_actor(actor.account)));
  Made out;
  out.file.id = named.id();
  out.file.grant = grant;
  out.file.ordered_by = actor.account;
  out.file.made_at = ground.store.now();
  {
    ZHILI_ASSIGN(auto snapshot, ground.store.read());
    ZHILI_TRY(requests_.read(snapshot, grant));
  }
  ZHILI_TRY(put(out.file, actor));
  auto released = fill(out.file, actor, fields, cancel);
  out.file.state = released && !released->refusal ? "ready" : "broken_off";
  if (out.file.state != "ready") {
    std::error_code ignored;
    std::filesystem::remove(path(out.file.id), ignored);
    (void)vault::SealedFile::forget(vault_, out.file.id);
  }
  const Status settled = settle(out.file);
  if (!released) return fail(std::move(released).error());
  ZHILI_TRY(settled);
  out.refused = std::move(released->refused);
  out.refusal = std::move(released->refusal);
  return out;
}

Result<std::vector<BatchFile>> Files::list(const identity::Actor& actor, std::string_view grant) const {
  ZHILI_ASSIGN(const auto request, requests_.find(actor, grant));
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(const auto rows, ground.store.query(fmt::format("SELECT {} FROM exchange_file WHERE area_id = $1 AND "
                                                               "grant_id = $2 ORDER BY id DESC LIMIT 200",
                                                               kColumns),
                                                   {ground.area_id, request.id}));
  std::vector<BatchFile> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) out.push_back(from_row(row));
  return out;
}

Result<Files::Opened> Files::fetch(const identity::Actor& actor, std::string_view id, uint64_t offset) {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(BatchFile file, find(id));
  Opened out;
  {
    ZHILI_ASSIGN(auto snapshot, ground.store.read());
    ZHILI_ASSIGN(const auto opening, gateway_.opens(actor, file.grant)(snapshot));
    out.refusal = opening.refusal;
  }
  if (!out.refusal && file.state != "ready") out.refusal = refusal_by("file_gone");
  ZHILI_ASSIGN(auto entry, ground.log.draft(audit::Action::kExport, audit::Ref::of_actor(actor.account)));
  entry.object(audit::Ref::by_id(audit::Kind::kFile, file.id)).count(word_of("offset"), offset);
  if (out.refusal) entry.count(word_of("refused"), 1);
  ZHILI_TRY(ground.log.add(entry));
  if (out.refusal) {
    out.refusal->entry = entry.id();
    return out;
  }
  if (offset > file.bytes) {
    return fail(ErrorCode::kInput, {}, "Ask for a part of the file.", "the file has {} bytes", file.bytes);
  }
  ZHILI_ASSIGN(auto opened, vault::SealedFile::open(vault_, path(file.id), file.id, file.bytes));
  auto state =
      std::make_unique<Download::State>(Download::State{*this, gateway_, requests_, actor, std::move(opened), offset});
  out.download = std::unique_ptr<Download>(new Download(std::move(file), std::move(state)));
  return out;
}

Result<size_t> Files::sweep() {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(
      const auto rows,
      ground.store.query("SELECT f.id FROM exchange_file f JOIN exchange_request r ON r.area_id = f.area_id AND "
                         "r.id = f.grant_id WHERE f.area_id = $1 AND f.state = 'ready' AND (r.state <> "
                         "'approved' OR r.until <= $2) LIMIT 100",
                         {ground.area_id, ground.store.now()}));
  for (const store::Row row : rows) {
    ZHILI_ASSIGN(BatchFile file, find(row.text(0)));
    std::error_code ignored;
    std::filesystem::remove(path(file.id), ignored);
    ZHILI_TRY(vault::SealedFile::forget(vault_, file.id));
    file.state = "gone";
    ZHILI_TRY(settle(file));
  }
  return rows.size();
}

}  // namespace zhili::exchange
