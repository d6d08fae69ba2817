#include "store/outbox_rows.hpp"
#include "store/store.hpp"
#include "store/writer.hpp"

namespace zhili::store {
namespace {

/// Runs a statement for a change; the first one opens its savepoint.
Result<int64_t> run(ChangeState& state, std::string_view sql, Params params, RowSink* sink) {
  if (state.failed.has_value()) return fail(*state.failed);
  const auto noted = [&](Error error) {
    state.failed = error;
    return fail(std::move(error));
  };
  if (!state.alone && !state.savepoint) {
    if (auto opened = state.connection.savepoint(); !opened) return noted(opened.error());
    state.savepoint = true;
  }
  auto changed = state.connection.run(sql, params.values(), state.bounds, sink);
  if (!changed) return noted(changed.error());
  return changed;
}

}  // namespace

Result<Rows> Transaction::query(std::string_view sql, Params params) {
  RowCollector collector(state_.bounds);
  ZHILI_TRY(run(state_, sql, params, &collector));
  return collector.take();
}

Result<int64_t> Transaction::execute(std::string_view sql, Params params) { return run(state_, sql, params, nullptr); }

Status Transaction::append(const Appendable& table, std::vector<Value> row) {
  const auto noted = [&](Error error) {
    state_.failed = error;
    return fail(std::move(error));
  };
  if (row.size() != table.columns().size()) {
    return noted({ErrorCode::kInternal,
                  fmt::format("{} values for the {} columns of {}", row.size(), table.columns().size(), table.table()),
                  {},
                  ""});
  }
  if (auto good = check_values(row); !good) return noted(good.error());
  state_.appended.add(table, std::move(row));
  return {};
}

Status Transaction::publish(std::string topic, std::string payload) {
  if (topic.size() + payload.size() > limits::kEventBytes) {
    state_.failed =
        Error{ErrorCode::kLimit,
              fmt::format("an event of {} bytes; the limit is {}", topic.size() + payload.size(), limits::kEventBytes),
              {},
              "Name what happened; the subscriber reads the rest from the store."};
    return fail(*state_.failed);
  }
  // The position is known when the group ends.
  return append(outbox_rows(), {nullptr, std::move(topic), std::move(payload), state_.now});
}

}  // namespace zhili::store
