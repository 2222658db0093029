#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "src/cli/exit_code.h"
#include "src/cli/terminal.h"

namespace chaintier {

namespace {

constexpr std::array interrupts{SIGINT, SIGTERM, SIGHUP};
constexpr std::int64_t same_wish_ms = 500;
constexpr unsigned unheeded_seconds = 10;
constexpr int input_poll_ms = 100, input_patience_ms = 1000;

// A signal handler can reach nothing but globals.
std::atomic<StopFlag*> to_stop{nullptr};
std::atomic<std::int64_t> first_at{0};  // milliseconds of the monotonic clock; 0: there was none
std::atomic<bool> heeded{false};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

std::string said(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

extern "C" void on_interrupt(int signal_number) {
  const int kept = errno;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t at = std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000 + 1;
  std::int64_t first = 0;
  if (first_at.compare_exchange_strong(first, at)) {
    if (!heeded) alarm(unheeded_seconds);
    if (StopFlag* stop = to_stop.load()) stop->request();
  } else if (at - first >= same_wish_ms) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
  }
  errno = kept;
}

extern "C" void on_unheeded(int) {
  constexpr std::string_view what =
      "chaintier: interrupted while its input was being read: nothing was scanned\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, what.data(), what.size());
  _exit(static_cast<int>(ExitCode::interrupted));
}

bool is_ignored(int signal_number) {
  struct sigaction action {};
  return sigaction(signal_number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

bool standard_output_is_terminal() { return isatty(STDOUT_FILENO) == 1; }
bool standard_error_is_terminal() { return isatty(STDERR_FILENO) == 1; }

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

bool terminal_is_dumb() { return said("TERM") == "dumb"; }

bool terminal_has_symbols() {
  if (terminal_is_dumb() || said("TERM") == "linux") return false;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})  // the first that is set decides (POSIX 8.2)
    if (std::string locale = said(name); !locale.empty()) {
      for (char& c : locale) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    }
  return false;
}

bool terminal_takes_links() {
  if (!standard_output_is_terminal()) return false;
  const std::string term = said("TERM"), program = said("TERM_PROGRAM");
  // Multiplexers pass on only what they know, and do not say what that is.
  if (term.empty() || term == "dumb" || term == "linux" || term.starts_with("screen") ||
      term.starts_with("tmux"))
    return false;
  // GNOME's terminals since 0.50, Konsole since 20.12; the others since long ago.
  if (std::atoi(said("VTE_VERSION").c_str()) >= 5000 || std::atoi(said("KONSOLE_VERSION").c_str()) >= 201200)
    return true;
  if (!said("WT_SESSION").empty() || !said("KITTY_WINDOW_ID").empty()) return true;
  for (const char* known : {"iTerm.app", "WezTerm", "vscode", "ghostty"})
    if (program == known) return true;
  return term.find("kitty") != std::string::npos || term.starts_with("foot") || term.starts_with("alacritty");
}

void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) == -1 && errno == EBADF)  // open() takes the lowest that is free
      static_cast<void>(open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

void hold_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int number : interrupts)
    if (number != SIGHUP || !is_ignored(number)) sigaction(number, &action, nullptr);
  std::signal(SIGALRM, on_unheeded);
}

void interrupts_are_heeded() {
  heeded = true;
  alarm(0);
}

void stop_on_interrupt(StopFlag& stop) {
  to_stop = &stop;
  hold_interrupts();
  if (first_at != 0) stop.request();
}

void end_on_interrupt() {
  for (const int number : interrupts)
    if (number != SIGHUP || !is_ignored(number)) std::signal(number, SIG_DFL);
  if (first_at != 0) std::raise(SIGINT);
}

Result<std::optional<Bytes>> read_standard_input(std::size_t limit, const StopFlag& stop) {
  const auto failed = [](std::string_view why) {
    return input_error(Stage::read, fmt::format("cannot read standard input: {}", why));
  };
  Bytes content;
  std::array<std::uint8_t, 65536> block;
  for (;;) {
    pollfd wanted{STDIN_FILENO, POLLIN, 0};
    const bool last_call = stop.requested();
    const int ready = poll(&wanted, 1, last_call ? input_patience_ms : input_poll_ms);
    if (ready == 0 && last_call) return std::optional<Bytes>();
    if (ready < 0 && errno != EINTR) return failed(std::strerror(errno));
    if (ready <= 0) continue;
    const ssize_t got = read(STDIN_FILENO, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(std::strerror(errno));
    if (got == 0) return std::optional(std::move(content));
    content.insert(content.end(), block.begin(), block.begin() + got);
    if (content.size() > limit) return failed(fmt::format("it is larger than {} MiB", limit >> 20));
  }
}

void survive_failed_writes() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void say(const std::string& sentence) { std::fprintf(stderr, "chaintier: %s\n", sentence.c_str()); }

}  // namespace chaintier
