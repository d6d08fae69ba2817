#include "cli/batch_commands.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <tuple>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "cli/hub.hpp"
#include "cli/installation.hpp"
#include "cli/output.hpp"

namespace zhili::cli {
namespace {

namespace fs = std::filesystem;
using ingest::Batch;

struct Words {
  fs::path directory;
  std::string dataset;
  std::string batch;  ///< A name, or an id.
  fs::path file;
  bool changes = false;
  std::string reason;
};

constexpr size_t kPart = size_t{8} << 20;

Result<std::unique_ptr<Installation>> open_installation(const Words& words) {
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  return Installation::open(std::move(settings));
}

boost::json::object batch_json(const Batch& batch) {
  boost::json::object out{{"id", batch.id},
                          {"dataset", batch.dataset},
                          {"batch", batch.name},
                          {"state", name_of(batch.state)},
                          {"rows", batch.rows},
                          {"mistaken", batch.mistaken},
                          {"rejected", batch.rejected},
                          {"unreadable", batch.unreadable}};
  if (!batch.report.empty()) out["report"] = boost::json::parse(batch.report);
  return out;
}

std::string batch_line(const Batch& batch) {
  return fmt::format("{} {} {}: {} rows, {} with mistakes, {} not taken, {} unreadable; {}\n", batch.id, batch.dataset,
                     batch.name, batch.rows, batch.mistaken, batch.rejected, batch.unreadable, name_of(batch.state));
}

Status send_parts(const ingest::Ingest& ingest, const std::string& upload, uint64_t offset, const Words& words,
                  const Context& context) {
  std::ifstream in(words.file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(offset));
  std::string part;
  while (in) {
    ZHILI_TRY(context.cancel.check());
    part.resize(kPart);
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    part.resize(static_cast<size_t>(in.gcount()));
    if (part.empty()) break;
    ZHILI_ASSIGN(offset, ingest.put(upload, offset, part));
  }
  if (!in.bad() && in.eof()) return {};
  return fail(ErrorCode::kIo, {words.file.string(), 0, 0}, "Check that it can be read.", "the file can't be read");
}

Status send(const Words& words, const Context& context) {
  std::error_code ec;
  const auto bytes = fs::file_size(words.file, ec);
  if (ec) {
    return fail(ErrorCode::kIo, {words.file.string(), 0, 0}, "Check the path.", "cannot be read: {}", ec.message());
  }
  ZHILI_ASSIGN(const auto installation, open_installation(words));
  const auto& ingest = installation->ingest();
  ingest::UploadRequest request;
  request.dataset = words.dataset;
  request.batch = words.batch.empty() ? time_text(installation->store().now(), 0).substr(0, 10) : words.batch;
  request.kind = words.changes ? ingest::BatchKind::kChanges : ingest::BatchKind::kFull;
  request.name = words.file.filename().string();
  request.bytes = bytes;
  ZHILI_ASSIGN(const auto begun, ingest.begin(request));
  std::optional<Batch> batch = begun.earlier;
  if (!batch) {
    ZHILI_TRY(send_parts(ingest, begun.upload.id, begun.upload.received.bytes, words, context));
    ZHILI_TRY(ingest.close(begun.upload.id));
    ZHILI_ASSIGN(batch, ingest.land(begun.upload.id, &context.cancel));
  }
  ZHILI_TRY(Hub(*installation).work());
  return context.json ? print(boost::json::value(batch_json(*batch))) : print(batch_line(*batch));
}

Status list(const Words& words, const Context& context) {
  ZHILI_ASSIGN(const auto installation, open_installation(words));
  ingest::Ingest::Page page{.dataset = words.dataset, .limit = ingest::kBatchesPage};
  ZHILI_ASSIGN(const auto batches, installation->ingest().batches(page));
  boost::json::array all;
  std::string text;
  for (const Batch& batch : batches) {
    all.push_back(batch_json(batch));
    text += batch_line(batch);
  }
  return context.json ? print(boost::json::value(std::move(all))) : print(text);
}

Status show(const Words& words, const Context& /*context*/) {
  ZHILI_ASSIGN(const auto installation, open_installation(words));
  ZHILI_ASSIGN(const Batch batch, installation->ingest().find_batch(words.batch));
  return print(boost::json::value(batch_json(batch)));
}

Status release(const Words& words, const Context& context) {
  ZHILI_ASSIGN(const auto installation, open_installation(words));
  ZHILI_ASSIGN(const Batch batch, installation->ingest().release(words.batch, "", words.reason));
  ZHILI_TRY(Hub(*installation).work());
  return context.json ? print(boost::json::value(batch_json(batch))) : print(batch_line(batch));
}

Status drop(const Words& words, const Context& context) {
  ZHILI_ASSIGN(const auto installation, open_installation(words));
  ZHILI_ASSIGN(const Batch batch, installation->ingest().drop(words.batch, "", words.reason));
  return context.json ? print(boost::json::value(batch_json(batch))) : print(batch_line(batch));
}

struct Command {
  CLI::App* app = nullptr;
  std::shared_ptr<Words> words;
};

Command add(CLI::App& group, Context& context, const char* name, const char* what,
            Status (*work)(const Words&, const Context&), const char* example) {
  auto* command = group.add_subcommand(name, what);
  auto words = std::make_shared<Words>();
  command->add_option("DIR", words->directory, "The installation (zhili init)")->required()->type_name("DIR");
  add_common_options(*command, context);
  command->callback(
      [&context, words, work] { context.action = [&context, words, work] { return work(*words, context); }; });
  command->footer(fmt::format("Example:\n  {}", example));
  return {command, words};
}

}  // namespace

void add_batch_commands(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("batch", "Batches of departments' datasets, and their quality");
  group->require_subcommand(1);
  const auto sending = add(*group, context, "send", "Check a file and land it as a batch of a dataset", send,
                           "zhili batch send /srv/zhili police.residents residents.csv --batch 2026-11-23");
  sending.app->add_option("DATASET", sending.words->dataset, "Of the catalogue")->required()->type_name("DATASET");
  sending.app->add_option("FILE", sending.words->file, "CSV, TSV, JSON lines or Parquet")
      ->required()
      ->type_name("FILE");
  sending.app->add_option("--batch", sending.words->batch, "Tells it from others [today]")->type_name("NAME");
  sending.app->add_flag("--changes", sending.words->changes, "Insert, update and delete by a column _change");
  const auto listing = add(*group, context, "list", "Batches of a dataset, newest first", list,
                           "zhili batch list /srv/zhili police.residents");
  listing.app->add_option("DATASET", listing.words->dataset, "Of the catalogue")->required()->type_name("DATASET");
  const auto showing = add(*group, context, "show", "One batch with the report on its quality, as JSON", show,
                           "zhili batch show /srv/zhili 01M82FNECE1SA66CZSNDGWZYGT");
  showing.app->add_option("BATCH", showing.words->batch, "Its id")->required()->type_name("ID");
  for (const auto& [name, what, work] :
       {std::tuple{"release", "Let a batch count that is held back", &release},
        std::tuple{"drop", "Refuse a batch that is held back; its file is removed", &drop}}) {
    const auto deciding =
        add(*group, context, name, what, work,
            fmt::format("zhili batch {} /srv/zhili 01M82FNECE1SA66CZSNDGWZYGT --reason 源系统已确认", name).c_str());
    deciding.app->add_option("BATCH", deciding.words->batch, "Its id")->required()->type_name("ID");
    deciding.app->add_option("--reason", deciding.words->reason, "Is kept with it, and in the log")
        ->required()
        ->type_name("TEXT");
  }
  group->footer("Example:\n  zhili batch send /srv/zhili police.residents residents.csv --batch 2026-11-23");
}

}  // namespace zhili::cli
