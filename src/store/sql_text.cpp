#include "store/sql_text.hpp"

#include <algorithm>
#include <array>

namespace zhili::store {
namespace {

// What one engine refuses, a test on both finds. These are what both take and understand differently, and what only the
// store itself may say.
constexpr std::array kForeign = {"INTEGER", "INT",   "REAL",   "AUTOINCREMENT", "GENERATED",
                                 "SERIAL",  "ROWID", "STRICT", "DEFERRABLE",    "PRAGMA"};

struct Token {
  enum class Kind { kWord, kQuoted, kString, kMark, kSpace, kComment };
  Kind kind;
  std::string_view text;
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string upper(std::string_view word) {
  std::string out(word);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

Result<std::vector<Token>> tokens_of(std::string_view sql) {
  std::vector<Token> tokens;
  for (size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    size_t end = at + 1;
    Token::Kind kind = Token::Kind::kMark;
    if (c == '\'' || c == '"') {
      // A doubled quote ends one piece and begins the next, which comes to the same.
      end = sql.find(c, at + 1);
      if (end == std::string_view::npos) return fail(ErrorCode::kInternal, {}, "", "a quote is never closed");
      ++end;
      kind = c == '"' ? Token::Kind::kQuoted : Token::Kind::kString;
    } else if (sql.substr(at, 2) == "--") {
      end = std::min(sql.find('\n', at), sql.size());
      kind = Token::Kind::kComment;
    } else if (sql.substr(at, 2) == "/*") {
      end = sql.find("*/", at);
      if (end == std::string_view::npos) return fail(ErrorCode::kInternal, {}, "", "a comment is never closed");
      end += 2;
      kind = Token::Kind::kComment;
    } else if (is_word(c)) {
      while (end < sql.size() && is_word(sql[end])) ++end;
      kind = Token::Kind::kWord;
    } else if (c == ' ' || c == '\n' || c == '\t') {
      kind = Token::Kind::kSpace;
    }
    tokens.push_back({kind, sql.substr(at, end - at)});
    at = end;
  }
  return tokens;
}

/// Goes through the tokens once, writing the text anew and noting what tables it creates.
class Speller {
 public:
  Speller(const std::vector<Token>& tokens, Engine engine) : tokens_(tokens), sqlite_(engine == Engine::kSqlite) {}

  Result<SqlText> spell() {
    for (at_ = 0; at_ < tokens_.size(); ++at_) ZHILI_TRY(take(tokens_[at_]));
    if (depth_ != 0) return fail(ErrorCode::kInternal, {}, "", "a bracket is never closed");
    ZHILI_TRY(end_statement());
    return std::move(out_);
  }

 private:
  Status take(const Token& token) {
    switch (token.kind) {
      case Token::Kind::kSpace:
      case Token::Kind::kString:
        break;
      case Token::Kind::kComment:
        if (table_ && token.text == "/* small */") table_text().small = true;
        break;
      case Token::Kind::kMark:
        ZHILI_TRY(take_mark(token.text[0]));
        return {};
      case Token::Kind::kQuoted:
        if (naming_) name_table(token.text.substr(1, token.text.size() - 2));
        break;
      case Token::Kind::kWord:
        return take_word(token.text);
    }
    out_.sql += token.text;
    return {};
  }

  Status take_mark(char mark) {
    if (mark == '(') ++depth_;
    if (mark == ')') {
      if (--depth_ < 0) return fail(ErrorCode::kInternal, {}, "", "a bracket is closed that is not open");
      if (key_depth_ > depth_) key_depth_ = 0;
    }
    if (mark == '(' && key_) {
      key_ = false;
      key_depth_ = depth_;
    }
    if (mark == ',' && key_) key_ = false;  // It stood behind a column.
    if (mark == ';' && depth_ == 0) {
      ZHILI_TRY(end_statement());
    }
    out_.sql += mark;
    return {};
  }

  Status take_word(std::string_view text) {
    const std::string word = upper(text);
    const bool before_table = words_ == 1 && first_ == "CREATE" && word == "TABLE";
    if (words_++ == 0) first_ = word;
    if (naming_) {
      if (word == "IF" || word == "NOT" || word == "EXISTS") {
        out_.sql += text;
        return {};
      }
      name_table(text);
    } else if (table_) {
      look_for_key(word);
    }
    if (before_table) naming_ = true;
    if (std::ranges::find(kForeign, word) != kForeign.end()) {
      return fail(ErrorCode::kInternal, {}, "Tables are made of BIGINT, DOUBLE PRECISION, TEXT and BYTEA.",
                  "'{}' is not a word that all engines know alike", text);
    }
    if (sqlite_ && word == "PRECISION" && last_ == "DOUBLE") {
      out_.sql.resize(out_.sql.size() - gap_since_last());
      out_.sql.resize(out_.sql.size() - last_.size());
      out_.sql += "REAL";
    } else if (sqlite_ && word == "BIGINT") {
      out_.sql += "INTEGER";
    } else if (sqlite_ && word == "BYTEA") {
      out_.sql += "BLOB";
    } else {
      out_.sql += text;
    }
    last_ = word;
    end_of_last_ = out_.sql.size();
    return {};
  }

  size_t gap_since_last() const { return out_.sql.size() - end_of_last_; }
  TableText& table_text() { return out_.tables.back(); }

  void name_table(std::string_view name) {
    naming_ = false;
    table_ = true;
    out_.tables.push_back({std::string(name), false, false, false});
  }

  void look_for_key(const std::string& word) {
    if (word == "KEY" && last_ == "PRIMARY") {
      table_text().has_key = true;
      key_ = true;
      if (column_ == "AREA_ID") table_text().has_area = true;
    } else if (key_depth_ > 0 && word == "AREA_ID") {
      table_text().has_area = true;
    }
    // The first word of a column's definition is its name.
    if (depth_ == 1 && key_depth_ == 0 && at_column_start()) column_ = word;
  }

  bool at_column_start() const {
    for (size_t back = at_; back > 0; --back) {
      const Token& token = tokens_[back - 1];
      if (token.kind == Token::Kind::kSpace || token.kind == Token::Kind::kComment) continue;
      return token.text == "," || token.text == "(";
    }
    return false;
  }

  Status end_statement() {
    if (table_) {
      if (!table_text().has_key) {
        return fail(ErrorCode::kInternal, {}, "", "table {} has no primary key", table_text().name);
      }
      if (!table_text().has_area && !table_text().small) {
        return fail(ErrorCode::kInternal, {},
                    "Begin its primary key with area_id, so that it can be spread over servers; mark a table that "
                    "stays small with /* small */ behind its name.",
                    "table {} has no area_id in its primary key", table_text().name);
      }
      if (sqlite_) out_.sql.insert(end_of_text(), " STRICT");
    }
    table_ = naming_ = key_ = false;
    words_ = 0;
    key_depth_ = 0;
    last_.clear();
    first_.clear();
    column_.clear();
    return {};
  }

  /// Where the statement's text ends: behind its last bracket.
  size_t end_of_text() const { return out_.sql.rfind(')') + 1; }

  const std::vector<Token>& tokens_;
  bool sqlite_;
  SqlText out_;
  size_t at_ = 0;
  int depth_ = 0;
  int words_ = 0;        // Of the statement so far.
  bool naming_ = false;  // The table's name comes next.
  bool table_ = false;   // Within a CREATE TABLE, behind its name.
  bool key_ = false;     // PRIMARY KEY was just read.
  int key_depth_ = 0;    // Depth of the brackets that hold the key's columns.
  std::string first_;    // Word of the statement.
  std::string last_;     // Word before.
  std::string column_;
  size_t end_of_last_ = 0;
};

}  // namespace

Result<SqlText> spell_sql(std::string_view sql, Engine engine) {
  ZHILI_ASSIGN(const auto tokens, tokens_of(sql));
  return Speller(tokens, engine).spell();
}

}  // namespace zhili::store
