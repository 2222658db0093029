#include <atomic>
#include <csignal>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

#include "src/cli/terminal.h"

namespace chaintier {

namespace {

// A signal handler can reach nothing but a global.
std::atomic<StopFlag*> to_stop{nullptr};

extern "C" void on_interrupt(int signal_number) {
  StopFlag* stop = to_stop.load();
  if (!stop || stop->requested()) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
    return;
  }
  stop->request();
}

}  // namespace

bool standard_output_is_terminal() { return isatty(STDOUT_FILENO) == 1; }
bool standard_error_is_terminal() { return isatty(STDERR_FILENO) == 1; }

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

void stop_on_interrupt(StopFlag& stop) {
  to_stop = &stop;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void survive_closed_pipes() { std::signal(SIGPIPE, SIG_IGN); }

void say(const std::string& sentence) { std::fprintf(stderr, "chaintier: %s\n", sentence.c_str()); }

}  // namespace chaintier
