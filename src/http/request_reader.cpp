#include "http/request_reader.hpp"

#include <algorithm>
#include <cstdint>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "base/limits.hpp"

namespace zhili::http {
namespace beast = boost::beast;

namespace {

Problem bad_message(const char* zh, const char* en) { return bad_request("bad-message", {zh, en}); }

Problem head_too_large() {
  return {431,
          "head-too-large",
          {"请求头过大", "The head is too large"},
          {"请求头的行数或长度超出限制", "The fields are too many or too long"}};
}

Problem target_too_long() {
  return {
      414, "target-too-long", {"请求地址过长", "The target is too long"}, {"请求地址过长", "The target is too long"}};
}

// What Beast takes and others may read differently. `head` is a whole head, its empty line included.
bool is_loose(std::string_view head) {
  for (size_t i = 0; i < head.size(); ++i) {
    const char c = head[i];
    if (c == '\0') return true;
    if (c == '\r' && (i + 1 >= head.size() || head[i + 1] != '\n')) return true;
    if (c != '\n') continue;
    if (i == 0 || head[i - 1] != '\r') return true;
    if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t')) return true;  // A folded field.
  }
  return false;
}

}  // namespace

class RequestReader::Parser : public beast::http::basic_parser<true> {
 public:
  explicit Parser(RawRequest& request) : request_(request) {
    header_limit(static_cast<std::uint32_t>(limits::kHeadBytes + 4));
    body_limit(boost::none);
  }

  int version_of() const { return version_; }

  std::optional<Problem> problem;  // What is known better than Beast's own word for it.
  size_t scanned = 0;              // Of a head that is not complete yet.

 private:
  using Error = boost::system::error_code;
  using Text = beast::string_view;

  void stop(Problem why, Error& ec) {
    problem = std::move(why);
    ec = beast::http::error::bad_value;
  }

  void on_request_impl(beast::http::verb /*method*/, Text method, Text target, int version, Error& ec) override {
    if (version != 10 && version != 11) {
      return stop({505, "bad-version", {"不支持的协议版本", "HTTP version not supported"}, {}}, ec);
    }
    if (target.size() > limits::kTargetBytes) return stop(target_too_long(), ec);
    version_ = version;
    request_.method.assign(method.data(), method.size());
    request_.target.assign(target.data(), target.size());
  }
  void on_response_impl(int /*code*/, Text /*reason*/, int /*version*/, Error& ec) override {
    ec = beast::http::error::bad_version;
  }
  void on_field_impl(beast::http::field field, Text name, Text value, Error& ec) override {
    if (is_header_done()) return;  // Trailers say nothing here.
    if (request_.headers.size() >= limits::kHeaderFields) return stop(head_too_large(), ec);
    if (field == beast::http::field::transfer_encoding && !beast::iequals(value, "chunked")) {
      return stop({501, "bad-transfer-coding", {"不支持的传输编码", "Transfer coding not supported"}, {}}, ec);
    }
    if (field == beast::http::field::content_length) {
      const bool digits = !value.empty() && value.find_first_not_of("0123456789") == Text::npos;
      if (!digits || request_.headers.find("content-length")) {
        return stop(bad_message("Content-Length 有误", "Content-Length is given twice, or is no number"), ec);
      }
    }
    request_.headers.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  void on_header_impl(Error& /*ec*/) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& /*ec*/) override {
    // What the client says is trusted for a little only.
    if (length) request_.body.reserve(std::min<std::uint64_t>(*length, size_t{64} << 10));
  }
  std::size_t on_body_impl(Text body, Error& /*ec*/) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t /*size*/, Text /*extensions*/, Error& /*ec*/) override {}
  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, Text body, Error& /*ec*/) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(Error& /*ec*/) override {}

  RawRequest& request_;
  int version_ = 11;
};

RequestReader::RequestReader() : parser_(std::make_unique<Parser>(request_)) {}
RequestReader::~RequestReader() = default;

RequestReader::Step RequestReader::read_head(std::string_view bytes) {
  Step step;
  // One empty line before a request is passed over, as RFC 9112 asks for.
  if (bytes.starts_with("\r\n")) step.consumed = 2;
  const std::string_view rest = bytes.substr(step.consumed);
  const size_t from = std::min(parser_->scanned, rest.size());
  const size_t end = rest.find("\r\n\r\n", from > 3 ? from - 3 : 0);
  if (end == std::string_view::npos || end + 4 > limits::kHeadBytes) {
    parser_->scanned = rest.size();
    // Known early, so that an endless line is not waited for.
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    if (line.size() > limits::kTargetBytes + 64) {
      step.problem = target_too_long();
    } else if (rest.size() >= limits::kHeadBytes) {
      step.problem = head_too_large();
    } else if (is_loose(rest.substr(0, rest.size() - (rest.ends_with('\r') ? 1 : 0)))) {
      step.problem = bad_message("请求头格式有误", "The head is malformed");
    }
    step.consumed = 0;
    return step;
  }
  const std::string_view head = rest.substr(0, end + 4);
  if (is_loose(head)) {
    step.problem = bad_message("请求头格式有误", "The head is malformed");
    return step;
  }
  boost::system::error_code failed;
  const size_t used = parser_->put(boost::asio::buffer(head.data(), head.size()), failed);
  if (failed || used != head.size() || !parser_->is_header_done()) {
    step.problem = parser_->problem.value_or(bad_message("请求头格式有误", "The head is malformed"));
    return step;
  }
  const size_t hosts = request_.headers.count("host");
  if (hosts > 1 || (hosts == 0 && parser_->version_of() == 11)) {
    step.problem = bad_message("须有且只有一个 Host", "There has to be one Host");
    return step;
  }
  request_.keep_alive = parser_->keep_alive() && parser_->version_of() == 11;
  step.consumed += used;
  step.done = true;
  return step;
}

std::optional<size_t> RequestReader::announced() const {
  const auto length = parser_->content_length();
  if (!length) return std::nullopt;
  return static_cast<size_t>(*length);
}

bool RequestReader::expects_continue() const {
  const auto expect = request_.headers.find("expect");
  return expect && beast::iequals(beast::string_view(expect->data(), expect->size()), "100-continue") &&
         !parser_->is_done();
}

void RequestReader::limit_body(size_t bytes) { parser_->body_limit(bytes); }

RequestReader::Step RequestReader::read_body(std::string_view bytes) {
  Step step;
  step.done = parser_->is_done();
  while (!step.done && step.consumed < bytes.size()) {
    boost::system::error_code failed;
    const std::string_view rest = bytes.substr(step.consumed);
    const size_t used = parser_->put(boost::asio::buffer(rest.data(), rest.size()), failed);
    step.consumed += used;
    step.done = parser_->is_done();
    if (failed == beast::http::error::need_more) return step;
    if (failed) {
      step.problem = failed == beast::http::error::body_limit
                         ? Problem{413, "body-too-large", {"请求内容过大", "The body is too large"}, {}}
                         : bad_message("请求内容的分块有误", "The body's chunks are malformed");
      return step;
    }
  }
  return step;
}

}  // namespace zhili::http
