#include "http/connection.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.hpp"
#include "http/status_text.hpp"

namespace zhili::http {
namespace {

constexpr size_t kSmallBuffer = 4096;   // Of a connection that waits.
constexpr size_t kBodyBuffer = 65'536;  // While a body comes.
constexpr size_t kDrained = size_t{256} << 10;
constexpr std::chrono::milliseconds kDrainTime{2000};
constexpr size_t kSlowest = 32;  // Bytes of an answer a millisecond.
constexpr std::string_view kContinueLine = "HTTP/1.1 100 Continue\r\n\r\n";

void append_number(std::string& out, size_t number) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

Problem too_slow() {
  return {408, "too-slow", {"请求超时", "Too slow"}, {"请求未在限定时间内到齐", "The request did not come in time"}};
}

Problem over_time() {
  return {503,
          "time-limit",
          {"处理超时", "It took too long"},
          {"处理超出时限，结果未知；重复之前请先查看", "It took longer than it may; look before you repeat it"}};
}

}  // namespace

Connection::Connection(std::shared_ptr<Shared> shared, std::shared_ptr<Loop> loop, std::unique_ptr<Transport> transport,
                       std::string peer)
    : shared_(std::move(shared)), loop_(std::move(loop)), transport_(std::move(transport)), peer_(std::move(peer)) {}

Connection::~Connection() {
  if (state_ != State::kClosed) shared_->leave(peer_);  // It was never started.
}

void Connection::start() {
  loop_->add(this);
  shared_->endpoint.count_connections(1);
  set_limit(shared_->options.times.head);
  transport_->open(shared_from_this());
}

void Connection::on_open(const ErrorBits& failed) {
  if (failed || state_ != State::kOpening) return close();
  await_request();
}

void Connection::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  end_work();
  answering_.reset();
  transport_->close();
  loop_->remove(this);
  // Answers may keep this longer than the endpoint lives: it is not asked again.
  shared_->endpoint.count_connections(-1);
  shared_->leave(peer_);
}

void Connection::look_at_clock(SteadyTime now) {
  if (now < limit_ || state_ == State::kClosed) return;
  switch (state_) {
    case State::kWorking:
      limit_ = SteadyTime::max();
      if (const auto answering = std::exchange(answering_, nullptr)) answering->answer(over_time());
      return;
    case State::kHead:
      return head_begun_ ? refuse(too_slow()) : close();
    case State::kBody:
      return refuse(too_slow());
    default:
      return close();
  }
}

void Connection::stop_if_idle() {
  keep_alive_ = false;
  if (state_ != State::kHead || head_begun_) return;
  // What has come and was not read yet is a request that was taken.
  ErrorBits failed;
  if (transport_->socket().available(failed) == 0 || failed) close();
}

void Connection::await_request() {
  state_ = State::kHead;
  reader_ = std::make_unique<RequestReader>();
  admission_ = {};
  if (used_ == filled_) {
    used_ = filled_ = 0;
    if (buffer_.size() > kSmallBuffer) {
      buffer_.clear();
      buffer_.shrink_to_fit();
    }
  }
  head_begun_ = used_ != filled_;
  set_limit(head_begun_ ? shared_->options.times.head : shared_->options.times.idle);
  if (head_begun_) return take_head();
  if (shared_->stopping) stop_if_idle();
  if (state_ == State::kHead) read_more(kSmallBuffer);
}

// Reads into at least some of `room` bytes behind what is there.
void Connection::read_more(size_t room) {
  if (used_ > 0) {
    buffer_.erase(0, used_);
    filled_ -= used_;
    used_ = 0;
  }
  if (buffer_.size() < filled_ + room) buffer_.resize(filled_ + room);
  transport_->read(boost::asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_), shared_from_this());
}

void Connection::on_read(const ErrorBits& failed, size_t bytes) {
  if (state_ == State::kClosed) return;
  if (failed || bytes == 0) return close();
  if (state_ == State::kDraining) {
    drained_ += bytes;
    return drained_ > kDrained ? close() : drain();
  }
  filled_ += bytes;
  if (state_ == State::kHead) {
    if (!std::exchange(head_begun_, true)) set_limit(shared_->options.times.head);
    return take_head();
  }
  if (state_ == State::kBody) return take_body();
}

void Connection::take_head() {
  const RequestReader::Step step = reader_->read_head({buffer_.data() + used_, filled_ - used_});
  if (step.problem) return refuse(*step.problem);
  used_ += step.consumed;
  if (!step.done) return read_more(kSmallBuffer);
  RawRequest& request = reader_->request();
  request.peer = peer_;
  request.secure = transport_->secure();
  only_head_ = request.method == "HEAD";
  keep_alive_ = request.keep_alive;
  if (!begin_work()) return refuse(too_busy());
  admission_ = shared_->endpoint.admit(request);
  if (admission_.refusal) return send_last(std::move(*admission_.refusal));
  if (reader_->announced().value_or(0) > admission_.max_body) {
    return refuse({413, "body-too-large", {"请求内容过大", "The body is too large"}, {}});
  }
  if (!reserve_body()) return refuse(too_busy());
  reader_->limit_body(admission_.max_body);
  set_limit(shared_->options.times.body);
  if (reader_->expects_continue() && used_ == filled_) {
    state_ = State::kContinue;
    written_ = 0;
    transport_->write({boost::asio::buffer(kContinueLine.data(), kContinueLine.size()), {}}, shared_from_this());
    return;
  }
  state_ = State::kBody;
  take_body();
}

bool Connection::begin_work() {
  counted_ = shared_->in_work.fetch_add(1) < shared_->options.requests_in_work;
  if (!counted_) shared_->in_work.fetch_sub(1);
  return counted_;
}

// A body in pieces may become as large as it may be.
bool Connection::reserve_body() {
  const bool pieces = reader_->request().headers.find("transfer-encoding").has_value();
  reserved_ = pieces ? admission_.max_body : reader_->announced().value_or(0);
  return shared_->body_bytes.fetch_add(reserved_) + reserved_ <= shared_->options.bodies_bytes;
}

void Connection::end_work() {
  if (std::exchange(counted_, false)) shared_->in_work.fetch_sub(1);
  shared_->body_bytes.fetch_sub(std::exchange(reserved_, 0));
}

void Connection::take_body() {
  const RequestReader::Step step = reader_->read_body({buffer_.data() + used_, filled_ - used_});
  if (step.problem) return refuse(*step.problem);
  used_ += step.consumed;
  if (step.done) return work();
  if (filled_ - used_ >= kBodyBuffer) {
    return refuse(bad_request("bad-message", {"请求内容的分块有误", "The body's chunks are malformed"}));
  }
  const size_t rest = reader_->announced().value_or(kBodyBuffer) - reader_->request().body.size();
  read_more(std::clamp(rest, kSmallBuffer, kBodyBuffer));
}

void Connection::work() {
  state_ = State::kWorking;
  set_limit(admission_.time_limit);
  auto answering = shared_->endpoint.handle(std::move(reader_->request()), std::move(admission_), shared_from_this());
  if (state_ == State::kWorking) answering_ = std::move(answering);
}

void Connection::run(std::move_only_function<void()> work) { loop_->run(std::move(work)); }

bool Connection::here() const { return loop_->here(); }

// Answers what can't be read to its end.
void Connection::refuse(const Problem& problem) { send_last(shared_->endpoint.refuse(problem, reader_->request())); }

void Connection::send_last(Outgoing&& response) {
  state_ = State::kWorking;
  response.close = true;
  send(std::move(response));
}

void Connection::send(Outgoing&& response) {
  if (state_ != State::kWorking) return;
  answering_.reset();
  state_ = State::kWriting;
  outgoing_ = std::move(response);
  if (!keep_alive_ || shared_->stopping) outgoing_.close = true;
  const size_t length = outgoing_.shared_body ? outgoing_.shared_body->size() : outgoing_.body.size();
  head_.clear();
  head_.reserve(outgoing_.head.size() + 256);
  head_ += "HTTP/1.1 ";
  append_number(head_, static_cast<size_t>(outgoing_.status));
  head_ += ' ';
  head_ += status_text(outgoing_.status);
  head_ += "\r\n";
  head_ += loop_->date_line();
  const bool bodiless = outgoing_.status == 204 || outgoing_.status == 304;
  if (!bodiless) {
    head_ += "Content-Length: ";
    append_number(head_, length);
    head_ += "\r\n";
  }
  if (outgoing_.close) head_ += "Connection: close\r\n";
  head_ += outgoing_.head;
  head_ += "\r\n";
  if (only_head_ || bodiless) {
    outgoing_.body.clear();
    outgoing_.shared_body.reset();
  }
  written_ = 0;
  // However slowly a client takes it: for so long, and in the end for no longer than kSlowest needs.
  set_limit(shared_->options.times.write + std::chrono::milliseconds(length / kSlowest));
  write_next();
}

void Connection::write_next() {
  const std::string_view body = outgoing_.shared_body ? std::string_view(*outgoing_.shared_body) : outgoing_.body;
  const size_t of_head = std::min(written_, head_.size());
  const size_t of_body = written_ - of_head;
  transport_->write({boost::asio::buffer(head_.data() + of_head, head_.size() - of_head),
                     boost::asio::buffer(body.data() + of_body, body.size() - of_body)},
                    shared_from_this());
}

void Connection::on_written(const ErrorBits& failed, size_t bytes) {
  if (state_ == State::kClosed) return;
  if (failed) return close();
  written_ += bytes;
  if (state_ == State::kContinue) {
    // So short a line is written at once or not at all.
    if (written_ < kContinueLine.size()) return close();
    state_ = State::kBody;
    return read_more(kSmallBuffer);
  }
  const size_t body = outgoing_.shared_body ? outgoing_.shared_body->size() : outgoing_.body.size();
  if (written_ < head_.size() + body) return write_next();
  answer_written();
}

void Connection::answer_written() {
  end_work();
  const bool last = outgoing_.close;
  outgoing_ = {};
  if (!last) return await_request();
  // Closed at once with bytes unread, the client might lose the answer: so what it still sends is read for a while.
  state_ = State::kDraining;
  set_limit(kDrainTime);
  transport_->end();
  drain();
}

void Connection::drain() {
  if (buffer_.size() < kSmallBuffer) buffer_.resize(kSmallBuffer);
  transport_->read(boost::asio::buffer(buffer_.data(), buffer_.size()), shared_from_this());
}

}  // namespace zhili::http
