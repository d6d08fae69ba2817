// Preloaded into a server under test: its wall clock is off by so many microseconds as the file ZHILI_TEST_CLOCK says,
// and jumps when the file is written. Clocks that only measure spans run on.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

constexpr int64_t kMicros = 1'000'000;

const std::atomic<int64_t>* open_shift() {
  static const std::atomic<int64_t> none{0};
  const char* file = std::getenv("ZHILI_TEST_CLOCK");
  const int fd = file == nullptr ? -1 : ::open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return &none;
  void* place = ::mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  return place == MAP_FAILED ? &none : static_cast<const std::atomic<int64_t>*>(place);
}

int64_t shift() {
  static const std::atomic<int64_t>* const place = open_shift();
  return place->load(std::memory_order_relaxed);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* out) noexcept {
  const auto done = static_cast<int>(::syscall(SYS_clock_gettime, clock, out));
  if (done != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return done;
  const int64_t micros = int64_t{out->tv_sec} * kMicros + out->tv_nsec / 1000 + shift();
  out->tv_nsec = micros % kMicros * 1000 + out->tv_nsec % 1000;
  out->tv_sec = micros / kMicros;
  return 0;
}

extern "C" int gettimeofday(timeval* out, void* /*zone*/) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *out = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

extern "C" time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}
