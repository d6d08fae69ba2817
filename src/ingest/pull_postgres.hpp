#pragma once

#include <chrono>
#include <string>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "ingest/ingest.hpp"

namespace zhili::ingest {

/// A query whose rows are a batch.
struct PostgresPull {
  std::string url;    ///< postgresql://… It holds a password: keep it sealed, and don't log it.
  std::string query;  ///< SELECT …; its columns are called as the dataset's columns.
  std::string dataset;
  std::string batch;
  BatchKind kind = BatchKind::kFull;
  std::string sender;
  std::chrono::seconds time_limit{3600};  ///< Of the query.
};

/// Runs the query in a transaction that can only read, sends its rows on as they come, and lands them. Memory does not
/// grow with their number. Errors: kUnavailable where the database is out of reach; kInput where the query fails, with
/// what the database says; those of Ingest.
Result<Batch> pull_postgres(const Ingest& ingest, const PostgresPull& pull, const Cancel* cancel = nullptr);

}  // namespace zhili::ingest
